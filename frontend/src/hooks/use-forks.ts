"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { runAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Run, RunSummary } from "@/lib/api-types";
import type { Stage } from "@/lib/run-state";

interface Branch {
  message: string;
  fromStage: Stage;
  /** One per dialog: a repeat starts nothing twice. */
  clientId: string;
}

/** Going on from a run as a further one, which is then shown. */
export function useForks(issueKey: string, runId: string) {
  const client = useQueryClient();
  const router = useRouter();
  const show = async (run: Run) => {
    await client.invalidateQueries({ queryKey: ["issue", issueKey] });
    router.push(runAddress(issueKey, run.number));
  };
  const resume = useMutation({ mutationFn: () => api.resumeRun(runId, `resume-${runId}`), onSuccess: show });
  const branch = useMutation({
    mutationFn: ({ message, fromStage, clientId }: Branch) => api.branchRun(runId, message, fromStage, clientId),
    onSuccess: show,
  });
  return { resume, branch };
}

/** The run that goes on from where this one was stopped, if somebody has resumed it. */
export const resumedAs = (runs: readonly RunSummary[], runId: string): RunSummary | undefined =>
  runs.find((run) => run.forked_from === runId && run.fork_kind === "resume");
