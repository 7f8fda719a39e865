/**
 * Messages that were typed but not yet seen in the run's events. Each is kept, also over a reload and for all tabs, until
 * the server echoes its `client_id`; the server takes a `client_id` once, so sending again is harmless. Each lies under a
 * key of its own: two tabs that change two messages at once lose neither. They are their author's: whoever else signs in
 * finds none of them.
 */
import { keep, keeper, keptUnder, subscribeKept } from "./keeping";
import type { Problem } from "./problem";

export interface OutgoingMessage {
  clientId: string;
  text: string;
  /** To be used now: the model's call under way is given up for it. */
  isUrgent: boolean;
  /** `refused` carries the problem and waits for the person; the others are sent again by themselves. */
  state: "sending" | "accepted" | "refused";
  problem: Problem | null;
}

type Listener = () => void;

export class Outbox {
  /** Of their author; empty while nobody is signed in. */
  readonly author: string;
  readonly #prefix: string;
  #messages: readonly OutgoingMessage[];
  #stored = "";
  readonly #listeners = new Set<Listener>();
  #unsubscribe: (() => void) | undefined;

  constructor(runId: string) {
    this.author = keeper();
    this.#prefix = `${runId}.`;
    this.#messages = [];
    this.#reload();
  }

  /** Whether it is its author who would send them now. */
  get isAuthors(): boolean {
    return this.author === keeper();
  }

  add(text: string, isUrgent: boolean, clientId: string = crypto.randomUUID()): OutgoingMessage {
    const message: OutgoingMessage = { clientId, text, isUrgent, state: "sending", problem: null };
    this.#keep(message);
    return message;
  }

  accepted(clientId: string): void {
    this.#change(clientId, { state: "accepted", problem: null });
  }

  refused(clientId: string, problem: Problem): void {
    this.#change(clientId, { state: "refused", problem });
  }

  retry(clientId: string): OutgoingMessage | undefined {
    this.#change(clientId, { state: "sending", problem: null });
    return this.#messages.find((message) => message.clientId === clientId);
  }

  /** The message is in the run's events (or the person gave it up): it need not be kept any more. */
  remove(clientId: string): void {
    if (!this.isAuthors || !this.#messages.some((message) => message.clientId === clientId)) return;
    keep("outbox", this.#prefix + clientId, "");
    this.#reload();
  }

  /** What must be sent (again) over a fresh connection. */
  unsettled(): readonly OutgoingMessage[] {
    return this.#messages.filter((message) => message.state !== "refused");
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#unsubscribe ??= subscribeKept(() => this.#reload());
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    };
  };

  readonly snapshot = (): readonly OutgoingMessage[] => this.#messages;

  #change(clientId: string, change: Partial<OutgoingMessage>): void {
    const known = this.#messages.find((message) => message.clientId === clientId);
    if (known) this.#keep({ ...known, ...change });
  }

  #keep(message: OutgoingMessage): void {
    if (!this.isAuthors) return;
    keep("outbox", this.#prefix + message.clientId, JSON.stringify(message));
    this.#reload();
  }

  /** Another tab may have added, settled or removed some. */
  #reload(): void {
    const found = this.isAuthors ? keptUnder("outbox", this.#prefix).map(({ text }) => text) : [];
    const stored = found.join("\n");
    if (stored === this.#stored) return;
    this.#stored = stored;
    this.#messages = found.map((text) => JSON.parse(text) as OutgoingMessage);
    for (const listener of this.#listeners) listener();
  }
}
