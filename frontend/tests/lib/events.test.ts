import { describe, expect, it } from "vitest";
import { applyEvents, continuity } from "@/lib/events";
import { initialRunState, openInputs, type RunState } from "@/lib/run-state";
import {
  callFinished,
  callStarted,
  event,
  events,
  messageQueued,
  type Payload,
  stageStarted,
  stepStarted,
  text,
} from "../events";

const fold = (payloads: Payload[], from: RunState = initialRunState) => applyEvents(from, events(payloads, from.lastSeq + 1));
const saidIn = (state: RunState, step: string) =>
  state.steps[step]?.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("|");
const callsIn = (state: RunState, step: string) =>
  state.steps[step]?.parts.flatMap((part) => (part.type === "call" ? [`${part.id} ${part.call.state}`] : []));

const request = {
  id: "q1",
  kind: "question" as const,
  prompt: "Which region?",
  tool: "",
  arguments: {},
  arguments_hash: "",
  arguments_schema: {},
  superseded_reason: "",
  default: "",
  expires_at: null,
  allowed_decisions: [],
  answerable_by: "responder",
  decision: null,
  answer: "",
  answered_by: "",
};

describe("continuity", () => {
  it("tells the next event from a known one and from one after a gap", () => {
    expect(continuity(4, event(5, text("a", "x")))).toBe("next");
    expect(continuity(4, event(4, text("a", "x")))).toBe("known");
    expect(continuity(4, event(6, text("a", "x")))).toBe("gap");
  });

  it("looks at where a compacted range starts, not where it ends", () => {
    expect(continuity(4, { first_seq: 5, seq: 40 })).toBe("next");
    expect(continuity(4, { first_seq: 3, seq: 40 })).toBe("overlap");
    expect(continuity(40, { first_seq: 3, seq: 40 })).toBe("known");
  });
});

describe("the fold of a run", () => {
  const told = events([stageStarted("analyze"), stepStarted("a"), text("a", "Hel"), text("a", "lo"), callStarted("a", "c1")]);

  it("shows steps that run side by side in the order of their numbers", () => {
    const state = fold([
      stepStarted("a", 1),
      messageQueued("m1", "k1"),
      stepStarted("c", 3),
      stepStarted("b", 2),
      stepStarted("d", 4),
    ]);
    expect(state.timeline.map(({ id }) => id)).toEqual(["a", "m1", "b", "c", "d"]);
  });

  it("is the same live, replayed, and replayed over what was live", () => {
    const once = applyEvents(initialRunState, told);
    expect(applyEvents(once, told)).toBe(once);
    const inPieces = told.reduce((state, each) => applyEvents(state, [each]), initialRunState);
    expect(inPieces).toEqual(once);
    expect(saidIn(once, "a")).toBe("Hello");
  });

  it("changes nothing in the state that it was given", () => {
    const frozen = structuredClone(initialRunState);
    applyEvents(initialRunState, told);
    expect(initialRunState).toEqual(frozen);
  });

  it.each(["moon.risen", "__proto__", "constructor"])("counts the kind %s, which it does not know, as read", (kind) => {
    const unknown = event(1, { kind } as unknown as Payload);
    expect(applyEvents(initialRunState, [unknown]).lastSeq).toBe(1);
  });

  it("closes a call with its outcome, receipt and time", () => {
    const state = fold([callFinished("a", "c1")], applyEvents(initialRunState, told));
    const part = state.steps.a?.parts.at(-1);
    expect(part?.type === "call" && part.call).toMatchObject({ state: "ok", receiptId: "r1", durationMs: 12 });
  });

  it("keeps words before and after a call apart", () => {
    const state = fold([callFinished("a", "c1"), text("a", "So.")], applyEvents(initialRunState, told));
    expect(state.steps.a?.parts.map((part) => part.type)).toEqual(["text", "call", "text"]);
  });
});

