/**
 * The fold of a run's events into what the page shows. Pure: the same events give the same state, whether they came
 * live, in a replay after a reload, or both.
 */

import { addText, finishCall, interrupt, spend, startCall, startStep, withoutAttempt, withStep } from "./event-steps";
import type {
  AttemptRestarted,
  Event,
  HypothesisStated,
  RunCanceled,
  RunFailed,
  StageFinished,
  StageStarted,
} from "./event-types.gen";
import { type RunState, STAGES, type StageProgress, type Step, type TimelineItem } from "./run-state";

type Payload = Event["payload"];
type Kind = Payload["kind"];
type Handler<K extends Kind> = (state: RunState, payload: Extract<Payload, { kind: K }>, event: Event) => RunState;

/** What a new event means for a reader that has folded everything up to `lastSeq`. */
export type Continuity = "next" | "known" | "gap" | "overlap";

/**
 * Whether `event` may be folded. An event covers `first_seq..seq` (a range only where an ended run was compacted), so
 * the gap check looks at `first_seq`. A range that starts before `lastSeq` and ends after it overlaps what was folded:
 * text, and nothing else is ever compacted, takes the place of its pieces.
 */
export function continuity(lastSeq: number, event: Pick<Event, "first_seq" | "seq">): Continuity {
  if (event.seq <= lastSeq) return "known";
  if (event.first_seq > lastSeq + 1) return "gap";
  return event.first_seq <= lastSeq ? "overlap" : "next";
}

/**
 * Folds a batch. Events that are known already are dropped; the caller has checked for gaps. What grows with the run is
 * copied once for the batch, and the handlers then write into that copy: with a copy for each event, the time for a long
 * run would grow with its square. `state` itself is never changed, nor is any step, call or part of it.
 */
export function applyEvents(state: RunState, events: readonly Event[]): RunState {
  if (events.every((event) => continuity(state.lastSeq, event) === "known")) return state;
  const copy = { ...state, steps: { ...state.steps }, timeline: [...state.timeline] };
  return events.reduce(applyEvent, copy);
}

/** `state` owns its `steps` and its `timeline`. */
function applyEvent(state: RunState, event: Event): RunState {
  if (continuity(state.lastSeq, event) === "known") return state;
  const moved = { ...state, lastSeq: event.seq, lastEventAt: event.at };
  const { kind } = event.payload;
  // A newer server may tell kinds that this page does not know yet; they count as read.
  return Object.hasOwn(handlers, kind) ? (handlers[kind] as Handler<Kind>)(moved, event.payload, event) : moved;
}

function withRow(state: RunState, item: TimelineItem): RunState {
  const isKnown = state.timeline.some((row) => row.type === item.type && row.id === item.id);
  if (!isKnown) state.timeline.push(item);
  return state;
}

/** All changes of one hypothesis carry its id; the first of them states it. */
function stateHypothesis(state: RunState, { hypothesis }: HypothesisStated, event: Event): RunState {
  const known = state.hypotheses.find(({ id }) => id === hypothesis.id);
  const { status, because, evidence } = hypothesis;
  const change = { seq: event.seq, at: event.at, status, because, evidence };
  const told = { ...hypothesis, changes: [...(known?.changes ?? []), change] };
  const hypotheses = known ? state.hypotheses.map((each) => (each === known ? told : each)) : [...state.hypotheses, told];
  const row = {
    type: "hypothesis" as const,
    id: `hypothesis-${event.seq}`,
    seq: event.seq,
    at: event.at,
    hypothesis,
    isNew: !known,
  };
  return withRow({ ...state, hypotheses }, row);
}

/** Takes out what a lost attempt streamed in this stage; calls whose outcome was told stay, the others are marked. */
function hideLostAttempt(state: RunState, payload: AttemptRestarted, event: Event): RunState {
  const steps: Record<string, Step> = {};
  for (const [id, step] of Object.entries(state.steps)) {
    steps[id] = step.stage === payload.stage ? withoutAttempt(step, payload.lost_attempt) : step;
  }
  return withRow(
    { ...state, steps },
    { type: "restart", id: `restart-${event.seq}`, seq: event.seq, at: event.at, stage: payload.stage },
  );
}

// --- Stages and the run ------------------------------------------------------------------------------------------

