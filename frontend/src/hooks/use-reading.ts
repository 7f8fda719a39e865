"use client";
import { useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { showTarget } from "./use-target";

/** `story`: what happened, as one tells it; `trace`: every event. */
export type View = "story" | "trace";

export interface Reading {
  view: View;
  /** Kind of the events that the trace is narrowed to; "" for all. */
  kind: string;
  setView: (view: View) => void;
  setKind: (kind: string) => void;
}

/** How the run is read; it stands in the address, so that it can be passed on. */
export function useReading(): Reading {
  const asked = useSearchParams();
  const set = useCallback((name: string, value: string) => {
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    // Next follows the browser's own history; going by its router would fetch the page again.
    history.replaceState(null, "", `${address.pathname}${address.search}${address.hash}`);
  }, []);
  const setView = useCallback(
    (view: View) => {
      set("view", view === "trace" ? "trace" : "");
      // An event that only the trace shows would keep it there.
      if (view === "story") showTarget("");
    },
    [set],
  );
  const setKind = useCallback((kind: string) => set("kind", kind), [set]);
  return { view: asked.get("view") === "trace" ? "trace" : "story", kind: asked.get("kind") ?? "", setView, setKind };
}
