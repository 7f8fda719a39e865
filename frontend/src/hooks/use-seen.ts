"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { api } from "@/lib/api";
import type { IssueSummary } from "@/lib/api-types";
import { inChunks, MOST_ISSUES_AT_ONCE } from "@/lib/chunks";
import { markSeen, type Pages } from "@/lib/issue-pages";
import { notify } from "@/lib/notices";
import { problemOf } from "@/lib/problem";

interface Mark {
  keys: readonly string[];
  isSeen: boolean;
  /** `news_at` of what was shown; later news stay unread. */
  until?: string;
}

/** Marks issues as read or unread, in the lists at once when the server has it. */
export function useMarkSeen(isTold: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ keys, isSeen, until }: Mark) => {
      for (const some of inChunks(keys, MOST_ISSUES_AT_ONCE)) {
        const { results } = await api.markSeen(some, isSeen, until);
        const seenAt = new Map(results.map(({ key, seen_at }) => [key, seen_at]));
        client.setQueriesData<Pages>({ queryKey: ["issues"] }, (pages) => pages && markSeen(pages, seenAt));
      }
    },
    onError: (error) => {
      if (isTold) notify(`Not all could be marked. ${problemOf(error)?.detail}`, "bad");
    },
  });
}

/** Opening an issue marks it as read, and so does each of its news while one looks at it. */
export function useSeenIssue({ key, news_at: newsAt }: Pick<IssueSummary, "key" | "news_at">): void {
  // A mark that could not be made leaves the issue unread, which is shown: no message over what one came to read.
  const { mutate } = useMarkSeen(false);
  const see = useEffectEvent(() => {
    if (document.visibilityState === "visible") mutate({ keys: [key], isSeen: true, until: newsAt });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each issue, and each of its news, is seen anew
  useEffect(() => {
    see();
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, [key, newsAt]);
}
