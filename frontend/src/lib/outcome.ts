/** What a person says about how an issue really ended. */
import type { IssueChange } from "./api-types";

export interface Outcome {
  /** Whether the latest answer was right; empty where nobody says. */
  answer: "" | "right" | "wrong";
  isOutside: boolean;
  commit: string;
}

export const EMPTY_OUTCOME: Outcome = { answer: "", isOutside: false, commit: "" };

/** Null where nothing was said, so that what was said earlier stays. An answer that was right names the cause itself. */
export function outcomeBody({ answer, isOutside, commit }: Outcome): IssueChange["outcome"] {
  if (answer === "right") return { answer };
  const cause = commit.trim().toLowerCase();
  if (!answer && !isOutside && !cause) return null;
  return { answer, is_outside: isOutside, commit: isOutside ? "" : cause };
}
