/** What the page knows about one run, folded from its events. Plain data: no methods, no clock, no network. */
import type { Decision, Evidence, InputRequest, Solution, Stage, ToolResultStatus, Usage, Verdict } from "./event-types.gen";

export const STAGES: readonly Stage[] = ["gather_context", "analyze", "propose_solution", "publish"];

export type RunStatus = "queued" | "running" | "waiting" | "succeeded" | "failed" | "canceled";

/** `lost`: the worker that made the call died before it could tell the outcome. */
export type ToolCallState = ToolResultStatus | "running" | "lost";

export interface ToolCall {
  id: string;
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

export type StepPart = TextPart | { type: "call"; id: string; call: ToolCall };

export interface Step {
  id: string;
  position: number;
  title: string;
  stage: Stage;
  attempt: number;
  state: "running" | "finished" | "lost";
  summary: string;
  startedAt: string;
  endedAt: string | null;
  parts: StepPart[];
}

export interface RunMessage {
  id: string;
  clientId: string;
  author: string;
  text: string;
  at: string;
  state: "queued" | "taken_in" | "carried_over";
  /** The position of the step from which on the model has it. */
  takenInAtStep: number | null;
}

export interface OpenInput extends InputRequest {
  at: string;
  state: "open" | "answered" | "expired";
}

/** One row of the timeline, in the order in which things happened. */
export type TimelineItem =
  | { type: "step"; id: string }
  | { type: "message"; id: string }
  | { type: "input"; id: string }
  | { type: "notice"; id: string; at: string; level: "info" | "warning" | "error"; message: string; nextStep: string }
  | { type: "restart"; id: string; at: string; stage: Stage }
  | { type: "effect"; id: string; at: string; effect: string; isDone: boolean; detail: string };

export interface StageProgress {
  state: "pending" | "running" | "finished" | "failed" | "stopped";
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
  messages: Record<string, RunMessage>;
  inputs: Record<string, OpenInput>;
  solution: Solution | null;
  verdict: Verdict | null;
  usage: Pick<Usage, "model" | "model_calls" | "input_tokens" | "output_tokens">;
  stopRequestedBy: string;
  failure: Failure | null;
  canceled: { by: string; facts: string[] } | null;
}

const pending: StageProgress = { state: "pending", startedAt: null, endedAt: null };

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
  messages: {},
  inputs: {},
  solution: null,
  verdict: null,
  usage: { model: "", model_calls: 0, input_tokens: 0, output_tokens: 0 },
  stopRequestedBy: "",
  failure: null,
  canceled: null,
};

export const isEnded = (status: RunStatus): boolean => status === "succeeded" || status === "failed" || status === "canceled";

export const openInputs = (state: RunState): OpenInput[] => Object.values(state.inputs).filter((input) => input.state === "open");

export type { Decision, Evidence, InputRequest, Solution, Stage, Usage, Verdict };
