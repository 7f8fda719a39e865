import { expect, it } from "vitest";
import type { RunSummary } from "@/lib/api-types";
import { linesOf } from "@/lib/lines";

const run = (number: number, from: number | null = null, fork_kind: RunSummary["fork_kind"] = null): RunSummary => ({
  id: `run-${number}`,
  number,
  status: "succeeded",
  stage: "publish",
  verdict: null,
  model: "",
  forked_from: from === null ? null : `run-${from}`,
  fork_kind,
  ended_at: null,
  cost_usd: null,
  has_unpriced_calls: false,
});
const told = (runs: RunSummary[]) => linesOf(runs).map(({ run, origin, depth }) => [run.number, origin?.number, depth]);

it("puts each run after the one that it goes on from", () => {
  expect(told([run(4, 2, "resume"), run(3), run(2, 1, "branch"), run(1)])).toEqual([
    [1, undefined, 0],
    [2, 1, 1],
    [4, 2, 2],
    [3, undefined, 0],
  ]);
});

it("loses none whose origin is not among them", () => {
  expect(told([run(2, 9, "branch"), run(1)])).toEqual([
    [1, undefined, 0],
    [2, undefined, 0],
  ]);
});
