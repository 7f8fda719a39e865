"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import { useLiveIssues } from "./use-live-issues";

/** One issue with its runs; the socket says when it has changed. */
export function useIssue(key: string, isEnabled: boolean) {
  const client = useQueryClient();
  const isOn = isEnabled && key !== "";
  const query = useQuery({ queryKey: ["issue", key], queryFn: () => api.issue(key), enabled: isOn });
  const refresh = () => void client.invalidateQueries({ queryKey: ["issue", key] });
  useLiveIssues(isOn ? `/ws/issues/${encodeURIComponent(key)}/` : null, refresh, refresh);
  return { ...query, refresh };
}

/** Starting another run, closing and reopening. Each click has one `client_id`, so a repeat starts nothing twice. */
export function useIssueActions(key: string, onRunStarted: (runId: string) => void) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["issue", key] });
  const startRun = useMutation({
    mutationFn: () => api.startRun(key, crypto.randomUUID()),
    onSuccess: async (run) => {
      await refresh();
      onRunStarted(run.id);
    },
  });
  const change = useMutation({
    mutationFn: (body: { status: "open" | "closed"; resolution?: string }) => api.changeIssue(key, body),
    onSuccess: (issue) => {
      client.setQueryData(["issue", key], issue);
      return client.invalidateQueries({ queryKey: ["issues"] });
    },
  });
  return { startRun, change };
}
