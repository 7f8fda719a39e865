import { expect, it } from "vitest";
import { leadingHypothesis } from "@/lib/hypotheses";
import type { Hypothesis, TrackedHypothesis } from "@/lib/run-state";

const held = (id: string, status: Hypothesis["status"], seq: number): TrackedHypothesis => ({
  id,
  statement: id,
  status,
  because: "",
  evidence: [],
  source: "model",
  changes: [{ seq, at: "2026-01-01T00:00:00Z", status, because: "", evidence: [] }],
});

it("leads with the one that was strengthened, whenever that was", () => {
  expect(leadingHypothesis([held("old", "strengthened", 1), held("new", "stated", 9)])?.id).toBe("old");
});

it("leads with the latest of those that stand alike", () => {
  expect(leadingHypothesis([held("first", "stated", 1), held("second", "stated", 2)])?.id).toBe("second");
});

it("leads with none once all are ruled out", () => {
  expect(leadingHypothesis([held("a", "ruled_out", 3)])).toBeUndefined();
  expect(leadingHypothesis([held("a", "ruled_out", 3), held("b", "weakened", 1)])?.id).toBe("b");
});
