/** The events of a run as flat rows, one each, for who wants to know exactly what happened. */
import type { Event } from "./event-types.gen";

export type EventKind = Event["payload"]["kind"];

/** In order, each once: joined text takes the place of the pieces of it that were read before. */
export function flatEvents(batches: readonly (readonly Event[])[]): Event[] {
  const flat: Event[] = [];
  for (const batch of batches) {
    for (const event of batch) {
      while ((flat.at(-1)?.first_seq ?? 0) >= event.first_seq) flat.pop();
      flat.push(event);
    }
  }
  return flat;
}

/** How often each kind happened, the most frequent first. */
export function kindsOf(events: readonly Event[]): [kind: EventKind, count: number][] {
  const counts = new Map<EventKind, number>();
  for (const { payload } of events) counts.set(payload.kind, (counts.get(payload.kind) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Events of one kind, or all for "", that hold the words anywhere in what they tell. */
export function matching(events: readonly Event[], kind: string, words: string): readonly Event[] {
  const needle = words.trim().toLowerCase();
  if (!kind && !needle) return events;
  return events.filter(
    ({ seq, payload }) =>
      (!kind || payload.kind === kind) &&
      (!needle || String(seq) === needle || JSON.stringify(payload).toLowerCase().includes(needle)),
  );
}

/** The fields of a payload without its kind. */
export function fieldsOf({ payload }: Event): Record<string, unknown> {
  const { kind: _, ...fields } = payload;
  return fields;
}

/** What says most about an event in one line, in this order; everything is under it. */
const TELLING = ["text", "title", "summary", "message", "statement", "excerpt", "cause", "reason", "answer", "prompt"];
const MAX_LINE = 200;

export function lineOf(event: Event): string {
  const fields = fieldsOf(event);
  if (event.payload.kind === "tool_call.started") return clip(`${event.payload.tool} ${JSON.stringify(event.payload.arguments)}`);
  if (event.payload.kind === "tool_call.finished")
    return clip(`${event.payload.tool} ${event.payload.status} ${event.payload.excerpt}`);
  const inner = Object.values(fields).find((value) => typeof value === "object" && value !== null && !Array.isArray(value));
  for (const source of [fields, (inner ?? {}) as Record<string, unknown>]) {
    const name = TELLING.find((candidate) => typeof source[candidate] === "string" && source[candidate] !== "");
    if (name) return clip(String(source[name]));
  }
  const plain = Object.entries(fields).filter(([, value]) => value !== "" && value !== null && typeof value !== "object");
  return clip(plain.map(([name, value]) => `${name}: ${value}`).join(", "));
}

const clip = (text: string): string => {
  const line = text
    .slice(0, MAX_LINE * 2)
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
};
