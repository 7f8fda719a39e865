/** The runs of an issue as lines: which of them goes on from which. */
import type { RunSummary } from "./api-types";

export interface Line {
  run: RunSummary;
  /** The run that it goes on from. */
  origin: RunSummary | undefined;
  /** How many runs it goes on from, one after another. */
  depth: number;
}

/** Each run after the one that it goes on from; those that begin at the report in the order of their numbers. */
export function linesOf(runs: readonly RunSummary[]): Line[] {
  const byNumber = runs.toSorted((a, b) => a.number - b.number);
  const under = (origin: RunSummary | undefined, depth: number): Line[] =>
    byNumber
      .filter((run) => findOrigin(byNumber, run) === origin)
      .flatMap((run) => [{ run, origin, depth }, ...under(run, depth + 1)]);
  return under(undefined, 0);
}

/** Only an earlier run can be one's origin. */
const findOrigin = (runs: readonly RunSummary[], run: RunSummary): RunSummary | undefined =>
  runs.find((each) => each.id === run.forked_from && each.number < run.number);
