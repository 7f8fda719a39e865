import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { StepItem } from "@/components/run/step-item";
import { noUsage, type Step, type StepPart } from "@/lib/run-state";

const call: StepPart = {
  type: "call",
  id: "c1",
  call: {
    id: "c1",
    seq: 2,
    tool: "code__read",
    arguments: { path: "a.py" },
    state: "ok",
    attempt: 1,
    excerpt: "",
    receiptId: "r1",
    startedAt: "2026-01-01T00:00:00Z",
    durationMs: 24,
  },
};
const step = (more: Partial<Step>): Step => ({
  id: "s1",
  seq: 1,
  position: 4,
  title: "Reading a.py",
  stage: "analyze",
  attempt: 1,
  state: "finished",
  summary: "",
  startedAt: "2026-01-01T00:00:00Z",
  endedAt: "2026-01-01T00:00:02Z",
  parts: [],
  usage: noUsage,
  ...more,
});
const show = (shown: Step) => render(<StepItem step={shown} onReceipt={() => undefined} />);

it("tells the time of its only call once", () => {
  show(step({ parts: [call], summary: "ok, 780 characters" }));
  expect(screen.getByText("24 ms")).toBeTruthy();
  expect(screen.queryByText("2.0 s")).toBeNull();
  expect(screen.getAllByText("ok, 780 characters")).toHaveLength(1);
});

it("has the number that messages are taken in at", () => {
  show(step({ summary: "TypeError in overlaps" }));
  expect(screen.getByText("4")).toBeTruthy();
  expect(screen.getByText("2.0 s")).toBeTruthy();
  expect(screen.getByText("TypeError in overlaps")).toBeTruthy();
});

it("marks where the model was interrupted, between what it said before and after", () => {
  const said = (id: string, text: string): StepPart => ({ type: "text", id, attempt: 1, text, pieces: [] });
  const interruption: StepPart = { type: "interruption", id: "i1", at: "2026-01-01T00:00:01Z", askedBy: "Rita" };
  show(step({ parts: [said("t1", "Half a"), interruption, said("t2", "Anew")] }));
  const shown = screen.getByRole("article").textContent ?? "";
  expect(shown).toMatch(/Half a.*interrupted here: Rita wanted a message used now.*Anew/);
});
