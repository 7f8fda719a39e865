/**
 * A WebSocket that comes back: back-off with jitter, a watchdog fed by the server's pings, at once when the network or
 * the tab returns, and told at once when the network goes. Close codes that cannot get better by trying again (docs/architecture.md, Sockets) end it.
 */
import { noteAnswer } from "./reach";
import { doubtSession, onSessionRenewed } from "./session-end";

export type Connection = "connecting" | "live" | "reconnecting" | "offline" | "signed_out" | "forbidden" | "missing" | "closed";

export interface SocketOptions {
  /** Asked again for every attempt, so that it can carry the cursor of the moment. */
  url: () => string;
  onFrame: (frame: Record<string, unknown>) => void;
  onConnection: (connection: Connection) => void;
  onOpen?: () => void;
  /** Milliseconds without any frame after which the connection counts as dead. The server pings every 15 s. */
  silenceMs?: number;
  WebSocketClass?: typeof WebSocket;
}

const SUBPROTOCOL = "sahur.v1";
const OPEN = 1;
const SIGNED_OUT = 4401;
const FINAL: Record<number, Connection> = {
  1000: "closed",
  4400: "missing",
  [SIGNED_OUT]: "signed_out",
  4403: "forbidden",
  4404: "missing",
};
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

export class ReconnectingSocket {
  readonly #options: SocketOptions;
  #socket: WebSocket | null = null;
  #failures = 0;
  #isStopped = true;
  #looksSignedOut = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #forgetRenewal: (() => void) | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    addEventListener("online", this.#wake);
    addEventListener("offline", this.#lose);
    document.addEventListener("visibilitychange", this.#wake);
    this.#forgetRenewal ??= onSessionRenewed(this.#signedInAgain);
    this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    removeEventListener("online", this.#wake);
    removeEventListener("offline", this.#lose);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#forgetRenewal?.();
    this.#forgetRenewal = undefined;
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** Whether the frame was handed to an open connection; that says nothing about its arrival. */
  send(frame: object): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Leaves this connection and opens another one, for instance because frames are missing. */
  reopen(): void {
    if (this.#isStopped) return;
    this.#drop();
    this.#retry();
  }

  /** What arrives is good: the next loss starts with the shortest delay again. */
  confirm(): void {
    this.#failures = 0;
    this.#looksSignedOut = false;
  }

  #open(): void {
    clearTimeout(this.#retryTimer);
    this.#options.onConnection(this.#failures ? "reconnecting" : "connecting");
    const socket = new (this.#options.WebSocketClass ?? WebSocket)(this.#options.url(), [SUBPROTOCOL]);
    this.#socket = socket;
    socket.onopen = () => {
      noteAnswer(true);
      this.#options.onConnection("live");
      this.#feedWatchdog();
      this.#options.onOpen?.();
    };
    socket.onmessage = (message: MessageEvent) => {
      if (this.#socket !== socket) return;
      this.#feedWatchdog();
      this.#options.onFrame(JSON.parse(String(message.data)) as Record<string, unknown>);
    };
    socket.onclose = (event: CloseEvent) => {
      if (this.#socket === socket) this.#closed(event.code);
    };
    this.#feedWatchdog();
  }

  #closed(code: number): void {
    this.#socket = null;
    clearTimeout(this.#watchdog);
    // A new password ends the connections of the old one, but this browser may have a new session: it asks once more.
    const isFirstDoubt = code === SIGNED_OUT && !this.#looksSignedOut;
    this.#looksSignedOut = code === SIGNED_OUT;
    const final = isFirstDoubt ? undefined : FINAL[code];
    if (final) this.#options.onConnection(final);
    else this.#retry();
    if (final) this.#isStopped = true;
    if (final === "signed_out") doubtSession();
  }

  /** Signed in again on this page: what ended because of that goes on from where it was. */
  readonly #signedInAgain = (): void => {
    if (this.#socket && this.#socket.readyState <= OPEN) return;
    this.#isStopped = false;
    this.#looksSignedOut = false;
    this.#open();
  };

  #retry(): void {
    noteAnswer(false);
    this.#options.onConnection(navigator.onLine === false ? "offline" : "reconnecting");
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, LONGEST_DELAY_MS);
    this.#failures += 1;
    clearTimeout(this.#retryTimer);
    // Jitter: a restarted server must not get all of its readers back in the same instant.
    this.#retryTimer = setTimeout(() => this.#open(), delay / 2 + Math.random() * (delay / 2));
  }

  readonly #wake = (): void => {
    if (this.#isStopped || this.#socket || document.visibilityState === "hidden") return;
    this.#failures = Math.max(this.#failures, 1);
    this.#open();
  };

  /** A cut cable closes no socket: without this the page would call itself live until the watchdog finds out. */
  readonly #lose = (): void => this.reopen();

  #feedWatchdog(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.reopen(), this.#options.silenceMs ?? 45_000);
  }

  #drop(): void {
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

/** The address of a socket of this origin. */
export function socketUrl(path: string): string {
  return `${location.origin.replace(/^http/, "ws")}${path}`;
}
