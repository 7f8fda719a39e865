"use client";
import { useSyncExternalStore } from "react";
import { ago, fullTime } from "@/lib/format";

const TICK_MS = 20_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

/** One clock for all ages on the page. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const tell of listeners) tell();
    }, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** An age that goes on: "5 min ago". The exact time is in its tooltip and for machines. */
export function RelativeTime({ at, className = "" }: { at: string; className?: string }) {
  const current = useSyncExternalStore(
    subscribe,
    () => now,
    () => now,
  );
  return (
    <time dateTime={at} title={fullTime(at)} className={className} suppressHydrationWarning>
      {ago(at, current)}
    </time>
  );
}
