// @vitest-environment happy-dom
/**
 * However a run's events reach the page (in any frames, twice, out of order, cut off, over REST, compacted meanwhile), it
 * shows the same in the end as if they had come once and in order.
 */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Event } from "@/lib/event-types.gen";
import { applyEvents } from "@/lib/events";
import { initialRunState, type RunState } from "@/lib/run-state";
import { event, type Payload } from "../events";
import { FakeWebSocket, FakeWebSocketClass } from "../fake-web-socket";
import inconclusive from "../recorded/inconclusive.json";
import steeredAndStopped from "../recorded/steered-and-stopped.json";
import withSolution from "../recorded/with-solution.json";

/** Of real runs; long texts in them are cut. */
const RECORDED = [withSolution, inconclusive, steeredAndStopped] as unknown as Event[][];

type Fold = (state: RunState, events: readonly Event[]) => RunState;
interface Client {
  RunStream: typeof import("@/lib/run-stream")["RunStream"];
  fold: Fold;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.doUnmock("@/lib/events");
  vi.resetModules();
});

// --- Runs --------------------------------------------------------------------------------------------------------

const step = fc.constantFrom("s1", "s2", "s3");
const call = fc.constantFrom("c1", "c2", "c3");
const id = fc.constantFrom("1", "2");

const payload: fc.Arbitrary<Payload> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("text.streamed" as const),
      step_id: step,
      text: fc.string({ minLength: 1, maxLength: 4 }),
    }),
  },
  fc.record({
    kind: fc.constant("stage.started" as const),
    stage: fc.constantFrom("gather_context" as const, "analyze" as const),
  }),
  fc.record({
    kind: fc.constant("step.started" as const),
    step_id: step,
    position: fc.integer({ min: 1, max: 5 }),
    title: fc.string(),
  }),
  fc.record({ kind: fc.constant("step.finished" as const), step_id: step, summary: fc.string() }),
  fc.record({
    kind: fc.constant("tool_call.started" as const),
    step_id: step,
    tool_call_id: call,
    tool: fc.constant("code__read"),
    arguments: fc.constant({}),
  }),
  fc.record({
    kind: fc.constant("tool_call.finished" as const),
    step_id: step,
    tool_call_id: call,
    tool: fc.constant("code__read"),
    status: fc.constantFrom("ok" as const, "error" as const, "no_data" as const),
    excerpt: fc.string(),
    receipt_id: fc.constant("r1"),
    duration_ms: fc.nat(9),
  }),
  fc.record({
    kind: fc.constant("model_call.interrupted" as const),
    step_id: step,
    asked_by: fc.constant("Bo"),
    usage: fc.constant({
      model: "m",
      model_calls: 1,
      input_tokens: 3,
      output_tokens: 1,
      cached_input_tokens: 0,
      cost_usd: null,
      unpriced_calls: 0,
    }),
  }) as fc.Arbitrary<Payload>,
  fc.record({
    kind: fc.constant("message.queued" as const),
    message_id: id,
    client_id: fc.constant("x"),
    author: fc.constant("Rita"),
    text: fc.string(),
    is_urgent: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("message.made_urgent" as const), message_id: id, asked_by: fc.constant("Bo") }),
  fc.record({ kind: fc.constant("message.edited" as const), message_id: id, text: fc.string() }),
  fc.record({ kind: fc.constant("message.taken_in" as const), message_id: id, step: fc.nat(5), author: fc.constant("Rita") }),
  fc.record({
    kind: fc.constant("notice.raised" as const),
    level: fc.constant("info" as const),
    message: fc.string(),
    next_step: fc.constant(""),
  }),
  fc.record({
    kind: fc.constant("attempt.restarted" as const),
    stage: fc.constantFrom("gather_context" as const, "analyze" as const),
    lost_attempt: fc.constant(0),
  }),
  fc.record({ kind: fc.constant("run.stop_requested" as const), asked_by: fc.constant("Bo") }),
);

/** Numbered as the server does it; a lost attempt's successor has the next number. */
function numbered(payloads: readonly Payload[]): Event[] {
  let attempt = 1;
  return payloads.map((said, index) => {
    if (said.kind !== "attempt.restarted") return event(index + 1, said, { attempt });
    attempt += 1;
    return event(index + 1, { ...said, lost_attempt: attempt - 1 }, { attempt });
  });
}

const opening: Payload[] = [
  { kind: "run.queued", number: 1, asked_by: "Rita", forked_from: "", forked_from_number: 0, fork_kind: null },
  { kind: "stage.started", stage: "gather_context" },
];
const made = fc.array(payload, { minLength: 1, maxLength: 40 }).map((payloads) => numbered([...opening, ...payloads]));
const run = fc.oneof(fc.constantFrom(...RECORDED), made);

/** As the server joins the text of an ended run: neighbors of one step and attempt (services/compaction.py). */
function compacted(events: readonly Event[]): Event[] {
  const joined: Event[] = [];
  for (const next of events) {
    const last = joined.at(-1);
    const isJoined =
      last?.payload.kind === "text.streamed" &&
      next.payload.kind === "text.streamed" &&
      last.payload.step_id === next.payload.step_id &&
      last.attempt === next.attempt;
    if (!isJoined) joined.push(next);
    else {
      const said = last.payload as typeof next.payload & { text: string };
      const both = { ...next.payload, text: said.text + (next.payload as { text: string }).text } as Payload;
      joined[joined.length - 1] = { ...next, first_seq: last.first_seq, payload: both };
    }
  }
  return joined;
}

// --- What happens to them on their way -------------------------------------------------------------------------------

