"use client";
import { useRouter } from "next/navigation";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { IssueStatusBadge } from "@/components/ui/badges";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { RelativeTime } from "@/components/ui/relative-time";
import { useCaseFile, useIssueActions } from "@/hooks/use-issue";
import { runStatusName } from "@/lib/activity";
import { issueAddress } from "@/lib/addresses";
import type { Issue, Run, RunSummary } from "@/lib/api-types";
import { VERDICT_NAMES, withSource } from "@/lib/format";
import type { RunState } from "@/lib/run-state";
import { IssueMenu } from "./issue-menu";
import { JoinedReports } from "./joined-issue";

// The answer comes first: what is opened by a click, or goes on paper, is loaded after it.
const CloseIssue = lazy(() => import("./close-issue").then((module) => ({ default: module.CloseIssue })));
const PrintedIssue = lazy(() => import("./printed-issue").then((module) => ({ default: module.PrintedIssue })));

interface Props {
  issue: Issue;
  run: RunSummary | undefined;
  mayAct: boolean;
  /** Whether the run shown has ended: only then another one is offered. */
  isRunEnded?: boolean;
  /** What the run shown has told, and its record: for the post-mortem draft. */
  state?: RunState;
  record?: Run | undefined;
  /** What else can be done with the run. */
  actions?: ReactNode;
  children?: ReactNode;
}

/** What the issue is about, which of its runs is shown, and what can be done. */
export function IssueHeader({ issue, run, mayAct, isRunEnded = true, state, record, actions: more, children }: Props) {
  const router = useRouter();
  const [isClosing, setClosing] = useState(false);
  const caseFile = useCaseFile(issue.key);
  // The newest run is what the address without `?run=` shows.
  const actions = useIssueActions(issue.key, () => router.replace(issueAddress(issue.key)));
  const startRun = () => {
    if (!actions.startRun.isPending) actions.startRun.mutate();
  };
  return (
    <header className="space-y-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <Title issue={issue} />
        <div className="flex flex-wrap gap-2">
          {mayAct && more}
          {mayAct && issue.status === "open" && <Button onClick={() => setClosing(true)}>Close issue</Button>}
          {mayAct && issue.status === "closed" && (
            <Button isBusy={actions.change.isPending} onClick={() => actions.change.mutate({ status: "open" })}>
              Reopen issue
            </Button>
          )}
          <IssueMenu
            issue={issue}
            state={state}
            record={record}
            onStartRun={mayAct && isRunEnded && issue.status === "open" ? startRun : undefined}
            onCase={mayAct && issue.status === "closed" ? () => caseFile.mutate() : undefined}
          />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <IssueStatusBadge status={issue.status} />
        {run && <RunPicker issue={issue} run={run} />}
        {children}
      </div>
      <JoinedReports issue={issue} />
      {issue.status === "closed" && issue.resolution && !issue.joined && (
        <p className="max-w-3xl break-words whitespace-pre-wrap">
          <span className="font-medium">Resolution: </span>
          {issue.resolution}
        </p>
      )}
      <ProblemNote error={actions.startRun.error ?? actions.change.error ?? caseFile.error} />
      <Suspense>
        {state && <PrintedIssue issue={issue} state={state} record={record} />}
        {isClosing && <CloseIssue issue={issue} onClose={() => setClosing(false)} />}
      </Suspense>
    </header>
  );
}

function Title({ issue }: { issue: Issue }) {
  return (
    <div className="min-w-0 flex-[1_1_24rem]">
      <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-muted">
        <span className="font-mono font-medium">{issue.key}</span>
        {issue.repository && <span>· {issue.repository + (issue.revision ? ` @ ${issue.revision}` : "")}</span>}
        <span>· {withSource(issue.reporter, issue.source)}</span>
        <span>
          · <RelativeTime at={issue.created_at} />
        </span>
      </p>
      <h1 className={`mt-0.5 leading-snug font-semibold tracking-tight break-words ${titleSize(issue.title)}`}>{issue.title}</h1>
    </div>
  );
}

/** A title that is the first line of a report may be a paragraph: it must not push the answer off the screen. */
const titleSize = (title: string): string => (title.length > 90 ? "text-base sm:text-lg" : "text-lg sm:text-xl");

function RunPicker({ issue, run }: { issue: Issue; run: RunSummary }) {
  const router = useRouter();
  if (issue.runs.length < 2) return <span className="text-[0.8125rem] font-medium">Run {run.number}</span>;
  const choose = (number: string) => router.replace(`${issueAddress(issue.key)}?run=${number}`, { scroll: false });
  return (
    <label className="text-[0.8125rem]">
      <span className="sr-only">Run</span>
      <select
        value={run.number}
        onChange={(event) => choose(event.target.value)}
        className="min-h-7 rounded-md border border-line-strong/60 bg-surface px-1.5 font-medium pointer-coarse:min-h-11"
      >
        {issue.runs.map((each) => (
          <option key={each.number} value={each.number}>
            Run {each.number} · {each.verdict ? VERDICT_NAMES[each.verdict] : runStatusName(issue, each)}
          </option>
        ))}
      </select>
    </label>
  );
}
