"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { Feedback, NewFeedback, Run } from "@/lib/api-types";

export interface FeedbackOfRun {
  /** Empty for the answer; undefined while nobody has voted. */
  of: (step: string) => Feedback | undefined;
  give: (body: NewFeedback, onGiven?: () => void) => void;
  withdraw: (step: string) => void;
  /** The step whose vote is on its way. */
  busyStep: string | null;
  error: unknown;
  /** The step that the error is about. */
  errorStep: string | null;
}

/** What the team thinks of a run's answer and steps, as its record tells it. */
export function useFeedback(runId: string): FeedbackOfRun {
  const client = useQueryClient();
  const record = useQuery({ queryKey: ["run", runId], queryFn: () => api.run(runId) });
  const vote = useMutation({
    mutationFn: ({ step, body }: { step: string; body: NewFeedback | null }) =>
      body ? api.giveFeedback(runId, body) : api.withdrawFeedback(runId, step),
    onSuccess: (told) =>
      client.setQueryData<Run>(["run", runId], (known) => known && { ...known, feedback: withStep(known.feedback, told) }),
  });
  return {
    of: (step) => record.data?.feedback.find((each) => each.step === step),
    give: (body, onGiven) => vote.mutate({ step: body.step ?? "", body }, { onSuccess: onGiven }),
    withdraw: (step) => vote.mutate({ step, body: null }),
    busyStep: vote.isPending ? vote.variables.step : null,
    error: vote.error,
    errorStep: vote.error ? (vote.variables?.step ?? null) : null,
  };
}

function withStep(known: readonly Feedback[], told: Feedback): Feedback[] {
  const others = known.filter(({ step }) => step !== told.step);
  return told.opinions.length > 0 ? [...others, told] : others;
}
