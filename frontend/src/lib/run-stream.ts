/**
 * The live events of one run: a socket that resumes after the last event read, REST while there is no socket, and the
 * outbox of messages typed into the run. Hands over batches without gaps or repeats.
 */
import { api } from "./api";
import type { Event } from "./event-types.gen";
import { continuity } from "./events";
import { Outbox, type OutgoingMessage } from "./outbox";
import { type Problem, problemOf, toProblem } from "./problem";
import { type Connection, ReconnectingSocket, type SocketOptions, socketUrl } from "./socket";

export interface RunStreamOptions {
  runId: string;
  onEvents: (events: readonly Event[]) => void;
  /** What was read so far cannot be continued; everything comes again from the start. */
  onReset: () => void;
  onConnection: (connection: Connection) => void;
  /** The whole history is read; what follows is live. */
  onReplayed: () => void;
  fetchEvents?: typeof api.events;
  postMessage?: typeof api.sendMessage;
  WebSocketClass?: SocketOptions["WebSocketClass"];
  /** When to hand over what has come in: once a frame by default, and less often while a long history comes in. */
  schedule?: (flush: () => void, isHistory: boolean) => void;
}

/** How long the socket may be away before REST takes over, and how often it then asks. */
const FALLBACK_AFTER_MS = 5_000;
const FALLBACK_EVERY_MS = 4_000;

/** A message without an answer for this long goes another way. */
const OVERDUE_MS = 10_000;
const CHECK_EVERY_MS = 5_000;