function withStage(state: RunState, stage: keyof RunState["stages"], change: Partial<StageProgress>): RunState {
  return { ...state, stages: { ...state.stages, [stage]: { ...state.stages[stage], ...change } } };
}

function startStage(state: RunState, payload: StageStarted, event: Event): RunState {
  // A stage that is done again, or goes on after a person's answer, counts from its first start.
  const startedAt = state.stages[payload.stage].startedAt ?? event.at;
  let next = withStage(withKeptStages(state, payload.stage), payload.stage, { state: "running", startedAt, endedAt: null });
  // The run may go back to an earlier stage (a message came in): what follows it is to be done again.
  for (const later of STAGES.slice(STAGES.indexOf(payload.stage) + 1)) {
    next = withStage(next, later, { state: "pending", startedAt: null, endedAt: null });
  }
  return { ...next, status: "running", currentStage: payload.stage, startedAt: state.startedAt ?? event.at };
}

/** A fork does not do again what is before its first stage. */
function withKeptStages(state: RunState, first: keyof RunState["stages"]): RunState {
  if (!state.forkedFrom || state.startedAt) return state;
  const kept = STAGES.slice(0, STAGES.indexOf(first));
  return kept.reduce((next, stage) => withStage(next, stage, { state: "kept" }), state);
}

function finishStage(state: RunState, payload: StageFinished, event: Event): RunState {
  return withStage(state, payload.stage, { state: "finished", endedAt: event.at });
}

function fail(state: RunState, payload: RunFailed, event: Event): RunState {
  const failure = { stage: payload.stage, code: payload.code, cause: payload.cause, nextStep: payload.next_step };
  const next = { ...state, status: "failed" as const, endedAt: event.at, failure };
  return withStage(settleSteps(next, event), payload.stage, { state: "failed", endedAt: event.at });
}

function cancel(state: RunState, payload: RunCanceled, event: Event): RunState {
  const next = {
    ...state,
    status: "canceled" as const,
    endedAt: event.at,
    canceled: {
      by: payload.asked_by,
      facts: payload.facts,
      hypotheses: payload.hypotheses,
      wouldLookAt: payload.would_look_at,
      joined: payload.joined,
    },
  };
  const isUnfinished = state.stages[state.currentStage].state === "running";
  return isUnfinished
    ? withStage(settleSteps(next, event), state.currentStage, { state: "stopped", endedAt: event.at })
    : settleSteps(next, event);
}

/** Nothing runs any more once the run has ended: what has no outcome will not get one. */
function settleSteps(state: RunState, event: Event): RunState {
  const steps = Object.entries(state.steps).map(([id, step]) => {
    const parts = step.parts.map((part) =>
      part.type === "call" && part.call.state === "running" ? { ...part, call: { ...part.call, state: "lost" as const } } : part,
    );
    return [id, step.state === "running" ? { ...step, parts, state: "lost" as const, endedAt: event.at } : { ...step, parts }];
  });
  return { ...state, steps: Object.fromEntries(steps) as Record<string, Step> };
}

/** The server names so what came too late for an earlier run, and is said to this one. */
const CARRIED = "carried:";

