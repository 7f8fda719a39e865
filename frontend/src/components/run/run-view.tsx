"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { IssueHeader } from "@/components/issues/issue-header";
import { SimilarIssues } from "@/components/issues/similar-issues";
import { ReceiptPanel } from "@/components/receipt/receipt-panel";
import { SolutionCard } from "@/components/solution/solution-card";
import { useFollow } from "@/hooks/use-follow";
import { useRunStream } from "@/hooks/use-run-stream";
import { useStop } from "@/hooks/use-stop";
import { api } from "@/lib/api";
import type { Issue, RunSummary } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { isEnded, openInputs, type RunState } from "@/lib/run-state";
import { BranchRun } from "./branch-run";
import { EvidenceList } from "./evidence-list";
import { HypothesisCard } from "./hypothesis-card";
import { OriginNote } from "./origin-note";
import { ResumeRun } from "./resume-run";
import { RunEnding } from "./run-ending";
import { ReportPanel, RunFacts } from "./run-facts";
import { RunFooter } from "./run-footer";
import { RunLines } from "./run-lines";
import { RunStatusLine } from "./run-status-line";
import { StageStrip } from "./stage-strip";
import { Timeline } from "./timeline";
import { OutgoingRow } from "./timeline-rows";

interface Props {
  issue: Issue;
  run: RunSummary;
  /** Of the reader, in the issue's team. */
  role: Role | null;
}

/** One run, live: the answer first, then how it was found; what it needs from a person stays in view at the bottom. */
export function RunView({ issue, run, role }: Props) {
  const mayAct = role !== null && role !== "viewer";
  const live = useRunStream(run.id);
  const { state } = live;
  const hasEnded = isEnded(state.status);
  const known = useMemo(() => new Set(state.evidence.map(({ number }) => number)), [state.evidence]);
  const stop = useStop(run.id, state);
  const [receiptId, setReceiptId] = useState("");
  const openReceipt = useCallback((id: string) => setReceiptId(id), []);
  const follow = useFollow(state.lastSeq, live.isReplayed && !hasEnded);
  const record = useRunRecord(run.id, state, live.isReplayed);
  return (
    <>
      <IssueHeader
        issue={issue}
        run={run}
        mayAct={mayAct}
        isRunEnded={hasEnded}
        state={state}
        record={record.data}
        actions={record.data && issue.status === "open" && <BranchRun run={record.data} />}
      >
        <RunStatusLine live={live} isStopping={stop.isStopping} queuePosition={record.data?.queue_position ?? null} />
        {state.forkedFrom && <OriginNote issueKey={issue.key} origin={state.forkedFrom} />}
      </IssueHeader>
      <div className="mt-4">
        <StageStrip run={state} />
      </div>
      <div className="mt-5 grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 space-y-5">
          {state.solution && (
            <SolutionCard
              solution={state.solution}
              evidence={state.evidence}
              isProvisional={!hasEnded}
              name={`${issue.key}-run-${run.number}`}
            />
          )}
          <RunEnding run={state} known={known}>
            <ResumeRun issue={issue} runId={run.id} mayAct={mayAct} />
          </RunEnding>
          <HypothesisCard hypotheses={state.hypotheses} known={known} isOver={hasEnded || state.solution !== null} />
          <section aria-label="Timeline" className="space-y-4 pb-4">
            <h2 className="text-[0.8125rem] font-semibold text-muted">Timeline</h2>
            <Timeline issueKey={issue.key} run={state} onReceipt={openReceipt} />
            {live.outgoing.map((message) => (
              <OutgoingRow key={message.clientId} message={message} onRetry={live.retry} onDiscard={live.discard} />
            ))}
            <div ref={follow.end} />
          </section>
        </div>
        <aside
          aria-label="Evidence and facts"
          className="min-w-0 space-y-4 pb-6 lg:sticky lg:top-16 lg:max-h-[calc(100dvh-5rem)] lg:self-start lg:overflow-y-auto"
        >
          <EvidenceList evidence={state.evidence} hasEnded={hasEnded} onReceipt={openReceipt} />
          <ReportPanel issue={issue} />
          <RunLines issue={issue} run={run} />
          <SimilarIssues issueKey={issue.key} />
          <RunFacts run={state} record={record.data} />
        </aside>
      </div>
      <RunFooter runId={run.id} live={live} inputs={openInputs(state)} role={role} follow={follow} stop={stop} />
      {receiptId && <ReceiptPanel id={receiptId} mayAct={mayAct} onClose={() => setReceiptId("")} onReceipt={setReceiptId} />}
    </>
  );
}

/** What is not in the events: the place in the queue while it waits, where one may branch off, the costs at the end. */
function useRunRecord(runId: string, { status, currentStage }: RunState, isReplayed: boolean) {
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new status and stage is a new record
  useEffect(() => {
    if (isReplayed) void client.invalidateQueries({ queryKey: ["run", runId] });
  }, [client, runId, status, currentStage, isReplayed]);
  return useQuery({
    queryKey: ["run", runId],
    queryFn: () => api.run(runId),
    refetchInterval: status === "queued" ? 4_000 : false,
  });
}
