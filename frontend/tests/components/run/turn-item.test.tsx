import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { type Mark, TurnItem } from "@/components/run/turn-item";
import { noUsage, type Step, type StepPart, type ToolCall } from "@/lib/run-state";

const call = (more: Partial<ToolCall> = {}): StepPart => {
  const made: ToolCall = {
    id: "c1",
    seq: 2,
    tool: "code__read",
    arguments: { path: "a.py" },
    state: "ok",
    attempt: 1,
    excerpt: "1  x = 1",
    receiptId: "r1",
    startedAt: "2026-01-01T00:00:00Z",
    durationMs: 24,
    ...more,
  };
  return { type: "call", id: made.id, call: made };
};
const step = (more: Partial<Step>): Step => ({
  id: "s1",
  seq: 1,
  position: 4,
  title: "Deciding what to look at next",
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
const said = (text: string): StepPart => ({ type: "text", id: "t1", attempt: 1, text, pieces: [] });
const KNOWN: ReadonlySet<number> = new Set();
const show = (steps: Step[], mark?: Mark) =>
  render(<TurnItem steps={steps} isLatest={false} known={KNOWN} mark={mark} onReceipt={() => undefined} />);

it("is one line when it is over: what was said, the calls made for it, and how long it took", async () => {
  show([step({ parts: [said("I read `a.py`.")] }), step({ id: "s2", position: 5, parts: [call()] })]);
  expect(screen.getByText("I read a.py.")).toBeTruthy();
  expect(screen.getByText("Read 1 file")).toBeTruthy();
  expect(screen.queryByText("24 ms")).toBeNull();
  await userEvent.click(screen.getByText("Read 1 file"));
  expect(screen.getByText("24 ms")).toBeTruthy();
});

it("is open while it runs", () => {
  show([step({ state: "running", endedAt: null, parts: [call({ state: "running", durationMs: null })] })]);
  expect(screen.getByText("a.py")).toBeTruthy();
});

it("is open where a call failed, down to what the call answered", () => {
  show([step({ parts: [call({ state: "error", excerpt: "No such file" })] })]);
  expect(screen.getByText("1 failed")).toBeTruthy();
  expect(screen.getByText("No such file")).toBeTruthy();
});

it("opens for the call that the address names, and can be folded again", async () => {
  show([step({ parts: [call()] })], { stepId: "s1", callId: "c1" });
  const result = screen.getByText("1 x = 1", { collapseWhitespace: true });
  expect(result.closest("[data-marked=true]")).toBeTruthy();
  await userEvent.click(screen.getByText("Read 1 file"));
  expect(result.isConnected).toBe(false);
});

it("shows the last calls of a long turn and tells how many are hidden", async () => {
  const calls = Array.from({ length: 20 }, (_, at) =>
    step({
      id: `s${at}`,
      position: at,
      state: at === 19 ? "running" : "finished",
      parts: [call({ id: `c${at}`, arguments: { path: `${at}.py` } })],
    }),
  );
  show(calls);
  expect(screen.queryByText("3.py")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show 7 earlier calls" }));
  expect(screen.getByText("3.py")).toBeTruthy();
});

it("says the summary of a step that said nothing itself", () => {
  show([step({ title: "Reading the report", summary: "TypeError in a.py" })]);
  expect(screen.getByText("· TypeError in a.py")).toBeTruthy();
});
