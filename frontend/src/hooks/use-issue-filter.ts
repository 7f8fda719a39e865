"use client";
import { useSearchParams } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { filterOf, type IssueFilter, queryOf } from "@/lib/issue-filter";

const SETTLE_MS = 250;

/**
 * The filter of the list, kept in the address, so that it can be bookmarked and Back leads to it. `settled` is what the
 * server is asked for: it follows when the typing pauses, at once for all that is not typed.
 */
export function useIssueFilter(): { filter: IssueFilter; settled: IssueFilter; setFilter: (filter: IssueFilter) => void } {
  const params = useSearchParams();
  const [filter, setFilter] = useState<IssueFilter>(() => filterOf(params));
  const [settled, setSettled] = useState(filter);
  const written = useRef(queryOf(filter));
  const address = queryOf(filterOf(params));
  // Somebody else changed the address: a link to a view, or Back.
  useEffect(() => {
    if (address === written.current) return;
    written.current = address;
    const asked = filterOf(new URLSearchParams(address));
    setFilter(asked);
    setSettled(asked);
  }, [address]);
  useEffect(() => {
    if (filter === settled) return;
    const settle = () => {
      setSettled(filter);
      const query = queryOf(filter);
      // Nothing else may be on its way: this would call off a navigation that has just begun.
      if (location.pathname !== "/") return;
      written.current = query;
      window.history.replaceState(null, "", query ? `/?${query}` : "/");
    };
    const timer = setTimeout(settle, filter.q === settled.q ? 0 : SETTLE_MS);
    return () => clearTimeout(timer);
  }, [filter, settled]);
  return { filter, settled, setFilter };
}
