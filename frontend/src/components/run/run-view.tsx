"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { IssueHeader } from "@/components/issues/issue-header";
import { SolutionCard } from "@/components/solution/solution-card";
import { AnswerFeedback, FeedbackScope } from "@/components/take-part/feedback";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useCommands } from "@/hooks/use-commands";
import { type Follow, useFollow } from "@/hooks/use-follow";
import { useReading } from "@/hooks/use-reading";
import { type LiveRun, useRunStream } from "@/hooks/use-run-stream";
import { useStop } from "@/hooks/use-stop";
import { showTarget, useTarget } from "@/hooks/use-target";
import { api } from "@/lib/api";
import type { Issue, RecordedAnswer, Run, RunSummary } from "@/lib/api-types";
import { evidenceAnchor } from "@/lib/citations";
import type { Role } from "@/lib/decisions";
import { eventAt, type Place, placeOf, type Target } from "@/lib/places";
import { isEnded, type RunState } from "@/lib/run-state";
import { BranchRun } from "./branch-run";
import { EvidenceList } from "./evidence-list";
import { HypothesisCard } from "./hypothesis-card";
import { OriginNote } from "./origin-note";
import { ReadingBar } from "./reading-bar";
import { ResumeRun } from "./resume-run";
import { RunEnding } from "./run-ending";
import { ReportPanel, RunFacts } from "./run-facts";
import { RunFooter } from "./run-footer";
import { RunLines } from "./run-lines";
import { RunStatusLine } from "./run-status-line";
import { TimePanel } from "./time-panel";
import { Timeline } from "./timeline";
import { OutgoingRow } from "./timeline-rows";

// Only who asks for them loads them.
const EvidenceSheet = lazy(() => import("@/components/receipt/evidence-sheet"));
const ReceiptPanel = lazy(() => import("@/components/receipt/receipt-panel"));
const SimilarIssues = lazy(() =>
  import("@/components/issues/similar-issues").then((module) => ({ default: module.SimilarIssues })),
);
const TraceView = lazy(() => import("./trace-view"));

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
  const target = useTarget();
  const follow = useRunFollow(live, target);
  const record = useRunRecord(run.id, state, live.isReplayed);
  // The answer stands before the story, and its event is one of the last: of an ended run the record tells it at once.
  const isToBeRead = isEnded(run.status) && !live.isReplayed;
  const told = isToBeRead ? (record.data as RecordedAnswer | undefined) : undefined;
  const solution = state.solution ?? told?.solution;
  const isComing = isToBeRead && !solution;
  const evidence = told && state.evidence.length < told.evidence.length ? told.evidence : state.evidence;
  return (
    <FeedbackScope runId={run.id} mayAct={mayAct}>
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
      <div className="mt-5 grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 space-y-5">
          {isComing && <Coming />}
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
          {!isToBeRead && (
            <HypothesisCard hypotheses={state.hypotheses} known={known} isOver={hasEnded || state.solution !== null} />
          )}
          <Told issueKey={issue.key} live={live} known={known} target={target} follow={follow} onReceipt={setReceiptId} />
        </div>
        <RunAside issue={issue} run={run} state={state} record={record.data} />
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

/** In the place of the answer; as high as the screen, so that the story below it comes into view in its final place. */
function Coming() {
  return (
    <div className="min-h-dvh">
      <SkeletonRows label="Loading the answer" rows={8} />
    </div>
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

/** Follows what comes in, except while the address names an event; going to the latest lets go of that. */
function useRunFollow({ state, isReplayed }: LiveRun, target: Target | null): Follow {
  const follow = useFollow(state.lastSeq, isReplayed && !isEnded(state.status), target?.type === "event");
  const toLatest = () => {
    showTarget("");
    follow.toLatest();
  };
  useCommands({ "run.latest": follow.isBehind && toLatest });
  return { ...follow, toLatest };
}

const showEvidence = (number: number): void => showTarget(`#${evidenceAnchor(number)}`);

interface ToldProps {
  issueKey: string;
  live: LiveRun;
  known: ReadonlySet<number>;
  target: Target | null;
  follow: Follow;
  onReceipt: (id: string) => void;
}

/** How it was found: as a story, or as the events that it is made of. */
function Told({ issueKey, live, known, target, follow, onReceipt }: ToldProps) {
  const { state, batches, isReplayed } = live;
  const reading = useReading();
  const seq = target?.type === "event" ? target.seq : null;
  const place = usePlace(batches, seq, isReplayed);
  // What the story does not tell is shown among the events.
  const isTrace = reading.view === "trace" || (place === null && seq !== null && isReplayed);
  return (
    <section aria-label="Timeline" data-seq={state.lastSeq} className="space-y-3 pb-4">
      <h2 className="sr-only">Timeline</h2>
      <ReadingBar run={state} view={isTrace ? "trace" : "story"} onView={reading.setView} />
      {isTrace ? (
        <Suspense fallback={<p className="min-h-96 text-muted">Loading…</p>}>
          <TraceView batches={batches} kind={reading.kind} onKind={reading.setKind} seq={seq} />
        </Suspense>
      ) : (
        <Timeline
          issueKey={issueKey}
          run={state}
          known={known}
          isLive={!isEnded(state.status)}
          isReplayed={isReplayed}
          place={place}
          onReceipt={onReceipt}
        />
      )}
      {live.outgoing.map((message) => (
        <OutgoingRow key={message.clientId} message={message} onRetry={live.retry} onDiscard={live.discard} />
      ))}
      <div ref={follow.end} />
    </section>
  );
}

/** Where the story tells of the event in the address; looked up once the history is read. */
function usePlace(batches: LiveRun["batches"], seq: number | null, isReplayed: boolean): Place | null {
  // biome-ignore lint/correctness/useExhaustiveDependencies: events that come later do not move it
  const place = useMemo(() => {
    const event = seq === null || !isReplayed ? undefined : eventAt(batches, seq);
    return event ? placeOf(event) : null;
  }, [seq, isReplayed]);
  useEffect(() => {
    if (place?.type === "element") document.getElementById(place.elementId)?.scrollIntoView({ block: "start" });
  }, [place]);
  return place;
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
