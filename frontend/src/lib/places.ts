/** Where an event is to be found on the page, and what an address's fragment names. */
import type { Event } from "./event-types.gen";

/** A row of the story, a step or a call in it, or a part of the page with an id of its own. */
export type Place =
  | { type: "step"; stepId: string; callId?: string }
  | { type: "row"; rowId: string }
  | { type: "element"; elementId: string };

export const eventAnchor = (seq: number): string => `event-${seq}`;

export type Target = { type: "event"; seq: number } | { type: "evidence"; number: number };

/** What `#event-42` and `#evidence-3` name; null for anything else. */
export function targetOf(hash: string): Target | null {
  const [, name, digits] = /^#(event|evidence)-(\d{1,9})$/.exec(hash) ?? [];
  if (!digits) return null;
  return name === "event" ? { type: "event", seq: Number(digits) } : { type: "evidence", number: Number(digits) };
}

/** The event with this number; of joined text the one that covers it. */
export function eventAt(batches: readonly (readonly Event[])[], seq: number): Event | undefined {
  // From the end: a range that was read later covers the pieces that were read before it.
  const batch = batches.findLast(([first]) => first !== undefined && first.first_seq <= seq);
  return batch?.findLast((event) => event.first_seq <= seq && seq <= event.seq);
}

/** Where the story tells of an event; null where it does not, so that only the trace shows it. */
export function placeOf({ seq, payload }: Event): Place | null {
  switch (payload.kind) {
    case "tool_call.started":
    case "tool_call.finished":
      return { type: "step", stepId: payload.step_id, callId: payload.tool_call_id };
    case "step.started":
    case "step.finished":
    case "text.streamed":
    case "model_call.finished":
    case "model_call.interrupted":
      return { type: "step", stepId: payload.step_id };
    case "message.queued":
    case "message.taken_in":
    case "message.carried_over":
    case "message.withdrawn":
      return { type: "row", rowId: payload.message_id };
    case "input.requested":
      return { type: "row", rowId: payload.input_request.id };
    case "input.answered":
    case "input.expired":
    case "input.superseded":
      return { type: "row", rowId: payload.input_request_id };
    case "effect.finished":
      return { type: "row", rowId: payload.effect_id };
    case "run.forked":
      return { type: "row", rowId: payload.fork_id };
    case "hypothesis.stated":
      return { type: "row", rowId: `hypothesis-${seq}` };
    case "notice.raised":
      return { type: "row", rowId: `notice-${seq}` };
    case "budget.reached":
      return { type: "row", rowId: `budget-${seq}` };
    case "attempt.restarted":
      return { type: "row", rowId: `restart-${seq}` };
    case "evidence.found":
      return { type: "element", elementId: `fact-${payload.evidence.number}` };
    case "solution.proposed":
      return { type: "element", elementId: "solution" };
    default:
      return null;
  }
}
