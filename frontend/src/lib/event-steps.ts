/** What events do to the steps of a run and to their parts: text, calls, usage. `state` owns its `steps` and its `timeline`. */
import type {
  Event,
  ModelCallFinished,
  ModelCallInterrupted,
  StepStarted,
  TextStreamed,
  ToolCallFinished,
  ToolCallStarted,
  Usage,
} from "./event-types.gen";
import { noUsage, type RunState, type RunUsage, type Step, type StepPart, type TimelineItem, type ToolCall } from "./run-state";

export function withStep(state: RunState, id: string, change: (step: Step) => Step): RunState {
  const step = state.steps[id];
  if (step) state.steps[id] = change(step);
  return state;
}

function withCall(state: RunState, stepId: string, callId: string, change: (call: ToolCall) => ToolCall): RunState {
  return withStep(state, stepId, (step) => ({
    ...step,
    parts: step.parts.map((part) => (part.type === "call" && part.id === callId ? { ...part, call: change(part.call) } : part)),
  }));
}

export function startStep(state: RunState, payload: StepStarted, event: Event): RunState {
  const earlier = state.steps[payload.step_id];
  const step: Step = {
    id: payload.step_id,
    position: payload.position,
    title: payload.title,
    seq: earlier?.seq ?? event.seq,
    stage: state.currentStage,
    attempt: event.attempt,
    state: "running",
    summary: "",
    startedAt: event.at,
    endedAt: null,
    // A step that is done again after a lost attempt keeps the calls whose outcome is known.
    parts: earlier?.parts ?? [],
    // What a lost attempt spent was spent.
    usage: earlier?.usage ?? noUsage,
  };
  state.steps[step.id] = step;
  return earlier ? state : withStepRow(state, step, event);
}

/** Steps that run side by side may start in any order; the reader finds them in the order of their numbers. */
function withStepRow(state: RunState, step: Step, { seq }: Event): RunState {
  const isLater = (row: TimelineItem) => row.type === "step" && (state.steps[row.id]?.position ?? 0) > step.position;
  const place = state.timeline.findLastIndex((row) => !isLater(row)) + 1;
  state.timeline.splice(place, 0, { type: "step", id: step.id, seq });
  return state;
}

export function addText(state: RunState, payload: TextStreamed, event: Event): RunState {
  return withStep(state, payload.step_id, (step) => {
    const parts = withoutPiecesFrom(step.parts, event);
    const last = parts.at(-1);
    if (last?.type !== "text" || last.attempt !== event.attempt) {
      const pieces = [{ firstSeq: event.first_seq, offset: 0 }];
      const part = { type: "text" as const, id: `text-${event.first_seq}`, attempt: event.attempt, text: payload.text, pieces };
      return { ...step, parts: [...parts, part] };
    }
    const pieces = [...last.pieces, { firstSeq: event.first_seq, offset: last.text.length }];
    return { ...step, parts: [...parts.slice(0, -1), { ...last, text: last.text + payload.text, pieces }] };
  });
}

/** Without the pieces that `event` tells again; they are the last ones, since it was compacted from neighbors. */
function withoutPiecesFrom(parts: StepPart[], event: Event): StepPart[] {
  const last = parts.at(-1);
  if (last?.type !== "text" || last.attempt !== event.attempt) return parts;
  const told = last.pieces.findIndex((piece) => piece.firstSeq >= event.first_seq);
  if (told < 0) return parts;
  const text = last.text.slice(0, last.pieces[told]?.offset);
  return told === 0 ? parts.slice(0, -1) : [...parts.slice(0, -1), { ...last, text, pieces: last.pieces.slice(0, told) }];
}

export function startCall(state: RunState, payload: ToolCallStarted, event: Event): RunState {
  const call: ToolCall = {
    id: payload.tool_call_id,
    seq: event.seq,
    tool: payload.tool,
    arguments: payload.arguments,
    state: "running",
    attempt: event.attempt,
    excerpt: "",
    receiptId: "",
    startedAt: event.at,
    durationMs: null,
  };
  return withStep(state, payload.step_id, (step) => {
    const others = step.parts.filter((part) => !(part.type === "call" && part.id === call.id));
    return { ...step, parts: [...others, { type: "call", id: call.id, call }] };
  });
}

export function finishCall(state: RunState, payload: ToolCallFinished): RunState {
  return withCall(state, payload.step_id, payload.tool_call_id, (call) => ({
    ...call,
    state: payload.status,
    excerpt: payload.excerpt,
    receiptId: payload.receipt_id,
    durationMs: payload.duration_ms,
  }));
}

/** What was said before stays, marked as given up; what the model says next is a part of its own. */
export function interrupt(state: RunState, payload: ModelCallInterrupted, event: Event): RunState {
  const part = { type: "interruption" as const, id: `interruption-${event.seq}`, at: event.at, askedBy: payload.asked_by };
  const marked = withStep(state, payload.step_id, (step) => ({ ...step, parts: [...step.parts, part] }));
  return spend(marked, payload);
}

export function spend(state: RunState, { step_id, usage }: Pick<ModelCallFinished, "step_id" | "usage">): RunState {
  const spent = { ...state, usage: added(state.usage, usage) };
  return withStep(spent, step_id, (step) => ({ ...step, usage: added(step.usage, usage) }));
}

function added(sum: RunUsage, more: Usage): RunUsage {
  return {
    model: more.model || sum.model,
    model_calls: sum.model_calls + more.model_calls,
    input_tokens: sum.input_tokens + more.input_tokens,
    output_tokens: sum.output_tokens + more.output_tokens,
    cached_input_tokens: sum.cached_input_tokens + more.cached_input_tokens,
    cost_usd: sum.cost_usd + (more.cost_usd ?? 0),
    unpriced_calls: sum.unpriced_calls + (more.cost_usd === null ? more.model_calls : 0),
  };
}

/** Without what a lost attempt streamed; calls whose outcome was told stay, the others are marked. */
export function withoutAttempt(step: Step, attempt: number): Step {
  const kept = step.parts.filter((part) => part.type !== "text" || part.attempt !== attempt);
  const parts = kept.map((part) =>
    part.type === "call" && part.call.attempt === attempt && part.call.state === "running"
      ? { ...part, call: { ...part.call, state: "lost" as const } }
      : part,
  );
  const isLost = step.state === "running" && step.attempt === attempt;
  return { ...step, parts, state: isLost ? "lost" : step.state };
}
