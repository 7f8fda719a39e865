"use client";
import { useEffect, useState } from "react";
import { COMMANDS, type Command, type CommandId } from "@/lib/commands";
import { browserChoice, chooseForBrowser } from "@/lib/keeping";
import { isMac, isSingleKey, matchStroke, NOTHING_PENDING, strokeOf } from "@/lib/keys";

/** What the commands do. One without a function cannot be had now: its key is left to whoever came before. */
export type CommandActions = Partial<Record<CommandId, (() => void) | undefined | false>>;

interface Layer {
  order: number;
  actions: CommandActions;
}

/** Who offers commands now. Of the module, not of a context: the keys of a browser window are one thing too. */
const layers = new Set<Layer>();
let lastOrder = 0;
let pending = NOTHING_PENDING;

/**
 * Offers these commands while the component is mounted. Where several offer the same key, the one that came last wins; of
 * a component and its children that come together these are the children.
 */
export function useCommands(actions: CommandActions): void {
  // Numbered while rendering: effects of children run before those of their parents.
  const [layer] = useState<Layer>(() => {
    lastOrder += 1;
    return { order: lastOrder, actions: {} };
  });
  useEffect(() => {
    layer.actions = actions;
  });
  useEffect(() => {
    if (layers.size === 0) addEventListener("keydown", onKey);
    layers.add(layer);
    return () => {
      layers.delete(layer);
      if (layers.size > 0) return;
      removeEventListener("keydown", onKey);
      pending = NOTHING_PENDING;
    };
  }, [layer]);
}

export interface ReadyCommand extends Command {
  run: () => void;
}

/** What can be done now, the last comer first; each command once. */
export function readyCommands(): ReadyCommand[] {
  const found = new Map<CommandId, ReadyCommand>();
  for (const { actions } of [...layers].sort((a, b) => b.order - a.order)) {
    for (const command of COMMANDS) {
      const run = actions[command.id];
      if (run && !found.has(command.id)) found.set(command.id, { ...command, run });
    }
  }
  return [...found.values()];
}

const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]";
/** Menus and lists of choices have keys of their own: arrows and first letters. */
const WITH_OWN_KEYS = "[role=menu], [role=listbox], [role=tablist]";
/** What Enter and the space bar act on. */
const PRESSABLE = "a[href], button, summary, label, input";

function onKey(event: KeyboardEvent): void {
  // 229: an input method is at work and has not said so otherwise (Safari).
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  const stroke = strokeOf(event, isMac());
  if (stroke === null || belongsToTarget(event.target, stroke)) return;
  const isTyping = event.target instanceof Element && event.target.closest(FIELDS) !== null;
  const isInDialog = document.querySelector("dialog[open]") !== null;
  const areSinglesOff = !areSingleKeysOn();
  const candidates = readyCommands()
    .filter((one) => (!isTyping || one.inFields) && (!isInDialog || one.inDialogs) && (!event.repeat || one.repeats))
    .map((one) => (areSinglesOff ? { ...one, keys: one.keys.filter((keys) => !isSingleKey(keys)) } : one));
  const matched = matchStroke(pending, stroke, event.timeStamp, candidates);
  pending = matched.pending;
  if (!matched.hit) return;
  event.preventDefault();
  matched.hit.run();
}

function belongsToTarget(target: EventTarget | null, stroke: string): boolean {
  if (!(target instanceof Element)) return false;
  if (stroke === "enter" || stroke === "space") return target.closest(PRESSABLE) !== null;
  return target.closest(WITH_OWN_KEYS) !== null && !/^(mod|alt)\+/.test(stroke);
}

const CHOICE = "single-keys";

/** Whether characters alone do something (WCAG 2.1.4). Kept in this browser only. */
export const areSingleKeysOn = (): boolean => browserChoice(CHOICE) !== "off";

export const setSingleKeys = (areOn: boolean): void => chooseForBrowser(CHOICE, areOn ? "" : "off");
