// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Event } from "@/lib/event-types.gen";
import { keepFor } from "@/lib/keeping";
import { ApiError, toProblem, unreachable } from "@/lib/problem";
import { RunStream, type RunStreamOptions } from "@/lib/run-stream";
import { isSessionInDoubt, renewSession } from "@/lib/session-end";
import { callStarted, event, messageQueued, text } from "../events";
import { FakeWebSocket, FakeWebSocketClass } from "../fake-web-socket";

function open(more: Partial<RunStreamOptions> = {}) {
  const seen: number[] = [];
  const onReset = vi.fn();
  const onReplayed = vi.fn();
  const stream = new RunStream({
    runId: "run-1",
    onEvents: (events) => seen.push(...events.map(({ seq }) => seq)),
    onReset,
    onReplayed,
    onConnection: () => undefined,
    fetchEvents: vi.fn(async () => ({ events: [] as Event[], last_seq: 0, is_ended: false })),
    postMessage: vi.fn(),
    WebSocketClass: FakeWebSocketClass,
    schedule: (flush) => flush(),
    ...more,
  });
  stream.start();
  return { stream, seen, onReset, onReplayed };
}

const batch = (...numbers: number[]) => ({ type: "events", events: numbers.map((seq) => event(seq, text("a", "x"))) });
const reconnect = () => {
  vi.advanceTimersByTime(500);
  FakeWebSocket.last.accept();
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeWebSocket.opened = [];
});