const handlers: { [K in Kind]: Handler<K> } = {
  "run.queued": (state, payload, event) => ({
    ...state,
    number: payload.number,
    askedBy: payload.asked_by,
    queuedAt: state.queuedAt ?? event.at,
    forkedFrom: payload.fork_kind
      ? { id: payload.forked_from, number: payload.forked_from_number, kind: payload.fork_kind }
      : null,
  }),
  "stage.started": startStage,
  "stage.finished": finishStage,
  "attempt.restarted": hideLostAttempt,
  "step.started": startStep,
  "step.finished": (state, payload, event) =>
    withStep(state, payload.step_id, (step) => ({ ...step, state: "finished", summary: payload.summary, endedAt: event.at })),
  "text.streamed": addText,
  "model_call.finished": spend,
  "model_call.interrupted": interrupt,
  "hypothesis.stated": stateHypothesis,
  "budget.reached": (state, { budget, consequence }, event) =>
    withRow(state, { type: "budget", id: `budget-${event.seq}`, seq: event.seq, at: event.at, budget, consequence }),
  "tool_call.started": startCall,
  "tool_call.finished": finishCall,
  "evidence.found": (state, { evidence }) => ({
    ...state,
    evidence: [...state.evidence.filter((known) => known.number !== evidence.number), evidence].sort(
      (a, b) => a.number - b.number,
    ),
  }),
  "notice.raised": (state, payload, event) =>
    withRow(state, {
      type: "notice",
      id: `notice-${event.seq}`,
      seq: event.seq,
      at: event.at,
      level: payload.level,
      message: payload.message,
      nextStep: payload.next_step,
    }),
  "message.queued": (state, payload, event) => {
    const { message_id: id, client_id: clientId, author, text, is_urgent: isUrgent } = payload;
    const isCarried = clientId.startsWith(CARRIED);
    const said = { id, clientId, author, text, isUrgent, isCarried, at: event.at };
    const message = { ...said, state: "queued" as const, takenInAtStep: null };
    return withRow(wake({ ...state, messages: { ...state.messages, [id]: message } }), { type: "message", id, seq: event.seq });
  },
  "message.made_urgent": (state, payload) => withMessage(state, payload.message_id, { isUrgent: true }),
  "message.edited": (state, payload) => withMessage(state, payload.message_id, { text: payload.text }),
  "message.taken_in": (state, payload) =>
    withMessage(state, payload.message_id, { state: "taken_in", takenInAtStep: payload.step }),
  "message.carried_over": (state, payload) => withMessage(state, payload.message_id, { state: "carried_over" }),
  "message.withdrawn": (state, payload) => withMessage(state, payload.message_id, { state: "withdrawn", text: "" }),
  "input.requested": (state, { input_request: request }, event) => {
    const input = { ...request, at: event.at, closedAt: null, state: "open" as const };
    return withRow(
      { ...state, inputs: { ...state.inputs, [request.id]: input } },
      { type: "input", id: request.id, seq: event.seq },
    );
  },
  "input.answered": (state, { input_request_id: id, decision, answer, answered_by }, event) => {
    return wake(withInput(state, id, { state: "answered", decision, answer, answered_by, closedAt: event.at }));
  },
  "input.expired": (state, payload, event) =>
    wake(withInput(state, payload.input_request_id, { state: "expired", default: payload.default, closedAt: event.at })),
  "input.superseded": (state, payload, event) =>
    wake(
      withInput(state, payload.input_request_id, {
        state: "superseded",
        superseded_reason: payload.reason,
        closedAt: event.at,
      }),
    ),
  "solution.proposed": (state, { solution }) => ({ ...state, solution, verdict: solution.verdict }),
  "effect.finished": (state, payload, event) =>
    withRow(state, {
      type: "effect",
      id: payload.effect_id,
      seq: event.seq,
      at: event.at,
      effect: payload.effect,
      isDone: payload.status === "done",
      detail: payload.detail,
    }),
  "run.waiting": (state) => ({ ...state, status: "waiting" }),
  "run.stop_requested": (state, payload) => ({ ...state, stopRequestedBy: payload.asked_by }),
  "run.forked": (state, payload, event) =>
    withRow(state, {
      type: "fork",
      id: payload.fork_id,
      seq: event.seq,
      at: event.at,
      number: payload.fork_number,
      kind: payload.fork_kind,
      askedBy: payload.asked_by,
    }),
  "run.succeeded": (state, payload, event) => ({
    ...settleSteps(state, event),
    status: "succeeded",
    verdict: payload.verdict,
    endedAt: event.at,
  }),
  "run.failed": fail,
  "run.canceled": cancel,
};

/** An answer, an expiry or a message puts a waiting run back into the queue. */
function wake(state: RunState): RunState {
  return state.status === "waiting" ? { ...state, status: "queued" } : state;
}

function withMessage(state: RunState, id: string, change: Partial<RunState["messages"][string]>): RunState {
  const message = state.messages[id];
  return message ? { ...state, messages: { ...state.messages, [id]: { ...message, ...change } } } : state;
}

function withInput(state: RunState, id: string, change: Partial<RunState["inputs"][string]>): RunState {
  const input = state.inputs[id];
  return input ? { ...state, inputs: { ...state.inputs, [id]: { ...input, ...change } } } : state;
}
