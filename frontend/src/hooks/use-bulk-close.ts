"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/lib/api";
import type { CloseIssues, CloseResult } from "@/lib/api-types";

/** As many as the server takes at once. */
const AT_ONCE = 100;

/** Closes issues a hundred at a time. What is done is told as it comes, also where the connection breaks in between. */
export function useBulkClose(onClosed: (keys: string[]) => void) {
  const client = useQueryClient();
  const [failed, setFailed] = useState<CloseResult[]>([]);
  const close = useMutation({
    mutationFn: async ({ keys, ...body }: CloseIssues) => {
      setFailed([]);
      let refused = 0;
      for (let from = 0; from < keys.length; from += AT_ONCE) {
        const { results } = await api.closeIssues({ ...body, keys: keys.slice(from, from + AT_ONCE) });
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
