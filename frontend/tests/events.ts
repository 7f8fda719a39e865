/** Builds events as the server numbers them. */
import type { Event } from "@/lib/event-types.gen";

export type Payload = Event["payload"];

export const event = (seq: number, payload: Payload, more: Partial<Event> = {}): Event => ({
  run_id: "run-1",
  first_seq: seq,
  seq,
  attempt: 1,
  at: new Date(Date.UTC(2026, 0, 1, 12, 0, seq)).toISOString(),
  payload,
  ...more,
});

/** The payloads, numbered from `first` on. */
export const events = (payloads: Payload[], first = 1): Event[] =>
  payloads.map((payload, index) => event(first + index, payload));

export const stageStarted = (stage: "gather_context" | "analyze"): Payload => ({ kind: "stage.started", stage });
export const stepStarted = (step_id: string, position = 1): Payload => ({
  kind: "step.started",
  step_id,
  position,
  title: `Step ${step_id}`,
});
export const text = (step_id: string, said: string): Payload => ({ kind: "text.streamed", step_id, text: said });
export const callStarted = (step_id: string, tool_call_id: string): Payload => ({
  kind: "tool_call.started",
  step_id,
  tool_call_id,
  tool: "code__read",
  arguments: { path: "a.py" },
});
export const callFinished = (step_id: string, tool_call_id: string): Payload => ({
  kind: "tool_call.finished",
  step_id,
  tool_call_id,
  tool: "code__read",
  status: "ok",
  excerpt: "1  x",
  receipt_id: "r1",
  duration_ms: 12,
});
export const messageQueued = (message_id: string, client_id: string): Payload => ({
  kind: "message.queued",
  message_id,
  client_id,
  author: "Rita",
  text: "look at the deploy",
  is_urgent: false,
});
