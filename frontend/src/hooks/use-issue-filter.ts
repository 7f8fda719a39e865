"use client";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import type { IssueFilter } from "./use-issues";

const SETTLE_MS = 250;

/**
 * The filter of the list, kept in the address, so that it can be bookmarked and Back leads to it. `settled` follows
 * when the typing pauses: that is what the server is asked for.
 */
export function useIssueFilter(): { filter: IssueFilter; settled: IssueFilter; setFilter: (filter: IssueFilter) => void } {
  const params = useSearchParams();
  const [filter, setFilter] = useState<IssueFilter>(() => {
    const status = params.get("status");
    return { q: params.get("q") ?? "", status: status === "open" || status === "closed" ? status : "" };
  });
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    if (filter === settled) return;
    const timer = setTimeout(() => {
      setSettled(filter);
      const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== "")).toString();
      // Nothing else may be on its way: this would call off a navigation that has just begun.
      if (location.pathname === "/") window.history.replaceState(null, "", query ? `/?${query}` : "/");
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [filter, settled]);
  return { filter, settled, setFilter };
}
