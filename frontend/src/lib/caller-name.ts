/** Who made a call, for people: receipts name callers as `run:<id>`, `user:<name>` or `recheck:<receipt> by <name>`. */
import type { CallFacts } from "./api-types";

export function callerName({ caller, attempt }: Pick<CallFacts, "caller" | "attempt">): string {
  if (caller.startsWith("run:")) return attempt === null ? "the run" : `the run, attempt ${attempt}`;
  if (caller.startsWith("user:")) return caller.slice("user:".length);
  const again = /^recheck:[0-9a-f-]+ by (.+)$/.exec(caller);
  return again?.[1] ? `${again[1]}, to check it again` : caller;
}
