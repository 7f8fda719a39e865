/** Who made a call, for people: receipts name callers as `run:<id>`, `user:<name>` or `recheck:<receipt> by <name>`. */
import type { CallFacts } from "./api-types";

type Told = Pick<CallFacts, "caller" | "issue" | "run_number" | "attempt">;

export function callerName({ caller, issue, run_number, attempt }: Told): string {
  if (caller.startsWith("user:")) return caller.slice("user:".length);
  if (!caller.startsWith("run:")) return askedAgainBy(caller) ?? caller;
  const run = issue === null ? "the run" : `${issue} run ${run_number}`;
  return attempt === null ? run : `${run}, attempt ${attempt}`;
}

/** The same as the end of a sentence. */
export function byCaller(call: Told): string {
  return askedAgainBy(call.caller) ? `checked again by ${callerName(call)}` : `by ${callerName(call)}`;
}

function askedAgainBy(caller: string): string | undefined {
  return /^recheck:[0-9a-f-]+ by (.+)$/.exec(caller)?.[1];
}
