"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { IssueChange } from "@/lib/api-types";
import { saveFile } from "@/lib/save-file";
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
    mutationFn: (body: IssueChange) => api.changeIssue(key, body),
    onSuccess: (issue) => {
      client.setQueryData(["issue", key], issue);
      return client.invalidateQueries({ queryKey: ["issues"] });
    },
  });
  return { startRun, change };
}

/** A closed issue becomes a case that `manage.py evaluate` replays: a file, saved with one click. */
export function useCaseFile(key: string) {
  return useMutation({
    mutationFn: () => api.exportCase(key),
    onSuccess: (told) => saveFile(`${key.toLowerCase()}.json`, `${JSON.stringify(told, null, 2)}\n`, "application/json"),
  });
}