describe("reading", () => {
  it("resumes after the last event that it has, and takes none twice", () => {
    const { seen } = open({ schedule: (flush) => setTimeout(flush, 0) });
    FakeWebSocket.last.accept();
    expect(FakeWebSocket.last.url).toMatch(/\/ws\/runs\/run-1\/\?after=0&as=rita$/);
    FakeWebSocket.last.say(batch(1, 2, 3));
    FakeWebSocket.last.drop();
    reconnect();
    expect(FakeWebSocket.last.url).toMatch(/after=3&as=rita$/);
    FakeWebSocket.last.say(batch(3, 4));
    vi.advanceTimersByTime(1);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("fills a gap by asking again from the last event", () => {
    const { seen } = open();
    FakeWebSocket.last.accept();
    FakeWebSocket.last.say(batch(1, 2));
    FakeWebSocket.last.say(batch(5));
    expect(seen).toEqual([1, 2]);
    reconnect();
    expect(FakeWebSocket.last.url).toMatch(/after=2&as=rita$/);
    FakeWebSocket.last.say(batch(3, 4, 5));
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it("hands over compacted text that overlaps what it has, and goes on after it", () => {
    const { seen, onReset } = open();
    FakeWebSocket.last.accept();
    FakeWebSocket.last.say(batch(1, 2));
    FakeWebSocket.last.say({ type: "events", events: [event(9, text("a", "x"), { first_seq: 2 })] });
    FakeWebSocket.last.say(batch(10));
    expect(seen).toEqual([1, 2, 9, 10]);
    expect(onReset).not.toHaveBeenCalled();
  });

  it("reads all again where a range of anything but text overlaps what it has", () => {
    const { seen, onReset } = open();
    FakeWebSocket.last.accept();
    FakeWebSocket.last.say(batch(1, 2));
    const range = (first_seq: number) => ({ type: "events", events: [event(9, callStarted("a", "c"), { first_seq })] });
    FakeWebSocket.last.say(range(2));
    expect(onReset).toHaveBeenCalledOnce();
    reconnect();
    expect(FakeWebSocket.last.url).toMatch(/after=0&as=rita$/);
    FakeWebSocket.last.say(range(1));
    expect(seen.at(-1)).toBe(9);
  });

  it("tells the end of the history only after its events", () => {
    const order: string[] = [];
    open({
      schedule: () => undefined,
      onEvents: () => order.push("events"),
      onReplayed: () => order.push("replayed"),
    });
    FakeWebSocket.last.accept();
    FakeWebSocket.last.say(batch(1));
    FakeWebSocket.last.say({ type: "replay.done", last_seq: 1 });
    expect(order).toEqual(["events", "replayed"]);
  });

  it("goes on in a tab that nobody looks at, which is drawn no frames", () => {
    vi.stubGlobal("requestAnimationFrame", () => 0);
    const { seen } = open({ schedule: undefined });
    FakeWebSocket.last.accept();
    FakeWebSocket.last.say(batch(1));
    FakeWebSocket.last.say({ type: "replay.done", last_seq: 1 });
    FakeWebSocket.last.say(batch(2));
    expect(seen).toEqual([1]);
    vi.advanceTimersByTime(300);
    expect(seen).toEqual([1, 2]);
  });

  it("reads over REST while no socket comes through", async () => {
    const fetchEvents = vi.fn(async (_run: string, after: number) => ({
      events: after === 0 ? [event(1, text("a", "x"))] : [],
      last_seq: 1,
      is_ended: false,
    }));
    const { seen, onReplayed } = open({ fetchEvents });
    FakeWebSocket.last.drop();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(seen).toEqual([1]);
    expect(onReplayed).toHaveBeenCalled();
  });
});

describe("sending", () => {
  it("keeps a message until the run's events tell it, and sends it again until then", () => {
    const { stream } = open();
    FakeWebSocket.last.accept();
    stream.send("look at the deploy");
    const [first] = FakeWebSocket.last.sent;
    expect(first).toMatchObject({ command: "message.send", text: "look at the deploy" });
    FakeWebSocket.last.say({ type: "ack", client_id: first?.client_id, result: {} });
    FakeWebSocket.last.drop();
    reconnect();
    expect(FakeWebSocket.last.sent).toEqual([first]);
    FakeWebSocket.last.say({ type: "events", events: [event(1, messageQueued("m1", String(first?.client_id)))] });
    expect(stream.outbox.snapshot()).toEqual([]);
  });

  it("sends once what another tab has sent under the same client_id", () => {
    const { stream } = open();
    FakeWebSocket.last.accept();
    stream.send("from both", false, "c-1");
    expect(FakeWebSocket.last.sent).toMatchObject([{ client_id: "c-1" }]);
    FakeWebSocket.last.say({ type: "events", events: [event(1, messageQueued("m1", "c-1"))] });
    stream.send("from both", false, "c-1");
    expect(FakeWebSocket.last.sent).toHaveLength(1);
    expect(stream.outbox.snapshot()).toEqual([]);
  });

  it("finds what was not told yet after a reload", () => {
    const { stream } = open();
    stream.send("kept");
    stream.stop();
    open();
    FakeWebSocket.last.accept();
    expect(FakeWebSocket.last.sent).toMatchObject([{ text: "kept" }]);
  });

  it("uses REST, with the same client_id, while the socket is down", async () => {
    const postMessage = vi.fn(async () => ({}) as never);
    const { stream } = open({ postMessage });
    stream.send("by REST");
    await vi.advanceTimersByTimeAsync(0);
    const [message] = stream.outbox.snapshot();
    expect(postMessage).toHaveBeenCalledWith("run-1", "by REST", message?.clientId, false);
    expect(message?.state).toBe("accepted");
  });

  it("asks for what is to be used now over either way", async () => {
    const postMessage = vi.fn(async () => ({}) as never);
    const { stream } = open({ postMessage });
    stream.send("now", true);
    await vi.advanceTimersByTimeAsync(0);
    expect(postMessage).toHaveBeenCalledWith("run-1", "now", expect.any(String), true);
    FakeWebSocket.last.accept();
    expect(FakeWebSocket.last.sent).toMatchObject([{ command: "message.send", text: "now", urgent: true }]);
  });

  it("keeps the message where the server is not reached", async () => {
    const { stream } = open({ postMessage: vi.fn(async () => Promise.reject(unreachable())) });
    stream.send("later");
    await vi.advanceTimersByTimeAsync(0);
    expect(stream.outbox.snapshot()).toMatchObject([{ text: "later", state: "sending" }]);
  });

  it("sends by REST what an open socket does not answer", async () => {
    const postMessage = vi.fn(async () => ({}) as never);
    const { stream } = open({ postMessage });
    FakeWebSocket.last.accept();
    stream.send("is anybody there");
    await vi.advanceTimersByTimeAsync(9_000);
    expect(postMessage).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(postMessage).toHaveBeenCalledTimes(1);
    expect(stream.outbox.snapshot()).toMatchObject([{ state: "accepted" }]);
  });

  it.each([
    [429, "too_many_requests"],
    [401, "not_signed_in"],
    [503, "database_away"],
    [403, "csrf_failed"],
  ])("keeps trying where a refusal (%i %s) is not about the message", async (status, code) => {
    const answers = [() => Promise.reject(new ApiError(toProblem(status, { code }))), async () => ({}) as never];
    const postMessage = vi.fn(() => (answers.shift() ?? answers[0] ?? (async () => ({}) as never))());
    const { stream } = open({ postMessage });
    stream.send("again");
    await vi.advanceTimersByTimeAsync(0);
    expect(stream.outbox.snapshot()).toMatchObject([{ state: "sending" }]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(stream.outbox.snapshot()).toMatchObject([{ state: "accepted" }]);
  });

  it("sends nothing in the name of whoever else has signed in", async () => {
    const postMessage = vi.fn(async () => Promise.reject(unreachable()));
    const { stream } = open({ postMessage });
    stream.send("by rita");
    await vi.advanceTimersByTimeAsync(0);
    keepFor("bo");
    postMessage.mockClear();
    FakeWebSocket.last.accept();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeWebSocket.opened.flatMap((socket) => socket.sent)).toEqual([]);
    expect(postMessage).not.toHaveBeenCalled();
    const { stream: ofBo } = open({ postMessage });
    expect(ofBo.outbox.snapshot()).toEqual([]);
    keepFor("rita");
    expect(open().stream.outbox.snapshot()).toMatchObject([{ text: "by rita" }]);
  });

  it("goes on where it was once the person has signed in again", () => {
    const { stream } = open();
    FakeWebSocket.last.accept();
    FakeWebSocket.last.say(batch(1));
    for (const _ of [1, 2]) {
      FakeWebSocket.last.drop(4401);
      vi.advanceTimersByTime(2_000);
    }
    const opened = FakeWebSocket.opened.length;
    expect(isSessionInDoubt()).toBe(true);
    stream.send("typed meanwhile");
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.opened).toHaveLength(opened);
    renewSession();
    FakeWebSocket.last.accept();
    expect(FakeWebSocket.last.url).toMatch(/after=1&as=rita$/);
    expect(FakeWebSocket.last.sent).toMatchObject([{ text: "typed meanwhile" }]);
  });

  it("shows a refusal and does not send it again by itself", async () => {
    const problem = toProblem(409, { code: "conflict", detail: "The run has ended." });
    const { stream } = open({ postMessage: vi.fn(async () => Promise.reject(new ApiError(problem))) });
    stream.send("too late");
    await vi.advanceTimersByTimeAsync(0);
    expect(stream.outbox.snapshot()).toMatchObject([{ state: "refused", problem: { detail: "The run has ended." } }]);
    FakeWebSocket.last.accept();
    expect(FakeWebSocket.last.sent).toEqual([]);
  });
});
