// @vitest-environment node
import { expect, it } from "vitest";
import { COMMANDS, type Command, conflictsOf } from "@/lib/commands";
import { capsOf, isSingleKey, matchStroke, NOTHING_PENDING, type Press, SEQUENCE_MS, strokeOf, strokesOf } from "@/lib/keys";

const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

it("has no command that another one hides", () => {
  expect(conflictsOf(COMMANDS)).toEqual([]);
  expect(new Set(COMMANDS.map((command) => command.id)).size).toBe(COMMANDS.length);
  expect(COMMANDS.filter((command) => command.inFields && command.keys.some(isSingleKey))).toEqual([]);
});

it("finds keys given twice in a scope, and sequences that never come to their end", () => {
  const of = (id: string, scope: Command["scope"], ...keys: string[]): Command => ({ id, scope, keys, title: id, group: "Run" });
  expect(conflictsOf([of("a", "run", "x"), of("b", "run", "y", "X")])).toEqual(["a (x) and b (x)"]);
  expect(conflictsOf([of("a", "run", "g"), of("b", "global", "g i")])).toEqual(["a (g) and b (g i)"]);
  expect(conflictsOf([of("a", "run", "j"), of("b", "list", "j")])).toEqual([]);
});

it("reads one way of writing whatever the order", () => {
  expect(strokesOf("Shift+MOD+k")).toEqual(["mod+shift+k"]);
  expect(strokesOf("g  i")).toEqual(["g", "i"]);
  expect(strokesOf("mod++")).toEqual(["mod++"]);
});

it.each(["ctrl+k", "mod+", "mod+foo", "shift+?"])("refuses %s", (keys) => {
  expect(() => strokesOf(keys)).toThrow(keys);
});

it("reads a press as the registry writes it", () => {
  expect(strokeOf(press("k", { ctrlKey: true }), false)).toBe("mod+k");
  expect(strokeOf(press("k", { metaKey: true }), true)).toBe("mod+k");
  expect(strokeOf(press("J", { shiftKey: true }), false)).toBe("shift+j");
  expect(strokeOf(press("ArrowDown", { altKey: true }), false)).toBe("alt+down");
});

it("takes signs from wherever the keyboard has them", () => {
  expect(strokeOf(press("?", { shiftKey: true }), false)).toBe("?");
  expect(strokeOf(press("/", { shiftKey: true }), false)).toBe("/");
  const altGr = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === "AltGraph" };
  expect(strokeOf(press("[", altGr), false)).toBe("[");
});

it("takes letters of another script from where they lie", () => {
  expect(strokeOf(press("о", { code: "KeyJ" }), false)).toBe("j");
  expect(strokeOf(press("z", { code: "KeyY" }), false)).toBe("z");
});

it("leaves to the system what is the system's", () => {
  expect(strokeOf(press("k", { ctrlKey: true }), true)).toBeNull();
  expect(strokeOf(press("k", { metaKey: true }), false)).toBeNull();
  expect(strokeOf(press("Shift", { shiftKey: true }), false)).toBeNull();
});

const GO = { keys: ["g i"] };
const INSERT = { keys: ["i"] };

it("waits for the rest of a sequence, but not forever", () => {
  const begun = matchStroke(NOTHING_PENDING, "g", 5_000, [GO, INSERT]);
  expect(begun).toEqual({ hit: undefined, pending: { strokes: ["g"], at: 5_000 } });
  expect(matchStroke(begun.pending, "i", 5_000 + SEQUENCE_MS, [GO, INSERT]).hit).toBe(GO);
  expect(matchStroke(begun.pending, "i", 5_001 + SEQUENCE_MS, [GO, INSERT]).hit).toBe(INSERT);
});

it("lets a stroke that does not go on with a sequence begin anew", () => {
  const begun = { strokes: ["g"], at: 5_000 };
  expect(matchStroke(begun, "g", 5_100, [GO]).pending).toEqual({ strokes: ["g"], at: 5_100 });
  expect(matchStroke(begun, "x", 5_100, [GO])).toEqual({ hit: undefined, pending: NOTHING_PENDING });
});

it("shows what is printed on the keys", () => {
  expect(capsOf("mod+k", true)).toEqual([["⌘", "K"]]);
  expect(capsOf("mod+enter", false)).toEqual([["Ctrl", "Enter"]]);
  expect(capsOf("g i", false)).toEqual([["G"], ["I"]]);
});

it("knows which keys are characters alone", () => {
  expect(["?", "g i", "shift+j"].map(isSingleKey)).toEqual([true, true, true]);
  expect(["mod+k", "esc", "alt+down"].map(isSingleKey)).toEqual([false, false, false]);
});
