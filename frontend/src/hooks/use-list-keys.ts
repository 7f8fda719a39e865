"use client";
import type { RefObject } from "react";
import { useCommands } from "./use-commands";

interface Actions {
  onSelect: (key: string) => void;
  onSeen: (key: string) => void;
  /** Undefined while nothing is selected. */
  onClear?: () => void;
}

const LINKS = "a[data-issue]";
/** The row one was at last, also after one has been at an issue and comes back. */
let lastKey = "";

/** Moves through the rows by moving the focus: what it is on is seen, and spoken. */
export function useListKeys(list: RefObject<HTMLElement | null>, { onSelect, onSeen, onClear }: Actions): void {
  const links = () => [...(list.current?.querySelectorAll<HTMLAnchorElement>(LINKS) ?? [])];
  const current = () => links().find((link) => link.closest("li")?.contains(document.activeElement));
  const move = (by: 1 | -1) => {
    const all = links();
    const from = current() ?? all.find((link) => link.dataset.issue === lastKey);
    // Not in the list yet: to the row one was at, else to the first or last one in view.
    const next = current() || !from ? all[from ? all.indexOf(from) + by : firstInView(all, by)] : from;
    if (!next) return;
    lastKey = next.dataset.issue ?? "";
    next.focus({ preventScroll: true });
    next.closest("li")?.scrollIntoView({ block: "nearest" });
  };
  const withCurrent = (act: (link: HTMLAnchorElement, key: string) => void) => () => {
    const link = current();
    if (link?.dataset.issue) act(link, link.dataset.issue);
  };
  useCommands({
    "list.next": () => move(1),
    "list.previous": () => move(-1),
    "list.open": withCurrent((link) => link.click()),
    "list.select": withCurrent((_, key) => onSelect(key)),
    "list.seen": withCurrent((_, key) => onSeen(key)),
    "list.clear": onClear,
  });
}

function firstInView(links: readonly HTMLElement[], by: 1 | -1): number {
  if (by === -1) return links.length - 1;
  const at = links.findIndex((link) => link.getBoundingClientRect().top >= 0);
  return Math.max(0, at);
}
