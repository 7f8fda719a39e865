"use client";
import { useMemo, useSyncExternalStore } from "react";
import { type Target, targetOf } from "@/lib/places";

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  addEventListener("popstate", listener);
  return () => {
    removeEventListener("hashchange", listener);
    removeEventListener("popstate", listener);
  };
}

/** What the fragment of the address names: `#event-42` or `#evidence-3`. */
export function useTarget(): Target | null {
  const hash = useSyncExternalStore(
    subscribe,
    () => location.hash,
    () => "",
  );
  return useMemo(() => targetOf(hash), [hash]);
}

/** Changes the fragment without a further entry in the history; "" takes it off. */
export function showTarget(hash: string): void {
  history.replaceState(history.state, "", hash || `${location.pathname}${location.search}`);
  // A replaced address is not told by the browser itself.
  dispatchEvent(new HashChangeEvent("hashchange"));
}
