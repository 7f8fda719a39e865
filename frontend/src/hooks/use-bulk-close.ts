"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/lib/api";
import type { CloseIssues, CloseResult } from "@/lib/api-types";
import { inChunks, MOST_ISSUES_AT_ONCE } from "@/lib/chunks";

/** Closes issues a hundred at a time. What is done is told as it comes, also where the connection breaks in between. */
export function useBulkClose(onClosed: (keys: string[]) => void) {
  const client = useQueryClient();
  const [failed, setFailed] = useState<CloseResult[]>([]);
  const close = useMutation({
    mutationFn: async ({ keys, ...body }: CloseIssues) => {
      setFailed([]);
      let refused = 0;
      for (const some of inChunks(keys, MOST_ISSUES_AT_ONCE)) {
        const { results } = await api.closeIssues({ ...body, keys: some });
        const left = results.filter(({ problem }) => problem !== null);
        refused += left.length;
        setFailed((before) => [...before, ...left]);
        onClosed(results.filter(({ problem }) => problem === null).map(({ key }) => key));
      }
      return { refused };
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["issues"] }),
  });
  return { close, failed };
}
