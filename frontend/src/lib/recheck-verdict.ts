/** How the answer of a call that was made again stands to the first one; as the server says it of a new one. */
import type { CallFacts, Recheck } from "./api-types";

type Answered = Pick<CallFacts, "result_hash" | "status">;

export function verdictOf(first: Answered, again: Answered): Recheck["verdict"] {
  if (first.result_hash === again.result_hash && first.status === again.status) return "same";
  return again.status === "ok" || again.status === "no_data" ? "changed" : "failed";
}
