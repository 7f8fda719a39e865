/**
 * Messages that were typed but not yet seen in the run's events. Each is kept, also over a reload, until the server
 * echoes its `client_id`; the server takes a `client_id` once, so sending again is harmless.
 */
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
  readonly #storageKey: string;
  #messages: readonly OutgoingMessage[];
  readonly #listeners = new Set<Listener>();

  constructor(runId: string) {
    this.#storageKey = `sahur.outbox.${runId}`;
    this.#messages = read(this.#storageKey);
  }

  add(text: string, isUrgent: boolean): OutgoingMessage {
    const message: OutgoingMessage = { clientId: crypto.randomUUID(), text, isUrgent, state: "sending", problem: null };
    this.#set([...this.#messages, message]);
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
    if (this.#messages.some((message) => message.clientId === clientId)) {
      this.#set(this.#messages.filter((message) => message.clientId !== clientId));
    }
  }

  /** What must be sent (again) over a fresh connection. */
  unsettled(): readonly OutgoingMessage[] {
    return this.#messages.filter((message) => message.state !== "refused");
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): readonly OutgoingMessage[] => this.#messages;

  #change(clientId: string, change: Partial<OutgoingMessage>): void {
    this.#set(this.#messages.map((message) => (message.clientId === clientId ? { ...message, ...change } : message)));
  }

  #set(messages: readonly OutgoingMessage[]): void {
    this.#messages = messages;
    if (messages.length) sessionStorage.setItem(this.#storageKey, JSON.stringify(messages));
    else sessionStorage.removeItem(this.#storageKey);
    for (const listener of this.#listeners) listener();
  }
}

function read(key: string): readonly OutgoingMessage[] {
  const stored = sessionStorage.getItem(key);
  return stored ? (JSON.parse(stored) as OutgoingMessage[]) : [];
}
