"use client";
import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { IssuePage, IssueSummary } from "@/lib/api-types";
import { useLiveIssues } from "./use-live-issues";

export interface IssueFilter {
  status: "" | "open" | "closed";
  q: string;
}

type Pages = InfiniteData<IssuePage, string | undefined>;

/** The list page by page, newest first, kept current by the socket. */
export function useIssues(filter: IssueFilter, isEnabled: boolean) {
  const client = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: ["issues", filter],
    queryFn: ({ pageParam, signal }) =>
      api.issues({ status: filter.status || undefined, q: filter.q || undefined, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled: isEnabled,
  });
  const refresh = () => void client.invalidateQueries({ queryKey: ["issues"] });
  const connection = useLiveIssues(
    isEnabled ? "/ws/issues/" : null,
    (changed) => {
      let isNewHere = false;
      client.setQueriesData<Pages>({ queryKey: ["issues"] }, (pages) => {
        if (!pages) return pages;
        const merged = mergeIssues(pages, changed);
        isNewHere ||= merged.hasUnknown;
        return merged.pages;
      });
      // A new issue, or one that now fits another filter: the server decides where it belongs.
      if (isNewHere) refresh();
    },
    refresh,
  );
  return { ...query, issues: query.data?.pages.flatMap((page) => page.results) ?? [], connection };
}

/** Replaces what is shown by what has changed. `hasUnknown`: some of it is not shown yet. */
export function mergeIssues(pages: Pages, changed: readonly IssueSummary[]): { pages: Pages; hasUnknown: boolean } {
  const byKey = new Map(changed.map((issue) => [issue.key, issue]));
  const shown = new Map(pages.pages.flatMap((page) => page.results).map((issue) => [issue.key, issue]));
  const hasUnknown = changed.some((issue) => shown.get(issue.key)?.status !== issue.status);
  const merged = pages.pages.map((page) => ({ ...page, results: page.results.map((issue) => byKey.get(issue.key) ?? issue) }));
  return { pages: { ...pages, pages: merged }, hasUnknown };
}
