/** What the page knows about one run, folded from its events. Plain data: no methods, no clock, no network. */
import type {
  BudgetRung,
  Decision,
  Evidence,
  ForkKind,
  Hypothesis,
  InputRequest,
  Solution,
  Stage,
  ToolResultStatus,
  Usage,
  Verdict,
} from "./event-types.gen";

export const STAGES: readonly Stage[] = ["gather_context", "analyze", "propose_solution", "publish"];

export type RunStatus = "queued" | "running" | "waiting" | "succeeded" | "failed" | "canceled";

/** `lost`: the worker that made the call died before it could tell the outcome. */
export type ToolCallState = ToolResultStatus | "running" | "lost";

export interface ToolCall {
  id: string;
  /** The event that told it first; so in all that has one. */
  seq: number;
  tool: string;
  arguments: Record<string, unknown>;
  state: ToolCallState;
  attempt: number;
  excerpt: string;
  receiptId: string;
  startedAt: string;
  /** Milliseconds; null while it runs. */
  durationMs: number | null;
}

/** Where an event's text begins in the text of its part. */
export interface TextPiece {
  firstSeq: number;
  offset: number;
}

/** Consecutive text of one attempt is one part, so that a lost attempt's text can be taken out again. */
export interface TextPart {
  type: "text";
  id: string;
  attempt: number;
  text: string;
  /** The events it came in: a compacted range takes the place of those that were read already. */
  pieces: readonly TextPiece[];
}

/** What the model was saying before this was given up: somebody wanted a message used at once. */
export interface Interruption {
  type: "interruption";
  id: string;
  at: string;
  askedBy: string;
}

export type StepPart = TextPart | Interruption | { type: "call"; id: string; call: ToolCall };

export interface Step {
  id: string;
  seq: number;
  position: number;
  title: string;
  stage: Stage;
  attempt: number;
  state: "running" | "finished" | "lost";
  summary: string;
  startedAt: string;
  endedAt: string | null;
  parts: StepPart[];
  usage: RunUsage;
}

/** What models took so far, as their calls told it: `cost_usd` is that of the calls whose price is known. */
export interface RunUsage extends Required<Usage> {
  cost_usd: number;
  unpriced_calls: number;
}

/** How a hypothesis came to stand where it stands. */
export interface HypothesisChange {
  seq: number;
  at: string;
  status: Hypothesis["status"];
  because: string;
  evidence: readonly number[];
}

/** A hypothesis as it was last told, with all that was told of it, the oldest first. */
export interface TrackedHypothesis extends Hypothesis {
  changes: readonly HypothesisChange[];
}

/** Another run that goes on from a checkpoint of this one. */
export interface Fork {
  id: string;
  number: number;
  kind: ForkKind;
}

export interface RunMessage {
  id: string;
  clientId: string;
  author: string;
  text: string;
  /** When it was queued in this run. */
  at: string;
  isUrgent: boolean;
  /** It came too late for an earlier run, so this one was told of it. */
  isCarried: boolean;
  state: "queued" | "taken_in" | "carried_over" | "withdrawn";
  /** The position of the step from which on the model has it. */
  takenInAtStep: number | null;
}

export interface OpenInput extends InputRequest {
  at: string;
  /** When it was answered, or closed without an answer; null while it is open. */
  closedAt: string | null;
  state: "open" | "answered" | "expired" | "superseded";
}

/** One row of the timeline, in the order in which things happened. */
export type TimelineItem =
  | { type: "step"; id: string; seq: number }
  | { type: "message"; id: string; seq: number }
  | { type: "input"; id: string; seq: number }
  | {
      type: "notice";
      id: string;
      seq: number;
      at: string;
      level: "info" | "warning" | "error";
      message: string;
      nextStep: string;
    }
  | { type: "restart"; id: string; seq: number; at: string; stage: Stage }
  | { type: "hypothesis"; id: string; seq: number; at: string; hypothesis: Hypothesis; isNew: boolean }
  | { type: "budget"; id: string; seq: number; at: string; budget: BudgetRung; consequence: string }
  | { type: "fork"; id: string; seq: number; at: string; number: number; kind: ForkKind; askedBy: string }
  | { type: "effect"; id: string; seq: number; at: string; effect: string; isDone: boolean; detail: string };

export interface StageProgress {
  /** `kept`: over in the run that this one goes on from. */
  state: "pending" | "running" | "finished" | "failed" | "stopped" | "kept";
  startedAt: string | null;
  endedAt: string | null;
}

export interface Failure {
  stage: Stage;
  code: string;
  cause: string;
  nextStep: string;
}

export interface RunState {
  /** The last event folded in; 0 before the first. */
  lastSeq: number;
  lastEventAt: string | null;
  status: RunStatus;
  number: number | null;
  askedBy: string;
  queuedAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  currentStage: Stage;
  stages: Record<Stage, StageProgress>;
  steps: Record<string, Step>;
  timeline: TimelineItem[];
  evidence: Evidence[];
  /** In the order in which they were first stated. */
  hypotheses: TrackedHypothesis[];
  /** The run from whose checkpoint this one goes on. */
  forkedFrom: Fork | null;
  messages: Record<string, RunMessage>;
  inputs: Record<string, OpenInput>;
  solution: Solution | null;
  verdict: Verdict | null;
  usage: RunUsage;
  stopRequestedBy: string;
  failure: Failure | null;
  canceled: Canceled | null;
}

/** What was told when somebody stopped the run. */
export interface Canceled {
  by: string;
  facts: readonly string[];
  /** The ones that still stood. */
  hypotheses: readonly string[];
  wouldLookAt: string;
  /** Key of the issue of the same problem that it joined; empty where somebody stopped it. */
  joined: string;
}

const pending: StageProgress = { state: "pending", startedAt: null, endedAt: null };

export const noUsage: RunUsage = {
  model: "",
  model_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  cost_usd: 0,
  unpriced_calls: 0,
};

export const initialRunState: RunState = {
  lastSeq: 0,
  lastEventAt: null,
  status: "queued",
  number: null,
  askedBy: "",
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  currentStage: "gather_context",
  stages: { gather_context: pending, analyze: pending, propose_solution: pending, publish: pending },
  steps: {},
  timeline: [],
  evidence: [],
  hypotheses: [],
  forkedFrom: null,
  messages: {},
  inputs: {},
  solution: null,
  verdict: null,
  usage: noUsage,
  stopRequestedBy: "",
  failure: null,
  canceled: null,
};

export const isEnded = (status: RunStatus): boolean => status === "succeeded" || status === "failed" || status === "canceled";

export const openInputs = (state: RunState): OpenInput[] => Object.values(state.inputs).filter((input) => input.state === "open");

export type { BudgetRung, Decision, Evidence, ForkKind, Hypothesis, InputRequest, Solution, Stage, Usage, Verdict };
