"use client";
import { useMutation } from "@tanstack/react-query";
import { api } from "@/lib/api";
import { isEnded, type RunState } from "@/lib/run-state";

/**
 * Stopping in two phases: asked for (the event `run.stop_requested`), then stopped (`run.canceled`). The click alone
 * changes nothing but the button.
 */
export function useStop(runId: string, run: RunState) {
  const request = useMutation({ mutationFn: () => api.stopRun(runId, `stop-${runId}`) });
  const hasEnded = isEnded(run.status);
  return {
    canStop: !hasEnded,
    isStopping: !hasEnded && (request.isPending || request.isSuccess || run.stopRequestedBy !== ""),
    error: hasEnded ? null : request.error,
    stop: () => request.mutate(),
  };
}