describe("compacted text", () => {
  const told = [
    stageStarted("analyze"),
    stepStarted("a"),
    text("a", "We "),
    text("a", "look "),
    text("a", "again"),
    text("a", "."),
  ];
  const whole = applyEvents(initialRunState, events(told));
  const joined = event(6, text("a", "We look again."), { first_seq: 3 });

  it.each([2, 3, 4, 5, 6])("is told once, wherever a reader was: after %i", (cursor) => {
    const state = applyEvents(initialRunState, [...events(told.slice(0, cursor)), joined]);
    expect(saidIn(state, "a")).toBe("We look again.");
    expect(state.lastSeq).toBe(whole.lastSeq);
  });

  it("replaces only its own range of a longer text", () => {
    const tail = event(6, text("a", "look again."), { first_seq: 4 });
    expect(saidIn(applyEvents(initialRunState, [...events(told.slice(0, 5)), tail]), "a")).toBe("We look again.");
  });

  it("leaves what another attempt said in the same step", () => {
    const lost = events([stageStarted("analyze"), stepStarted("a"), text("a", "Lost. ")]);
    const again = [4, 5].map((seq) => event(seq, text("a", `${seq}`), { attempt: 2 }));
    const range = event(6, text("a", "456"), { first_seq: 4, attempt: 2 });
    expect(saidIn(applyEvents(initialRunState, [...lost, ...again, range]), "a")).toBe("Lost. |456");
  });
});

describe("a lost attempt", () => {
  const restart: Payload = { kind: "attempt.restarted", stage: "analyze", lost_attempt: 1 };
  const before = fold([
    stageStarted("gather_context"),
    stepStarted("g"),
    text("g", "gathered"),
    { kind: "step.finished", step_id: "g", summary: "" },
    stageStarted("analyze"),
    stepStarted("a", 2),
    text("a", "lost words"),
    callStarted("a", "done"),
    callFinished("a", "done"),
    callStarted("a", "open"),
  ]);
  const after = fold([restart], before);

  it("loses what it streamed in its stage, and only there", () => {
    expect(saidIn(after, "a")).toBe("");
    expect(saidIn(after, "g")).toBe("gathered");
  });

  it("keeps calls with a known outcome and marks the open ones", () => {
    expect(callsIn(after, "a")).toEqual(["done ok", "open lost"]);
    expect(after.steps.a?.state).toBe("lost");
  });

  it("shows what the next attempt says in the same step", () => {
    const again = applyEvents(after, [
      event(12, stepStarted("a", 2), { attempt: 2 }),
      event(13, text("a", "new words"), { attempt: 2 }),
    ]);
    expect(saidIn(again, "a")).toBe("new words");
    expect(again.steps.a?.state).toBe("running");
    expect(again.timeline.filter((row) => row.type === "step" && row.id === "a")).toHaveLength(1);
  });
});

describe("messages and questions", () => {
  it("follows a message until it is taken in", () => {
    const queued = fold([messageQueued("m1", "client-1")]);
    expect(queued.messages.m1).toMatchObject({ state: "queued", clientId: "client-1" });
    const taken = fold([{ kind: "message.taken_in", message_id: "m1", step: 3, author: "Rita" }], queued);
    expect(taken.messages.m1).toMatchObject({ state: "taken_in", takenInAtStep: 3 });
  });

  it("keeps no words of a message that was taken back", () => {
    const state = fold([messageQueued("m1", "client-1"), { kind: "message.withdrawn", message_id: "m1" }]);
    expect(state.messages.m1).toMatchObject({ state: "withdrawn", text: "" });
  });

  it("knows a message that came too late for an earlier run from one that is said now", () => {
    const state = fold([messageQueued("m1", "client-1"), messageQueued("m2", "carried:m0")]);
    expect([state.messages.m1?.isCarried, state.messages.m2?.isCarried]).toEqual([false, true]);
  });

  it("waits for an answer, and is queued again once it has one", () => {
    const waiting = fold([
      { kind: "input.requested", input_request: request },
      { kind: "run.waiting", input_request_ids: ["q1"] },
    ]);
    expect([waiting.status, openInputs(waiting).length]).toEqual(["waiting", 1]);
    const answered = fold(
      [{ kind: "input.answered", input_request_id: "q1", decision: "respond", answer: "eu", answered_by: "Rita" }],
      waiting,
    );
    expect([answered.status, openInputs(answered).length]).toEqual(["queued", 0]);
  });

  it("does not go on offering a question whose time is up", () => {
    const expired = fold([
      { kind: "input.requested", input_request: request },
      { kind: "input.expired", input_request_id: "q1", default: "all regions" },
    ]);
    expect(openInputs(expired)).toEqual([]);
    expect(expired.inputs.q1?.default).toBe("all regions");
  });
});

