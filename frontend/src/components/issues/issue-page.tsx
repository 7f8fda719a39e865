"use client";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useEffect } from "react";
import { RunView } from "@/components/run/run-view";
import { AppShell } from "@/components/shell/app-shell";
import { buttonClass } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { useIssue } from "@/hooks/use-issue";
import { useSeenIssue } from "@/hooks/use-seen";
import { mayRespond, roleIn } from "@/hooks/use-session";
import { runStatusName } from "@/lib/activity";
import { issueKeyIn } from "@/lib/addresses";
import type { Issue, Me, RunSummary } from "@/lib/api-types";
import { problemOf } from "@/lib/problem";
import { IssueHeader } from "./issue-header";

export function IssuePage() {
  // Asked for also to keep this subtree out of the exported HTML, which knows no key yet.
  const wanted = useSearchParams().get("run");
  const key = issueKeyIn(usePathname());
  return <AppShell>{(me) => <LoadedIssue key={key} issueKey={key} wantedRun={wanted} me={me} />}</AppShell>;
}

interface LoadedProps {
  issueKey: string;
  wantedRun: string | null;
  me: Me;
}

function LoadedIssue({ issueKey, wantedRun, me }: LoadedProps) {
  const issue = useIssue(issueKey, true);
  if (issue.data) return <IssueView issue={issue.data} wantedRun={wantedRun} me={me} />;
  const isMissing = problemOf(issue.error)?.status === 404;
  return (
    <main id="main" aria-busy={issue.isPending} className="mx-auto max-w-6xl px-4 py-10">
      <h1 className="mb-3 text-lg font-semibold">{isMissing ? `No issue ${issueKey}` : issueKey}</h1>
      {issue.isPending && <p className="text-muted">Loading…</p>}
      {isMissing ? (
        <>
          <p className="text-muted">There is none with this key, or it belongs to a team that you are not in.</p>
          <Link href="/" className={buttonClass("plain", "mt-4")}>
            To the issues
          </Link>
        </>
      ) : (
        <ProblemNote error={issue.error} onRetry={() => void issue.refetch()} />
      )}
    </main>
  );
}

function IssueView({ issue, wantedRun, me }: { issue: Issue; wantedRun: string | null; me: Me }) {
  const run = pickRun(issue.runs, wantedRun);
  const isResponder = mayRespond(me, issue.team);
  useTitle(issue, run);
  useSeenIssue(issue);
  return (
    <main
      id="main"
      className="mx-auto flex min-h-[calc(100dvh-3.0625rem)] pointer-coarse:min-h-[calc(100dvh-3.5625rem)] max-w-6xl flex-col px-4 pt-5"
    >
      {wantedRun !== null && run && String(run.number) !== wantedRun && (
        <p role="status" className="mb-3 rounded-md border border-line bg-surface px-3 py-2 text-[0.8125rem]">
          This issue has no run {wantedRun.slice(0, 20)}. You see its latest one.
        </p>
      )}
      {run ? (
        <RunView key={run.id} issue={issue} run={run} role={roleIn(me, issue.team)} />
      ) : (
        <IssueHeader issue={issue} run={undefined} mayAct={isResponder} />
      )}
    </main>
  );
}

/** The run of the address, else the latest. */
function pickRun(runs: readonly RunSummary[], wanted: string | null): RunSummary | undefined {
  const byNumber = [...runs].sort((a, b) => b.number - a.number);
  return byNumber.find((run) => String(run.number) === wanted) ?? byNumber[0];
}

/** So that the tab tells how it stands while one does something else. */
function useTitle(issue: Issue, run: RunSummary | undefined): void {
  const status = run ? `${runStatusName(issue, run)} · ` : "";
  const title = `${status}${issue.key} ${issue.title}`;
  // The next page brings a title of its own.
  useEffect(() => {
    document.title = title;
  }, [title]);
}
