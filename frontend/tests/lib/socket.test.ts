// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Connection, ReconnectingSocket } from "@/lib/socket";
import { FakeWebSocket, FakeWebSocketClass } from "../fake-web-socket";

const started: ReconnectingSocket[] = [];

function open() {
  const states: Connection[] = [];
  const frames: Record<string, unknown>[] = [];
  const socket = new ReconnectingSocket({
    url: () => "ws://here/ws/",
    onFrame: (frame) => frames.push(frame),
    onConnection: (state) => states.push(state),
    WebSocketClass: FakeWebSocketClass,
  });
  socket.start();
  started.push(socket);
  return { socket, states, frames };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeWebSocket.opened = [];
});

// They all hear of the network.
afterEach(() => {
  for (const socket of started.splice(0)) socket.stop();
});

describe("ReconnectingSocket", () => {
  it("asks for the subprotocol of the contract", () => {
    open();
    expect(FakeWebSocket.last.protocols).toEqual(["sahur.v1"]);
  });

  it("comes back after a loss, later each time, and says so", () => {
    const { states } = open();
    FakeWebSocket.last.drop();
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.opened).toHaveLength(2);
    FakeWebSocket.last.drop();
    vi.advanceTimersByTime(400);
    expect(FakeWebSocket.opened).toHaveLength(2);
    vi.advanceTimersByTime(600);
    FakeWebSocket.last.accept();
    expect(FakeWebSocket.opened).toHaveLength(3);
    expect([states[0], states[1], states.at(-1)]).toEqual(["connecting", "reconnecting", "live"]);
  });

  it.each([
    [4403, "forbidden"],
    [4404, "missing"],
  ])("does not try again after %i", (code, state) => {
    const { states } = open();
    FakeWebSocket.last.accept();
    FakeWebSocket.last.drop(code);
    vi.advanceTimersByTime(120_000);
    expect(states.at(-1)).toBe(state);
    expect(FakeWebSocket.opened).toHaveLength(1);
  });

  it("asks once more after 4401: a new password ends the connections of the old one", () => {
    const { states } = open();
    FakeWebSocket.last.accept();
    FakeWebSocket.last.drop(4401);
    expect(states.at(-1)).toBe("reconnecting");
    vi.advanceTimersByTime(500);
    FakeWebSocket.last.accept();
    FakeWebSocket.last.drop(4401);
    vi.advanceTimersByTime(120_000);
    expect(states.at(-1)).toBe("signed_out");
    expect(FakeWebSocket.opened).toHaveLength(2);
  });

  it("does not call itself live when the network goes", () => {
    const { states } = open();
    FakeWebSocket.last.accept();
    const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    dispatchEvent(new Event("offline"));
    expect(states.at(-1)).toBe("offline");
    online.mockRestore();
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.opened).toHaveLength(2);
  });

  it("comes back after 4408: it was only too slow", () => {
    open();
    FakeWebSocket.last.drop(4408);
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.opened).toHaveLength(2);
  });

  it("gives up a connection that is silent, but not one with pings", () => {
    open();
    FakeWebSocket.last.accept();
    for (let minute = 0; minute < 4; minute++) {
      vi.advanceTimersByTime(30_000);
      FakeWebSocket.last.say({ type: "ping" });
    }
    expect(FakeWebSocket.opened).toHaveLength(1);
    vi.advanceTimersByTime(46_000);
    expect(FakeWebSocket.opened).toHaveLength(2);
  });

  it("hears nothing any more from a connection that it has left", () => {
    const { socket, frames } = open();
    const left = FakeWebSocket.last;
    socket.reopen();
    left.say({ type: "events" });
    expect(frames).toEqual([]);
  });

  it("is quiet once stopped", () => {
    const { socket } = open();
    FakeWebSocket.last.drop();
    socket.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.opened).toHaveLength(1);
  });
});