describe("hypotheses", () => {
  const hypothesis = (id: string, status: "stated" | "weakened", because = ""): Payload => ({
    kind: "hypothesis.stated",
    hypothesis: { id, statement: `It is ${id}.`, status, because, evidence: [1], source: "model" },
  });

  it("keeps how each of them changed, in the order in which they were first stated", () => {
    const state = fold([hypothesis("a", "stated"), hypothesis("b", "stated"), hypothesis("a", "weakened", "the log")]);
    expect(state.hypotheses.map(({ id, status }) => `${id} ${status}`)).toEqual(["a weakened", "b stated"]);
    expect(state.hypotheses[0]?.changes).toMatchObject([{ status: "stated" }, { status: "weakened", because: "the log" }]);
  });

  it("has a row for each change, and says which of them is new", () => {
    const state = fold([hypothesis("a", "stated"), hypothesis("a", "weakened")]);
    expect(state.timeline).toMatchObject([
      { type: "hypothesis", isNew: true },
      { type: "hypothesis", isNew: false },
    ]);
  });
});

describe("what models take", () => {
  const answered = (step_id: string, cost_usd: number | null): Payload => ({
    kind: "model_call.finished",
    step_id,
    role: "deep",
    duration_ms: 10,
    usage: { model: "m", model_calls: 1, input_tokens: 100, output_tokens: 10, cached_input_tokens: 60, cost_usd },
  });

  it("is summed up for the run and for each step", () => {
    const state = fold([stepStarted("a"), answered("a", 0.5), stepStarted("b", 2), answered("b", 0.25), answered("b", 0.25)]);
    expect(state.usage).toMatchObject({ model_calls: 3, input_tokens: 300, cached_input_tokens: 180, cost_usd: 1 });
    expect(state.steps.b?.usage).toMatchObject({ model_calls: 2, output_tokens: 20, cost_usd: 0.5 });
  });

  it("has no price where none is known", () => {
    expect(fold([stepStarted("a"), answered("a", null)]).usage).toMatchObject({ cost_usd: 0, unpriced_calls: 1 });
    const partly = fold([stepStarted("a"), answered("a", null), answered("a", 0.5)]);
    expect(partly.usage).toMatchObject({ cost_usd: 0.5, unpriced_calls: 1 });
  });
});

const unpriced = {
  model: "m",
  model_calls: 1,
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  cost_usd: null,
};

describe("steering", () => {
  it("keeps what was said before an interruption apart from what comes after it", () => {
    const interrupted: Payload = {
      kind: "model_call.interrupted",
      step_id: "a",
      asked_by: "Rita",
      usage: unpriced,
    };
    const state = fold([stepStarted("a"), text("a", "Half a"), interrupted, text("a", "Anew")]);
    expect(state.steps.a?.parts.map((part) => part.type)).toEqual(["text", "interruption", "text"]);
    expect(state.usage.model_calls).toBe(1);
  });

  it("closes a request that no longer matters, with the reason, and does not wait for it", () => {
    const state = fold([
      { kind: "input.requested", input_request: request },
      { kind: "run.waiting", input_request_ids: ["q1"] },
      { kind: "input.superseded", input_request_id: "q1", reason: "Rita said which region." },
    ]);
    expect([state.status, openInputs(state)]).toEqual(["queued", []]);
    expect(state.inputs.q1).toMatchObject({ state: "superseded", superseded_reason: "Rita said which region." });
  });

  it("knows where it comes from, and which runs go on from it", () => {
    const state = fold([
      { kind: "run.queued", number: 2, asked_by: "Rita", forked_from: "run-0", forked_from_number: 1, fork_kind: "branch" },
      { kind: "run.forked", fork_id: "run-3", fork_number: 3, fork_kind: "resume", asked_by: "Bo" },
    ]);
    expect(state.forkedFrom).toEqual({ id: "run-0", number: 1, kind: "branch" });
    expect(state.timeline).toMatchObject([{ type: "fork", number: 3, kind: "resume", askedBy: "Bo" }]);
  });

  it("shows as kept what the run that it goes on from had done", () => {
    const state = fold([
      { kind: "run.queued", number: 2, asked_by: "Rita", forked_from: "run-0", forked_from_number: 1, fork_kind: "branch" },
      stageStarted("analyze"),
    ]);
    expect(Object.values(state.stages).map((stage) => stage.state)).toEqual(["kept", "running", "pending", "pending"]);
  });

  it("tells a limit that was reached, and what follows", () => {
    const budget = { rung: 1, scope: "run", measure: "cost_usd", spent: 0.3, limit: 0.3 } as const;
    const state = fold([{ kind: "budget.reached", budget, consequence: "It is asked whether to go on." }]);
    expect(state.timeline).toMatchObject([{ type: "budget", budget, consequence: "It is asked whether to go on." }]);
  });
});

