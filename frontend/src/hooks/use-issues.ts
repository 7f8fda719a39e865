"use client";
import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/lib/api";
import type { IssueSummary } from "@/lib/api-types";
import { type IssueFilter, queryOf } from "@/lib/issue-filter";
import { type Drift, driftAfter, emptyAtTheEnd, firstPage, issuesOf, mergeIssues, NO_DRIFT, type Pages } from "@/lib/issue-pages";
import { useLiveIssues } from "./use-live-issues";

const LISTS = ["issues"];
/** Pages without an issue that are asked for by themselves, one after the other. */
const MOST_EMPTY = 4;

/**
 * The list page by page, newest first. What is shown changes where it stands; what has arrived or no longer belongs
 * there waits until `settle`, so that nothing moves while somebody reads or is about to click.
 */
export function useIssues(filter: IssueFilter, myName: string) {
  const client = useQueryClient();
  const asked = queryOf(filter);
  const queryKey = useMemo(() => [...LISTS, asked], [asked]);
  const [drift, setDrift] = useState<Drift>(NO_DRIFT);
  const known = useRef(new Map<string, string>());
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      api.issues({ ...Object.fromEntries(new URLSearchParams(asked)), cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has drifted nowhere yet
  useEffect(() => setDrift(NO_DRIFT), [asked]);
  const onChanged = (changed: IssueSummary[]) => {
    const shown = client.getQueryData<Pages>(queryKey);
    const isFirst = known.current.size === 0;
    if (shown) {
      // Not yet the new `known`: news is what is later than that.
      const told = { filter, myName, known: new Map(known.current), isFirst };
      setDrift((before) => driftAfter(before, shown, changed, told));
      // Of the same age as before: what was told changes rows, it does not make the list new.
      const updatedAt = client.getQueryState(queryKey)?.dataUpdatedAt;
      client.setQueryData<Pages>(queryKey, mergeIssues(shown, changed), { updatedAt });
    }
    for (const issue of changed) known.current.set(issue.key, issue.news_at);
    // Lists of other filters are asked for again when one comes back to them.
    void client.invalidateQueries({ queryKey: LISTS, refetchType: "none", predicate: (one) => one.queryKey[1] !== asked });
  };
  const connection = useLiveIssues("/ws/issues/", onChanged, () => void client.invalidateQueries({ queryKey: LISTS }));
  const settle = () => {
    setDrift(NO_DRIFT);
    client.setQueryData<Pages>(queryKey, (pages) => pages && firstPage(pages));
    void client.invalidateQueries({ queryKey });
  };
  const issues = issuesOf(query.data);
  const keys = new Set(issues.map((issue) => issue.key));
  return {
    ...query,
    issues,
    connection,
    /** It went far back and found nothing more: whoever wants to, asks on. */
    isTired: emptyAtTheEnd(query.data) >= MOST_EMPTY,
    /** How many belong into the list and are not in it yet. */
    arrived: [...drift.arrived].filter((key) => !keys.has(key)).length,
    /** How many are in the list and no longer belong there. */
    left: [...drift.left].filter((key) => keys.has(key)).length,
    settle,
  };
}