type Mishap =
  | { type: "next"; count: number }
  | { type: "stray"; at: number; count: number }
  | { type: "drop" | "poll" | "compact" | "pause" };

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("next" as const), count: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("stray" as const), at: fc.nat(120), count: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom("drop" as const, "poll" as const, "compact" as const, "pause" as const) }),
  },
);
const mishaps = fc.array(mishap, { maxLength: 12 });

/** The state that a page has in the end, and the numbers that it was handed. */
async function delivered(log: Event[], plan: readonly Mishap[], { RunStream, fold }: Client): Promise<RunState> {
  FakeWebSocket.opened = [];
  let stored = log;
  let state = initialRunState;
  const cursors = new Map<FakeWebSocket, number>();
  const after = (cursor: number, limit: number) => stored.filter(({ seq }) => seq > cursor).slice(0, limit);
  const stream = new RunStream({
    runId: "run-1",
    onEvents: (events) => {
      state = fold(state, events);
    },
    onReset: () => {
      state = initialRunState;
    },
    onConnection: () => undefined,
    onReplayed: () => undefined,
    fetchEvents: async (_, cursor) => ({ events: after(cursor, 7), last_seq: log.length, is_ended: false }),
    WebSocketClass: FakeWebSocketClass,
    schedule: (flush) => setTimeout(flush, 16),
  });
  const connected = async () => {
    while (FakeWebSocket.last.readyState > 1) await vi.advanceTimersByTimeAsync(16_000);
    const socket = FakeWebSocket.last;
    if (socket.readyState === 0) socket.accept();
    if (!cursors.has(socket)) cursors.set(socket, Number(/after=(\d+)/.exec(socket.url)?.[1]));
    return socket;
  };
  const sendNext = async (count: number) => {
    const socket = await connected();
    const frame = after(cursors.get(socket) ?? 0, count);
    cursors.set(socket, frame.at(-1)?.seq ?? cursors.get(socket) ?? 0);
    socket.say({ type: "events", events: frame });
  };
  stream.start();
  for (const one of plan) {
    if (one.type === "next") await sendNext(one.count);
    else if (one.type === "stray") (await connected()).say({ type: "events", events: stored.slice(one.at, one.at + one.count) });
    else if (one.type === "compact") stored = compacted(log);
    else if (one.type === "pause") await vi.advanceTimersByTimeAsync(20);
    else (await connected()).drop();
    if (one.type === "poll") await vi.advanceTimersByTimeAsync(6_000);
  }
  for (let turn = 0; turn < 5 && state.lastSeq < log.length; turn += 1) {
    await sendNext(log.length);
    await vi.advanceTimersByTimeAsync(20);
  }
  stream.stop();
  return state;
}

/** Without what only tells in which pieces the text came. */
const seen = (state: RunState): unknown =>
  JSON.parse(JSON.stringify(state, (key, value) => (key === "pieces" ? undefined : value)));

const inOrder = (log: Event[]): RunState => applyEvents(initialRunState, log);

const sameEachWay = (client: Client) =>
  fc.asyncProperty(run, mishaps, async (log, plan) => {
    expect(seen(await delivered(log, plan, client))).toEqual(seen(inOrder(log)));
  });

const client = async (): Promise<Client> => ({ RunStream: (await import("@/lib/run-stream")).RunStream, fold: applyEvents });

// --- What holds ------------------------------------------------------------------------------------------------------

describe("the events of a run", () => {
  it("give the same however they were delivered", async () => {
    await fc.assert(sameEachWay(await client()), { numRuns: 150 });
  });

  it("give the same in whatever batches, and nothing more if they come again", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(run, cuts, (log, sizes) => {
        let state = initialRunState;
        for (let at = 0, index = 0; at < log.length; index += 1) {
          const size = sizes[index % sizes.length] ?? 1;
          state = applyEvents(state, log.slice(Math.max(0, at - 2), at + size));
          at += size;
        }
        expect(state).toEqual(inOrder(log));
        expect(applyEvents(state, log)).toBe(state);
      }),
      { numRuns: 150 },
    );
  });

  it("give the same compacted, from wherever a reader goes on", () => {
    fc.assert(
      fc.property(run, fc.nat(), (log, cut) => {
        const read = applyEvents(initialRunState, log.slice(0, cut % log.length));
        const rest = compacted(log).filter(({ seq }) => seq > read.lastSeq);
        expect(seen(applyEvents(read, rest))).toEqual(seen(inOrder(log)));
      }),
      { numRuns: 150 },
    );
  });
});

describe("these properties", () => {
  /** A client whose check of what comes next is replaced; the reducer's own is taken out by `fold`. */
  async function sabotaged(broken: "known" | "gap"): Promise<Client> {
    vi.doMock("@/lib/events", async (original) => {
      const events = await original<typeof import("@/lib/events")>();
      const continuity: typeof events.continuity = (lastSeq, told) => {
        const found = events.continuity(lastSeq, told);
        return found === broken ? "next" : found;
      };
      return { ...events, continuity };
    });
    const { RunStream } = await import("@/lib/run-stream");
    const forgetful: Fold = (before, events) => {
      let state = before;
      for (const one of events) state = applyEvents({ ...state, lastSeq: one.first_seq - 1 }, [one]);
      return state;
    };
    return { RunStream, fold: broken === "known" ? forgetful : applyEvents };
  }

  it.each(["known", "gap"] as const)("fail where what is %s is taken for what comes next", async (broken) => {
    const found = await fc.check(sameEachWay(await sabotaged(broken)), { numRuns: 150, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});
