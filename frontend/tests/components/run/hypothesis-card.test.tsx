import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { HypothesisCard } from "@/components/run/hypothesis-card";
import type { HypothesisChange, TrackedHypothesis } from "@/lib/run-state";

const change = (seq: number, more: Partial<HypothesisChange> = {}): HypothesisChange => ({
  seq,
  at: "2026-01-01T12:00:00Z",
  status: "stated",
  because: "",
  evidence: [],
  ...more,
});
const held = (id: string, changes: HypothesisChange[]): TrackedHypothesis => {
  const { status, because, evidence } = changes.at(-1) ?? change(1);
  return { id, statement: `It is ${id}.`, status, because, evidence: [...evidence], source: "localization", changes };
};
const show = (hypotheses: TrackedHypothesis[], isOver = false) =>
  render(<HypothesisCard hypotheses={hypotheses} known={new Set([2])} isOver={isOver} />);

it("is the first word, and says that it is not proven and where it comes from", () => {
  show([held("pricing.py", [change(1)])]);
  const card = screen.getByRole("article", { name: "First hypothesis" });
  for (const told of ["It is pricing.py.", "not proven yet", "Stated from localization"])
    expect(card.textContent).toContain(told);
});

it("tells how it came to stand where it stands, with the evidence", () => {
  show([held("the deploy", [change(1), change(5, { status: "weakened", because: "It failed before, too", evidence: [2] })])]);
  expect(screen.getByRole("article", { name: "Current hypothesis" }).textContent).toContain("It failed before, too");
  expect(screen.getAllByRole("listitem").map((item) => item.textContent?.match(/Stated|Weakened/)?.[0])).toEqual([
    "Stated",
    "Weakened",
  ]);
  expect(screen.getAllByRole("link", { name: "Evidence 2" })).not.toHaveLength(0);
});

it("says so when none stands any more", () => {
  show([held("a", [change(1), change(2, { status: "ruled_out" })])]);
  expect(screen.getByText(/None of them stands any more/)).toBeTruthy();
});

it("is folded once there is an answer, and absent where nothing was held possible", () => {
  const { rerender } = show([held("a", [change(1)])], true);
  expect(screen.queryByRole("article")).toBeNull();
  expect(screen.getByText("1 hypothesis on the way")).toBeTruthy();
  rerender(<HypothesisCard hypotheses={[]} known={new Set()} isOver={false} />);
  expect(screen.queryByText(/hypothes/i)).toBeNull();
});
