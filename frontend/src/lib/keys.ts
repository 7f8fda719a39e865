/** Keys as they are written in the registry (`mod+k`, `?`, `g i`, `shift+j`), as they are pressed, and as they are shown. */

/** What is read of a `KeyboardEvent`. */
export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  getModifierState?: (name: string) => boolean;
}

/** In the order in which a stroke names them. `mod` is Command on a Mac and Control elsewhere. */
const MODIFIERS = ["mod", "alt", "shift"] as const;
type Modifier = (typeof MODIFIERS)[number];

/** Keys by themselves do nothing, with one of these another key is still to come. */
const SILENT = new Set(["Control", "Meta", "Alt", "AltGraph", "Shift", "CapsLock", "Dead", "Process", "Unidentified"]);
const NAMED: Record<string, string> = { " ": "space", Escape: "esc", ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left" };
const KNOWN = new Set("space esc up down left right enter backspace delete tab home end pageup pagedown".split(" "));

const isLetter = (key: string): boolean => /^[a-z]$/.test(key);
const isSymbol = (key: string): boolean => key.length === 1 && !isLetter(key);

/** The strokes of `keys`, in one form however they were written. Throws for what no keyboard can send. */
export function strokesOf(keys: string): string[] {
  return keys.trim().split(/\s+/).map(normal);
}

function normal(written: string): string {
  // The last plus may be the key itself, as in `mod++`.
  const parts = written.toLowerCase().split(/\+(?!$)/);
  const key = parts.pop() ?? "";
  const held = new Set(parts);
  for (const name of held) if (!MODIFIERS.includes(name as Modifier)) throw new Error(`${written}: ${name} is no modifier`);
  if (key.length !== 1 && !KNOWN.has(key)) throw new Error(`${written}: there is no key ${key || "after the plus"}`);
  if (held.has("shift") && isSymbol(key))
    throw new Error(`${written}: where a sign lies depends on the keyboard, leave shift out`);
  return joined((name) => held.has(name), key);
}

const joined = (isHeld: (name: Modifier) => boolean, key: string): string => [...MODIFIERS.filter(isHeld), key].join("+");

/** What was pressed, as `strokesOf` writes it; null for a modifier alone and for combinations that belong to the system. */
export function strokeOf(press: Press, isMac: boolean): string | null {
  if (SILENT.has(press.key)) return null;
  const key = keyOf(press);
  // Signs that need AltGr come with Control and Alt on Windows: there they are not held on purpose.
  if (isSymbol(key) && press.getModifierState?.("AltGraph")) return key;
  const [mod, other] = isMac ? [press.metaKey, press.ctrlKey] : [press.ctrlKey, press.metaKey];
  if (other) return null;
  const held = { mod, alt: press.altKey, shift: press.shiftKey && !isSymbol(key) };
  return joined((name) => held[name], key);
}

function keyOf({ key, code }: Press): string {
  // On a keyboard for another script the letter is where it lies, or nobody there could use it.
  const latin = /^Key([A-Z])$/.exec(code)?.[1];
  if (latin && key.length === 1 && key.charCodeAt(0) > 0x7f) return latin.toLowerCase();
  return NAMED[key] ?? key.toLowerCase().replace(/^arrow/, "");
}

/** How long after the first stroke of a sequence the next one still belongs to it. */
export const SEQUENCE_MS = 1_200;

/** Strokes that may become a sequence, and when the last of them came. */
export interface Pending {
  strokes: readonly string[];
  at: number;
}

export const NOTHING_PENDING: Pending = { strokes: [], at: 0 };

/**
 * The first of `candidates` whose keys are now complete, and what is pending after that. Strokes that lead nowhere are
 * dropped, except that the newest one may begin something itself.
 */
export function matchStroke<T extends { keys: readonly string[] }>(
  pending: Pending,
  stroke: string,
  at: number,
  candidates: readonly T[],
): { hit: T | undefined; pending: Pending } {
  const before = at - pending.at <= SEQUENCE_MS ? pending.strokes : [];
  for (const strokes of before.length > 0 ? [[...before, stroke], [stroke]] : [[stroke]]) {
    const pressed = strokes.join(" ");
    const hit = candidates.find((candidate) => candidate.keys.some((keys) => strokesOf(keys).join(" ") === pressed));
    if (hit) return { hit, pending: NOTHING_PENDING };
    const isBegun = candidates.some((candidate) =>
      candidate.keys.some((keys) => strokesOf(keys).join(" ").startsWith(`${pressed} `)),
    );
    if (isBegun) return { hit: undefined, pending: { strokes, at } };
  }
  return { hit: undefined, pending: NOTHING_PENDING };
}

const CAPS: Record<string, string> = { up: "↑", down: "↓", left: "←", right: "→", esc: "Esc", enter: "Enter", space: "Space" };
const MAC_CAPS: Record<string, string> = { mod: "⌘", alt: "⌥", shift: "⇧", enter: "↩", backspace: "⌫" };
const PC_CAPS: Record<string, string> = { mod: "Ctrl", alt: "Alt", shift: "Shift" };

/** What is printed on the keys: for each stroke the keys that are held together. */
export function capsOf(keys: string, isMac: boolean): string[][] {
  const names = { ...CAPS, ...(isMac ? MAC_CAPS : PC_CAPS) };
  const cap = (part: string) =>
    names[part] ?? (part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1));
  return strokesOf(keys).map((stroke) => stroke.split(/\+(?!$)/).map(cap));
}

/** Whether a key does its work with a character alone: people who dictate or have a tremor can switch these off (WCAG 2.1.4). */
export const isSingleKey = (keys: string): boolean =>
  strokesOf(keys).some((stroke) => stroke.length === 1 || /^shift\+.$/.test(stroke));

export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);
