/**
 * What people typed and chose, kept in this browser under their user name: over a reload, in every tab, and while a
 * session has ended. Nobody else who signs in here sees it, and whoever signs out leaves nothing behind.
 */
import { notify } from "./notices";

/** `draft`: not sent yet; `outbox`: sent and not told by the server yet; `choice`: how the person wants the page. */
export type KeptKind = "draft" | "outbox" | "choice";

interface Entry {
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

const SESSION_KEY = "sahur.session";
const KINDS = /^sahur\.(draft|outbox|choice)\./;
const WRITTEN = /^sahur\.(draft|outbox)\./;
/** Nobody comes back to a draft after this long. */
const LONGEST_MS = 30 * 24 * 3_600_000;

let owner = "";
const listeners = new Set<() => void>();
/** Where the browser refuses to store (full, or private browsing): it then lasts as long as the page. */
const unstored = new Map<string, string>();

/** Whose things are kept and found from now on: a user name, empty for nobody. */
export function keepFor(username: string): void {
  if (owner === username) return;
  owner = username;
  dropOld();
  tell();
}

export const keeper = (): string => owner;

/** What is being written to a run. When it ends meanwhile, the further one hears it. */
export const messageDraft = (runId: string): string => `message.${runId}`;

/** What was kept under this name, empty for nothing. */
export function kept(kind: KeptKind, name: string): string {
  return read(keyOf(kind, name))?.text ?? "";
}

/** Keeps a text, or forgets what was kept where it is empty. Without a person nothing is kept. */
export function keep(kind: KeptKind, name: string, text: string): void {
  if (!owner) return;
  const key = keyOf(kind, name);
  if (text) store(key, JSON.stringify({ text, at: Date.now() } satisfies Entry));
  else remove(key);
  tell();
}

/** All that is kept whose name begins like this, the oldest first. */
export function keptUnder(kind: KeptKind, start: string): { name: string; text: string }[] {
  const prefix = keyOf(kind, "");
  const found = allKeys().filter((key) => key.startsWith(prefix + start));
  return found
    .flatMap((key) => {
      const entry = read(key);
      return entry ? [{ name: key.slice(prefix.length), ...entry }] : [];
    })
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
}

/** What is chosen for this browser, whoever sits at it, such as its colors; empty for nothing. */
export function browserChoice(name: string): string {
  const key = `sahur.${name}`;
  return unstored.get(key) ?? lasting()?.getItem(key) ?? "";
}

/** Plain text, for the page's head reads it too; an empty one forgets the choice. */
export function chooseForBrowser(name: string, value: string): void {
  if (value) store(`sahur.${name}`, value);
  else remove(`sahur.${name}`);
}

/** Signing out: the next person at this browser must not find what this one typed, sent or not. */
export function forgetKept(): void {
  for (const key of allKeys()) if (KINDS.test(key) && isOwners(key)) remove(key);
  const session = opened(() => sessionStorage);
  for (const key of Object.keys(session ?? {})) if (KINDS.test(key)) session?.removeItem(key);
  keepFor("");
  tell();
}

/** Calls back when anything kept has changed, here or in another tab, and when the person has. */
export function subscribeKept(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener("storage", onStorage);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener("storage", onStorage);
  };
}

/** Tells this browser's other tabs who is signed in now; empty: whoever was has signed out. */
export function announceSession(username: string): void {
  // The time makes each announcement a change, also of the same name.
  store(SESSION_KEY, JSON.stringify({ text: username, at: Date.now() } satisfies Entry));
}

/** Calls back with the user name when somebody signs in in another tab, and with an empty one at signing out there. */
export function onSessionElsewhere(listener: (username: string) => void): () => void {
  const onChange = (event: StorageEvent) => {
    if (event.key === SESSION_KEY && event.newValue) listener(parse(event.newValue)?.text ?? "");
  };
  addEventListener("storage", onChange);
  return () => removeEventListener("storage", onChange);
}

/** The slash ends the user name, in which it is encoded. */
const keyOf = (kind: KeptKind, name: string): string => `sahur.${kind}.${encodeURIComponent(owner)}/${name}`;
const isOwners = (key: string): boolean => key.slice(0, key.indexOf("/")).replace(KINDS, "") === encodeURIComponent(owner);
const allKeys = (): string[] => [...new Set([...Object.keys(lasting() ?? {}), ...unstored.keys()])];

/** Null where the browser lets pages keep nothing at all: even to ask for it is refused then. */
function opened(storage: () => Storage): Storage | null {
  try {
    return storage();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}

const lasting = (): Storage | null => opened(() => localStorage);

function onStorage(event: StorageEvent): void {
  // Sent or given up in another tab.
  if (event.key !== null && event.newValue === null) unstored.delete(event.key);
  if (event.key === null || KINDS.test(event.key)) tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** The newer one, where the browser holds an earlier text that it lets nobody replace. */
function read(key: string): Entry | null {
  const [held, here] = [lasting()?.getItem(key), unstored.get(key)].map((text) => (text ? parse(text) : null));
  return held && here ? (held.at > here.at ? held : here) : (held ?? here ?? null);
}

/** Null for what another version of this page has stored in another form. */
function parse(text: string): Entry | null {
  try {
    const entry = JSON.parse(text) as Partial<Entry> | null;
    return entry && typeof entry.text === "string" && typeof entry.at === "number" ? { text: entry.text, at: entry.at } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function store(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
    unstored.delete(key);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (WRITTEN.test(key) && !isOnlyHere()) warn();
    unstored.set(key, text);
  }
}

/** Whether something that a person has written would be gone with this page. */
const isOnlyHere = (): boolean => [...unstored.keys()].some((key) => WRITTEN.test(key));

function warn(): void {
  notify(
    "This browser stores nothing more. What you write is kept until this page is closed or reloaded: send it before.",
    "bad",
  );
  addEventListener("beforeunload", (event) => isOnlyHere() && event.preventDefault());
}

function remove(key: string): void {
  lasting()?.removeItem(key);
  unstored.delete(key);
}

/** Also of people who have not been here for long. */
function dropOld(): void {
  for (const key of allKeys()) {
    const isOld = KINDS.test(key) && !key.startsWith("sahur.choice.") && (read(key)?.at ?? 0) < Date.now() - LONGEST_MS;
    if (isOld) remove(key);
  }
}
