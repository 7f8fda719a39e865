import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Composer } from "@/components/take-part/composer";
import { AnswerFeedback, FeedbackScope, StepFeedback } from "@/components/take-part/feedback";
import FollowUp from "@/components/take-part/follow-up";
import { QueuedMessages } from "@/components/take-part/queued-messages";
import { newsOf, useRunNews } from "@/hooks/use-run-news";
import { api } from "@/lib/api";
import type { Issue, Run, RunSummary } from "@/lib/api-types";
import { applyEvents } from "@/lib/events";
import { ApiError, toProblem } from "@/lib/problem";
import { initialRunState, type RunState } from "@/lib/run-state";
import { event, messageQueued } from "../../events";

const push = vi.fn();
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

const shown = (children: ReactNode) =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      {children}
    </QueryClientProvider>,
  );

beforeEach(() => {
  vi.restoreAllMocks();
  push.mockReset();
});

describe("what waits for the model", () => {
  const queued = applyEvents(initialRunState, [event(1, messageQueued("m1", "c1"))]);

  it("can be used now, by one click however often it is made", async () => {
    const urgent = vi.spyOn(api, "makeMessageUrgent").mockResolvedValue({} as never);
    shown(<QueuedMessages runId="r1" run={queued} mayAct />);
    await userEvent.dblClick(screen.getByRole("button", { name: /^Use now/ }));
    expect(urgent.mock.calls).toEqual([["r1", "m1"]]);
  });

  it("says so once everybody was told", () => {
    const told = applyEvents(queued, [event(2, { kind: "message.made_urgent", message_id: "m1", asked_by: "Bo" })]);
    shown(<QueuedMessages runId="r1" run={told} mayAct />);
    expect(screen.getByText(/Used now/)).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("is shown to a viewer without the button", () => {
    shown(<QueuedMessages runId="r1" run={queued} mayAct={false} />);
    expect(screen.getByText(/Queued for the next model call/)).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("feedback", () => {
  const opinion = { author: "Rita", vote: 1, comment: "", source: "web", changed_at: "2026-01-01T00:00:00Z", is_mine: true };
  const told = (changes: object) => ({ step: "", up: 1, down: 0, opinions: [{ ...opinion, ...changes }] });
  const scope = (feedback: unknown[], mayAct = true) => {
    vi.spyOn(api, "run").mockResolvedValue({ feedback } as unknown as Run);
    return shown(
      <FeedbackScope runId="r1" mayAct={mayAct}>
        <AnswerFeedback />
        <StepFeedback step="s1" />
      </FeedbackScope>,
    );
  };

  it("is one click, and a word about it afterwards", async () => {
    const give = vi.spyOn(api, "giveFeedback").mockImplementation(async (_, body) => told({ comment: body.comment }) as never);
    scope([]);
    const [helpful] = await screen.findAllByRole("button", { name: /^Helpful: the answer/ });
    await userEvent.click(helpful as HTMLElement);
    await userEvent.type(await screen.findByLabelText(/right or wrong/), "It was the deploy");
    await userEvent.click(screen.getByRole("button", { name: "Save comment" }));
    expect(give.mock.calls.at(-1)).toEqual(["r1", { step: "", vote: 1, comment: "It was the deploy" }]);
    expect(await screen.findByText("It was the deploy")).toBeTruthy();
    expect(screen.getByRole("button", { name: /^Helpful: the answer/ }).getAttribute("aria-pressed")).toBe("true");
  });

  it("keeps the word that could not be saved", async () => {
    vi.spyOn(api, "giveFeedback").mockRejectedValue(new Error("down"));
    scope([told({})]);
    await userEvent.type(await screen.findByLabelText(/right or wrong/), "It was the deploy");
    await userEvent.click(screen.getByRole("button", { name: "Save comment" }));
    await screen.findByRole("alert");
    expect(screen.getByLabelText<HTMLTextAreaElement>(/right or wrong/).value).toBe("It was the deploy");
  });

  it("is taken back by the same click", async () => {
    const withdraw = vi.spyOn(api, "withdrawFeedback").mockResolvedValue({ step: "", up: 0, down: 0, opinions: [] } as never);
    scope([told({})]);
    await userEvent.click(await screen.findByRole("button", { name: "Helpful: the answer, 1 so far" }));
    expect(withdraw.mock.calls).toEqual([["r1", ""]]);
    expect(await screen.findByRole("button", { name: "Helpful: the answer" })).toBeTruthy();
  });

  it("that is taken back leaves its words at hand", async () => {
    vi.spyOn(api, "withdrawFeedback").mockResolvedValue({ step: "", up: 0, down: 0, opinions: [] } as never);
    vi.spyOn(api, "giveFeedback").mockResolvedValue(told({ vote: -1 }) as never);
    scope([told({ comment: "A careful comment" })]);
    await userEvent.click(await screen.findByRole("button", { name: "Helpful: the answer, 1 so far" }));
    await userEvent.click(await screen.findByRole("button", { name: "Not helpful: the answer" }));
    expect((await screen.findByLabelText<HTMLTextAreaElement>(/right or wrong/)).value).toBe("A careful comment");
  });

  it("on a step is given by itself", async () => {
    const give = vi.spyOn(api, "giveFeedback").mockResolvedValue({ ...told({ vote: -1 }), step: "s1" } as never);
    scope([]);
    await userEvent.click(await screen.findByRole("button", { name: "Not helpful: this step" }));
    expect(give.mock.calls[0]?.[1]).toMatchObject({ step: "s1", vote: -1 });
  });

  it("of the team is read by a viewer, who gives none", async () => {
    scope([told({ author: "Bo", comment: "Right", is_mine: false, source: "slack" })], false);
    expect(await screen.findByText("Right")).toBeTruthy();
    expect(screen.getByText(/via Slack/)).toBeTruthy();
    expect(screen.getAllByRole<HTMLButtonElement>("button").every((button) => button.disabled)).toBe(true);
    expect(screen.queryByRole("group", { name: "Feedback on this step" })).toBeNull();
  });
});

describe("a further run", () => {
  const issue = { key: "SAH-1", team: "SAH", repository: "shop" } as Issue;
  const run = { id: "r1", number: 1 } as RunSummary;
  const models = [
    { name: "openai:gpt-4.1", is_default: true, rest: null },
    { name: "openai:gpt-5", is_default: false, rest: null },
  ];

  it("hears first what is said, and uses the model that is chosen", async () => {
    vi.spyOn(api, "modelChoices").mockResolvedValue({ results: models } as never);
    const send = vi.spyOn(api, "sendMessage").mockResolvedValue({} as never);
    const start = vi.spyOn(api, "startRun").mockResolvedValue({ id: "r2", number: 2 } as Run);
    shown(<FollowUp issue={issue} run={run} />);
    await userEvent.selectOptions(await screen.findByLabelText("Model"), "openai:gpt-5");
    await userEvent.type(screen.getByLabelText(/should hear first/), "Look at the cache");
    await userEvent.click(screen.getByRole("button", { name: "Start another run" }));
    await waitFor(() => expect(push).toHaveBeenCalledWith("/issues/SAH-1/?run=2"));
    expect(send).toHaveBeenCalledWith("r1", "Look at the cache", expect.any(String));
    expect(start).toHaveBeenCalledWith("SAH-1", send.mock.calls[0]?.[2], "openai:gpt-5", "");
  });

  it("reads the repository that the report did not name", async () => {
    vi.spyOn(api, "modelChoices").mockResolvedValue({ results: models } as never);
    vi.spyOn(api, "repositories").mockResolvedValue({ results: [] } as never);
    const unknown = new ApiError(toProblem(400, { detail: "There is none of this name.", field: "repository" }));
    const start = vi
      .spyOn(api, "startRun")
      .mockRejectedValueOnce(unknown)
      .mockResolvedValue({ id: "r2", number: 2 } as Run);
    shown(<FollowUp issue={{ ...issue, repository: null }} run={run} />);
    await userEvent.type(screen.getByLabelText("Repository"), "sho");
    await userEvent.click(screen.getByRole("button", { name: "Start another run" }));
    await screen.findByText("There is none of this name.");
    expect(screen.getByLabelText("Repository").getAttribute("aria-invalid")).toBe("true");
    await userEvent.type(screen.getByLabelText("Repository"), "p");
    await userEvent.click(screen.getByRole("button", { name: "Start another run" }));
    await waitFor(() => expect(start).toHaveBeenCalledWith("SAH-1", expect.any(String), "", "shop"));
  });

  it("hears what was being written when the run ended", async () => {
    vi.spyOn(api, "modelChoices").mockResolvedValue({ results: models } as never);
    const { unmount } = render(<Composer runId={run.id} onSend={vi.fn()} />);
    await userEvent.type(screen.getByRole("textbox"), "half a sentence");
    unmount();
    shown(<FollowUp issue={issue} run={run} />);
    expect(screen.getByLabelText<HTMLTextAreaElement>(/should hear first/).value).toBe("half a sentence");
  });

  it("is asked for as the same one after a failure, and keeps what was typed", async () => {
    vi.spyOn(api, "modelChoices").mockRejectedValue(new Error("away"));
    const send = vi.spyOn(api, "sendMessage").mockResolvedValue({} as never);
    const start = vi
      .spyOn(api, "startRun")
      .mockRejectedValueOnce(new Error("away"))
      .mockResolvedValue({ number: 2 } as Run);
    shown(<FollowUp issue={issue} run={run} />);
    const field = screen.getByLabelText<HTMLTextAreaElement>(/should hear first/);
    await userEvent.type(field, "Again");
    await userEvent.click(screen.getByRole("button", { name: "Start another run" }));
    await screen.findByText(/away/);
    expect(field.value).toBe("Again");
    await userEvent.click(screen.getByRole("button", { name: "Start another run" }));
    await waitFor(() => expect(push).toHaveBeenCalled());
    expect(send.mock.calls[0]?.[2]).toBe(send.mock.calls[1]?.[2]);
    expect(start.mock.calls[0]?.[1]).toBe(start.mock.calls[1]?.[1]);
    expect(field.value).toBe("");
  });
});

describe("news for whoever looks elsewhere", () => {
  const running: RunState = { ...initialRunState, status: "running" };
  const done: RunState = { ...running, status: "succeeded", endedAt: "2026-01-01T00:00:00Z" };
  const told: { title: string; tag: string | undefined }[] = [];
  class FakeNotification {
    static permission = "granted";
    static requestPermission = vi.fn(async () => "granted");
    onclick: unknown;
    constructor(title: string, { tag }: { tag?: string }) {
      told.push({ title, tag });
    }
  }

  const look = (state: "hidden" | "visible") => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
    act(() => void document.dispatchEvent(new Event("visibilitychange")));
  };
  const watch = () =>
    renderHook(({ run }) => useRunNews("SAH-1", "Checkout fails", run, true), { initialProps: { run: running } });

  beforeEach(() => {
    told.length = 0;
    document.title = "Running · SAH-1";
    vi.stubGlobal("Notification", FakeNotification);
  });

  it("marks the title until somebody looks, also where it is set anew", async () => {
    const { rerender } = watch();
    look("hidden");
    rerender({ run: done });
    // As the page is drawn again for whatever else has changed.
    rerender({ run: { ...done, lastSeq: done.lastSeq + 1 } });
    expect(document.title).toBe("● Running · SAH-1");
    document.title = "Done · SAH-1";
    await waitFor(() => expect(document.title).toBe("● Done · SAH-1"));
    look("visible");
    expect(document.title).toBe("Done · SAH-1");
    expect(told).toEqual([]);
  });

  it("notifies whoever asked for it, and asks the browser only then", async () => {
    const { result, rerender } = watch();
    expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
    await act(async () => result.current.toggle());
    expect(FakeNotification.requestPermission).toHaveBeenCalledOnce();
    look("hidden");
    rerender({ run: done });
    expect(told).toEqual([{ title: "SAH-1 Checkout fails", tag: "sahur-ended-2026-01-01T00:00:00Z" }]);
    look("visible");
  });

  it("says nothing to whoever looks, nor of what was so before", () => {
    look("hidden");
    renderHook(() => useRunNews("SAH-1", "x", done, true));
    expect(document.title).toBe("Running · SAH-1");
    look("visible");
    const { rerender } = watch();
    rerender({ run: done });
    expect(document.title).toBe("Running · SAH-1");
  });

  it("tells of a request, the latest first", () => {
    const input = { id: "q1", kind: "question", prompt: "Which region?", state: "open" } as RunState["inputs"][string];
    expect(newsOf({ ...running, inputs: { q1: input } })).toEqual({ id: "asks-q1", text: "It has a question: Which region?" });
    expect(newsOf({ ...running, inputs: { q1: { ...input, state: "answered" } } })).toBeNull();
    const canceled = { by: "Rita", facts: [], hypotheses: [], wouldLookAt: "", joined: "SAH-2" };
    expect(newsOf({ ...running, status: "canceled", canceled })?.text).toBe("It has joined SAH-2, the same problem.");
  });
});
