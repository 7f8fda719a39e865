"use client";
import { SolutionCard } from "@/components/solution/solution-card";
import { AnswerFeedback } from "@/components/take-part/feedback";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { LiveRun } from "@/hooks/use-run-stream";
import type { Issue, RecordedAnswer, Run, RunSummary } from "@/lib/api-types";
import { isEnded } from "@/lib/run-state";
import { HypothesisCard } from "./hypothesis-card";
import { ResumeRun } from "./resume-run";
import { RunEnding } from "./run-ending";

interface Props {
  issue: Issue;
  run: RunSummary;
  live: LiveRun;
  record: Run | undefined;
  /** Numbers of the evidence that was found. */
  known: ReadonlySet<number>;
  mayAct: boolean;
}

/** What the run has found out: its answer, how it ended, and what was held to be possible. */
export function RunAnswer({ issue, run, live: { state, isReplayed }, record, known, mayAct }: Props) {
  const hasEnded = isEnded(state.status);
  // The answer stands before the story, and its event is one of the last: of an ended run the record tells it at once.
  const isToBeRead = isEnded(run.status) && !isReplayed;
  const told = isToBeRead ? (record as RecordedAnswer | undefined) : undefined;
  const solution = state.solution ?? told?.solution;
  const evidence = told && state.evidence.length < told.evidence.length ? told.evidence : state.evidence;
  return (
    <>
      {isToBeRead && !solution && <Coming />}
      {solution && (
        <SolutionCard
          solution={solution}
          evidence={evidence}
          isProvisional={!hasEnded && !told}
          name={`${issue.key}-run-${run.number}`}
        />
      )}
      {state.solution && hasEnded && <AnswerFeedback />}
      <RunEnding run={state} known={known}>
        <ResumeRun issue={issue} runId={run.id} mayAct={mayAct} />
      </RunEnding>
      {!isToBeRead && <HypothesisCard hypotheses={state.hypotheses} known={known} isOver={hasEnded || state.solution !== null} />}
    </>
  );
}

/** In the place of the answer; as high as the screen, so that the story below it comes into view in its final place. */
function Coming() {
  return (
    <div className="min-h-dvh">
      <SkeletonRows label="Loading the answer" rows={8} />
    </div>
  );
}
