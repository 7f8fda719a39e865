"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { IssueHeader } from "@/components/issues/issue-header";
import { FeedbackScope } from "@/components/take-part/feedback";
import { type LiveRun, useRunStream } from "@/hooks/use-run-stream";
import { useStop } from "@/hooks/use-stop";
import { showTarget, useTarget } from "@/hooks/use-target";
import { api } from "@/lib/api";
import type { Issue, Run, RunSummary } from "@/lib/api-types";
import { evidenceAnchor } from "@/lib/citations";
import type { Role } from "@/lib/decisions";
import type { Target } from "@/lib/places";
import { isEnded, type RunState } from "@/lib/run-state";
import { BranchRun } from "./branch-run";
import { EvidenceList } from "./evidence-list";
import { OriginNote } from "./origin-note";
import { RunAnswer } from "./run-answer";
import { ReportPanel, RunFacts } from "./run-facts";
import { RunFooter } from "./run-footer";
import { RunLines } from "./run-lines";
import { RunStatusLine } from "./run-status-line";
import { RunTold, useRunFollow } from "./run-told";
import { TimePanel } from "./time-panel";

// Only who asks for them loads them.
const EvidenceSheet = lazy(() => import("@/components/receipt/evidence-sheet"));
const ReceiptPanel = lazy(() => import("@/components/receipt/receipt-panel"));
const SimilarIssues = lazy(() =>
  import("@/components/issues/similar-issues").then((module) => ({ default: module.SimilarIssues })),
);

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
  const known = useMemo(() => new Set(state.evidence.map(({ number }) => number)), [state.evidence]);
  const stop = useStop(run.id, state);
  const [receiptId, setReceiptId] = useState("");
  const target = useTarget();
  const follow = useRunFollow(live, target);
  const record = useRunRecord(run.id, state, live.isReplayed).data;
  return (
    <FeedbackScope runId={run.id} mayAct={mayAct}>
      <IssueHeader
        issue={issue}
        run={run}
        mayAct={mayAct}
        isRunEnded={isEnded(state.status)}
        state={state}
        record={record}
        actions={record && issue.status === "open" && <BranchRun run={record} />}
      >
        <RunStatusLine live={live} isStopping={stop.isStopping} queuePosition={record?.queue_position ?? null} />
        {state.forkedFrom && <OriginNote issueKey={issue.key} origin={state.forkedFrom} />}
      </IssueHeader>
      <div className="mt-5 grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 space-y-5">
          <RunAnswer issue={issue} run={run} live={live} record={record} known={known} mayAct={mayAct} />
          <RunTold issueKey={issue.key} live={live} known={known} target={target} follow={follow} onReceipt={setReceiptId} />
        </div>
        <RunAside issue={issue} run={run} state={state} record={record} />
      </div>
      <RunFooter issue={issue} run={run} live={live} role={role} follow={follow} stop={stop} />
      <Sheets
        live={live}
        target={target}
        repository={issue.repository ?? ""}
        receiptId={receiptId}
        mayAct={mayAct}
        onReceipt={setReceiptId}
      />
    </FeedbackScope>
  );
}

interface AsideProps {
  issue: Issue;
  run: RunSummary;
  state: RunState;
  record: Run | undefined;
}

function RunAside({ issue, run, state, record }: AsideProps) {
  return (
    <aside
      aria-label="Evidence and facts"
      className="min-w-0 space-y-4 pb-6 lg:sticky lg:top-16 lg:max-h-[calc(100dvh-5rem)] lg:self-start lg:overflow-y-auto"
    >
      <EvidenceList evidence={state.evidence} hasEnded={isEnded(state.status)} />
      <ReportPanel issue={issue} />
      <RunLines issue={issue} run={run} />
      <RunFacts run={state} record={record} />
      <TimePanel run={state} />
      <Suspense>
        <SimilarIssues issueKey={issue.key} />
      </Suspense>
    </aside>
  );
}

interface SheetsProps {
  live: LiveRun;
  target: Target | null;
  repository: string;
  /** "" for none. */
  receiptId: string;
  mayAct: boolean;
  onReceipt: (id: string) => void;
}

/** What opens over the page: the evidence that the address names, and the receipt that was asked for. */
function Sheets({ live, target, repository, receiptId, mayAct, onReceipt }: SheetsProps) {
  return (
    <Suspense fallback={null}>
      {target?.type === "evidence" && live.isReplayed && (
        <EvidenceSheet
          evidence={live.state.evidence}
          number={target.number}
          repository={repository}
          mayAct={mayAct}
          onShow={showEvidence}
          onReceipt={onReceipt}
          onClose={() => showTarget("")}
        />
      )}
      {receiptId && (
        <ReceiptPanel key={receiptId} id={receiptId} mayAct={mayAct} onClose={() => onReceipt("")} onReceipt={onReceipt} />
      )}
    </Suspense>
  );
}

const showEvidence = (number: number): void => showTarget(`#${evidenceAnchor(number)}`);

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