export class RunStream {
  readonly outbox: Outbox;
  readonly #options: RunStreamOptions;
  readonly #socket: ReconnectingSocket;
  #lastSeq = 0;
  #batch: Event[] = [];
  #isLive = false;
  /** The beginning is handed over at once, so that there is something to read. */
  #isInHistory = false;
  #isReplayed = false;
  #isStopped = false;
  /** The `client_id`s of the messages that the events have told of. */
  readonly #queued = new Set<string>();
  /** When each message was last given to a way out, in milliseconds since 1970. */
  readonly #triedAt = new Map<string, number>();
  #overdue: ReturnType<typeof setInterval> | undefined;
  #fallback: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RunStreamOptions) {
    this.#options = options;
    this.outbox = new Outbox(options.runId);
    this.#socket = new ReconnectingSocket({
      url: () => socketUrl(`/ws/runs/${encodeURIComponent(options.runId)}/?after=${this.#lastSeq}${this.#as}`),
      onFrame: (frame) => this.#read(frame),
      onConnection: (connection) => this.#connectionChanged(connection),
      onOpen: () => this.#resend(),
      WebSocketClass: options.WebSocketClass,
    });
  }

  start(): void {
    this.#isStopped = false;
    this.#socket.start();
    this.#overdue = setInterval(() => this.#sendOverdue(), CHECK_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#overdue);
    clearTimeout(this.#fallback);
    this.#socket.stop();
  }

  /** `clientId`: of a message that another tab may be sending too; a message of its own without. */
  send(text: string, isUrgent = false, clientId?: string): void {
    // The other tab's has arrived: nothing would come any more that takes this one out of the outbox.
    if (clientId && this.#queued.has(clientId)) return;
    this.#deliver(this.outbox.add(text, isUrgent, clientId));
  }

  retry(clientId: string): void {
    const message = this.outbox.retry(clientId);
    if (message) this.#deliver(message);
  }

  /** The server refuses the socket to anybody else who has signed in in this browser: nothing goes out in their name. */
  get #as(): string {
    return this.outbox.author && `&as=${encodeURIComponent(this.outbox.author)}`;
  }

  #deliver(message: OutgoingMessage): void {
    if (!this.outbox.isAuthors) return;
    this.#triedAt.set(message.clientId, Date.now());
    const { clientId: client_id, text, isUrgent: urgent } = message;
    const isSent = this.#socket.send({ client_id, command: "message.send", text, ...(urgent && { urgent }) });
    if (!isSent) void this.#deliverByRest(message);
  }

  /** Handed to a socket that does not answer, or refused for the moment: REST is the other way. */
  #sendOverdue(): void {
    if (!this.outbox.isAuthors) return;
    for (const message of this.outbox.unsettled()) {
      const tried = this.#triedAt.get(message.clientId) ?? 0;
      if (message.state === "sending" && Date.now() - tried >= OVERDUE_MS) void this.#deliverByRest(message);
    }
  }

  async #deliverByRest(message: OutgoingMessage): Promise<void> {
    this.#triedAt.set(message.clientId, Date.now());
    const post = this.#options.postMessage ?? api.sendMessage;
    try {
      await post(this.#options.runId, message.text, message.clientId, message.isUrgent);
      this.outbox.accepted(message.clientId);
    } catch (error) {
      this.#failed(message.clientId, problemOf(error));
    }
  }

  /** What can get better by itself leaves the message where it is: it goes out again later. */
  #failed(clientId: string, problem: Problem | null): void {
    if (!problem || isPassing(problem)) return;
    this.outbox.refused(clientId, problem);
  }

  #resend(): void {
    for (const message of this.outbox.unsettled()) this.#deliver(message);
  }

  #read(frame: Record<string, unknown>): void {
    const clientId = String(frame.client_id ?? "");
    if (frame.type === "events") this.#take(frame.events as Event[]);
    else if (frame.type === "replay.done") this.#socketIsCurrent();
    else if (frame.type === "ack") this.outbox.accepted(clientId);
    else if (frame.type === "error" && clientId) this.#failed(clientId, readProblem(frame.problem));
  }

  #socketIsCurrent(): void {
    this.#socket.confirm();
    this.#flushThen(this.#options.onReplayed);
  }

  #take(events: readonly Event[]): void {
    for (const event of events) {
      const step = continuity(this.#lastSeq, event);
      if (step === "known") continue;
      // Compacted text takes the place of the pieces that were read of it; whatever else overlaps cannot be cut.
      if (step === "gap" || (step === "overlap" && event.payload.kind !== "text.streamed")) {
        this.#resume(step);
        return;
      }
      this.#lastSeq = event.seq;
      if (event.payload.kind === "message.queued") {
        this.#queued.add(event.payload.client_id);
        this.outbox.remove(event.payload.client_id);
      }
      this.#batch.push(event);
      if (this.#batch.length === 1) (this.#options.schedule ?? soon)(() => this.#flush(), this.#isInHistory);
    }
  }

  /** A gap is filled by asking again from the last event; a range that overlaps it only by reading all again. */
  #resume(reason: "gap" | "overlap"): void {
    if (reason === "overlap") {
      this.#flush();
      this.#lastSeq = 0;
      this.#options.onReset();
    }
    this.#socket.reopen();
  }

  #flush(): void {
    const events = this.#batch;
    this.#batch = [];
    if (events.length === 0 || this.#isStopped) return;
    this.#isInHistory = !this.#isReplayed;
    this.#options.onEvents(events);
  }

  #flushThen(action: () => void): void {
    this.#isReplayed = true;
    this.#flush();
    if (!this.#isStopped) action();
  }

  #connectionChanged(connection: Connection): void {
    this.#isLive = connection === "live";
    const mayComeBack = connection === "reconnecting" || connection === "connecting";
    if (!mayComeBack || this.#isStopped) {
      clearTimeout(this.#fallback);
      this.#fallback = undefined;
    } else {
      this.#fallback ??= setTimeout(() => void this.#poll(), FALLBACK_AFTER_MS);
    }
    this.#options.onConnection(connection);
  }

  async #poll(): Promise<void> {
    const fetchEvents = this.#options.fetchEvents ?? api.events;
    try {
      const page = await fetchEvents(this.#options.runId, this.#lastSeq);
      if (this.#isStopped) return;
      this.#take(page.events);
      if (page.events.length === 0 || this.#lastSeq >= page.last_seq) this.#flushThen(this.#options.onReplayed);
    } catch (error) {
      // The socket's state already tells that the server is away; anything else must be seen.
      if (problemOf(error)?.status !== 0) console.warn("Reading events over REST failed", error);
    }
    if (!this.#isLive && !this.#isStopped) this.#fallback = setTimeout(() => void this.#poll(), FALLBACK_EVERY_MS);
  }
}

/** Not reached, signed out, a token of before, too many at once, or a fault of the server: none is about the message. */
function isPassing({ status, code }: Problem): boolean {
  return status === 0 || status === 401 || status === 429 || status >= 500 || code === "csrf_failed";
}

function readProblem(value: unknown): Problem {
  return toProblem(400, value);
}

/** How often the page is drawn again while a long history comes in: each time costs more, the longer it is. */
const HISTORY_MS = 1_000;

/** Once a frame; hidden tabs get no frames, so a timer there keeps title and notices current. A second flush is empty. */
function soon(flush: () => void, isHistory: boolean): void {
  if (!isHistory) requestAnimationFrame(flush);
  setTimeout(flush, isHistory ? HISTORY_MS : 250);
}