describe("stages and ends", () => {
  it("goes back to a stage: what follows it is to be done again", () => {
    const state = fold([
      stageStarted("gather_context"),
      { kind: "stage.finished", stage: "gather_context" },
      stageStarted("analyze"),
      { kind: "stage.finished", stage: "analyze" },
      stageStarted("gather_context"),
    ]);
    expect([state.stages.gather_context.state, state.stages.analyze.state]).toEqual(["running", "pending"]);
  });

  it("says where and why a run failed, and leaves nothing running", () => {
    const failed: Payload = {
      kind: "run.failed",
      stage: "analyze",
      code: "model_error",
      cause: "No key.",
      next_step: "Set one.",
    };
    const state = fold([stageStarted("analyze"), stepStarted("a"), callStarted("a", "c1"), failed]);
    expect(state.failure).toEqual({ stage: "analyze", code: "model_error", cause: "No key.", nextStep: "Set one." });
    expect([state.status, state.stages.analyze.state, state.steps.a?.state]).toEqual(["failed", "failed", "lost"]);
    expect(callsIn(state, "a")).toEqual(["c1 lost"]);
  });

  it("stops in two phases", () => {
    const asked = fold([stageStarted("analyze"), { kind: "run.stop_requested", asked_by: "Rita" }]);
    expect([asked.status, asked.stopRequestedBy]).toEqual(["running", "Rita"]);
    const canceled = { asked_by: "Rita", facts: ["a fact"], hypotheses: ["the deploy"], would_look_at: "the log", joined: "" };
    const stopped = fold([{ kind: "run.canceled", ...canceled }], asked);
    expect([stopped.status, stopped.stages.analyze.state, stopped.canceled]).toEqual([
      "canceled",
      "stopped",
      { by: "Rita", facts: ["a fact"], hypotheses: ["the deploy"], wouldLookAt: "the log", joined: "" },
    ]);
  });

  it("takes in what comes after the end: an effect that was delivered", () => {
    const ended = fold([stageStarted("analyze"), { kind: "run.succeeded", verdict: "likely" }]);
    const later = fold([{ kind: "effect.finished", effect_id: "f1", effect: "slack.answer", status: "done", detail: "" }], ended);
    expect([later.status, later.timeline.at(-1)?.type]).toEqual(["succeeded", "effect"]);
  });
});

describe("a batch", () => {
  it("changes nothing of the state that it goes on from, so that an earlier picture of it stays what it was", () => {
    const before = fold([stageStarted("analyze"), stepStarted("a"), text("a", "Hel")]);
    const picture = structuredClone(before);
    const after = applyEvents(
      before,
      events([text("a", "lo"), stepStarted("b", 2), messageQueued("m1", "k1")], before.lastSeq + 1),
    );
    expect(before).toEqual(picture);
    expect(Object.keys(after.steps)).toEqual(["a", "b"]);
  });

  it("leaves alone what it does not touch, and the whole state where it brings nothing new", () => {
    const before = fold([stepStarted("a"), stepStarted("b", 2)]);
    expect(applyEvents(before, events([stepStarted("a")]))).toBe(before);
    expect(applyEvents(before, events([text("b", "x")], 3)).steps.a).toBe(before.steps.a);
  });
});
