/** The two ways to read a run, as components: the story goes to what the address names, the trace shows every event. */
import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ReadingBar } from "@/components/run/reading-bar";
import { Timeline } from "@/components/run/timeline";
import TraceView from "@/components/run/trace-view";
import { applyEvents } from "@/lib/events";
import { type Place, placeOf } from "@/lib/places";
import { initialRunState } from "@/lib/run-state";
import { callFinished, callStarted, event, events, messageQueued, stageStarted, stepStarted, text } from "../../events";

const NOBODY = () => undefined;
const KNOWN: ReadonlySet<number> = new Set();
const told = events([
  stageStarted("analyze"),
  stepStarted("a", 1),
  text("a", "I read a.py"),
  stepStarted("b", 2),
  callStarted("b", "c1"),
  callFinished("b", "c1"),
  { kind: "step.finished", step_id: "a", summary: "" },
  { kind: "step.finished", step_id: "b", summary: "" },
  messageQueued("m1", "k1"),
]);

function showStory(place: Place | null) {
  const run = applyEvents(initialRunState, told);
  return render(<Timeline issueKey="SAH-1" run={run} known={KNOWN} isLive={false} isReplayed place={place} onReceipt={NOBODY} />);
}

it("opens the turn in which the event of the address lies, and marks its call alone", () => {
  const { container } = showStory(placeOf(event(6, callFinished("b", "c1"))));
  const marked = container.querySelectorAll("[data-marked=true]");
  expect(marked).toHaveLength(1);
  expect(within(marked[0] as HTMLElement).getByRole("region", { name: "Result of Read a.py" })).toBeTruthy();
});

it("marks the message that an event is about, and nothing without an address", () => {
  const { container, unmount } = showStory(placeOf(event(9, messageQueued("m1", "k1"))));
  expect(container.querySelector("[data-marked=true]")?.textContent).toContain("look at the deploy");
  unmount();
  expect(showStory(null).container.querySelector("[data-marked=true]")).toBeNull();
});

it("links each time to its event", () => {
  showStory(null);
  expect(screen.getByRole("link", { name: /^Link to event 2,/ }).getAttribute("href")).toBe("#event-2");
});

it("lists every event in the trace, narrows them by words, and opens the one of the address", async () => {
  const onKind = vi.fn();
  render(<TraceView batches={[told]} kind="" onKind={onKind} seq={3} isReplayed />);
  expect(screen.getAllByRole("listitem")).toHaveLength(9);
  expect(screen.getByText("step_id").closest("[data-marked=true]")).toBeTruthy();
  await userEvent.selectOptions(screen.getByLabelText("Kind of event"), "step.started");
  expect(onKind).toHaveBeenCalledWith("step.started");
  await userEvent.type(screen.getByLabelText("Words in the events"), "look at the deploy");
  expect(await screen.findByText("1 of 9 events")).toBeTruthy();
  expect(screen.getAllByRole("listitem")).toHaveLength(1);
});

it("says that the run has no such event, once all of them are read", () => {
  const trace = (isReplayed: boolean) => <TraceView batches={[told]} kind="" onKind={NOBODY} seq={42} isReplayed={isReplayed} />;
  const { rerender } = render(trace(false));
  expect(screen.queryByRole("alert")).toBeNull();
  rerender(trace(true));
  expect(screen.getByRole("alert").textContent).toContain("no event 42");
});

it("does not call stopped what has joined another investigation", () => {
  const canceled = { by: "Rita", facts: [], hypotheses: [], wouldLookAt: "", joined: "SAH-2" };
  const { rerender } = render(
    <ReadingBar run={{ ...initialRunState, status: "canceled", canceled }} view="story" onView={NOBODY} />,
  );
  expect(screen.getByText("Joined")).toBeTruthy();
  const stopped = { ...canceled, joined: "" };
  rerender(<ReadingBar run={{ ...initialRunState, status: "canceled", canceled: stopped }} view="story" onView={NOBODY} />);
  expect(screen.getByText("Stopped")).toBeTruthy();
});

it("brings what its key has changed into view, from the top of a long answer too", () => {
  const onView = vi.fn();
  render(<ReadingBar run={initialRunState} view="story" onView={onView} />);
  const scroll = vi.spyOn(Element.prototype, "scrollIntoView");
  fireEvent.keyDown(document.body, { key: "v" });
  expect(scroll).not.toHaveBeenCalled();
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 2000, 100, 40));
  fireEvent.keyDown(document.body, { key: "v" });
  expect([onView.mock.calls.length, scroll.mock.calls.length]).toEqual([2, 1]);
  vi.restoreAllMocks();
});
