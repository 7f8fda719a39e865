/** Which hypothesis a reader is to be shown first, and how its states are called. */
import type { Hypothesis, TrackedHypothesis } from "./run-state";

export const HYPOTHESIS_STATUS_NAMES: Record<Hypothesis["status"], string> = {
  stated: "Stated",
  strengthened: "Strengthened",
  weakened: "Weakened",
  ruled_out: "Ruled out",
};

const SOURCES: Record<string, string> = {
  triage: "from a first reading of the report",
  localization: "from localization",
  model: "by the model",
};

export const sourceName = (source: string): string => SOURCES[source] ?? `by ${source}`;

/** The better it stands, the lower. */
const RANKS: Record<Hypothesis["status"], number> = { strengthened: 0, stated: 1, weakened: 2, ruled_out: 3 };

/** The one that stands best; of equals the one that was told last. None once all of them are ruled out. */
export function leadingHypothesis(hypotheses: readonly TrackedHypothesis[]): TrackedHypothesis | undefined {
  const lastSeq = (each: TrackedHypothesis) => each.changes.at(-1)?.seq ?? 0;
  const standing = hypotheses.filter((each) => each.status !== "ruled_out");
  return standing.toSorted((a, b) => RANKS[a.status] - RANKS[b.status] || lastSeq(b) - lastSeq(a))[0];
}
