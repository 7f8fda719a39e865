"use client";
import { useMutation } from "@tanstack/react-query";
import { api } from "@/lib/api";
import { isEnded, type RunState } from "@/lib/run-state";

export interface Stop {
  isStopping: boolean;
  error: unknown;
  stop: () => void;
}

/**
 * Stopping in two phases: asked for (the event `run.stop_requested`), then stopped (`run.canceled`). The click alone
 * changes nothing but the button.
 */
export function useStop(runId: string, run: RunState): Stop {
  const request = useMutation({ mutationFn: () => api.stopRun(runId, `stop-${runId}`) });
  const hasEnded = isEnded(run.status);
  return {
    isStopping: !hasEnded && (request.isPending || request.isSuccess || run.stopRequestedBy !== ""),
    error: hasEnded ? null : request.error,
    stop: () => request.mutate(),
  };
}
