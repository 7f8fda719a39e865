import Link from "next/link";
import { IssueStatusBadge, RunStatusBadge, VerdictBadge } from "@/components/ui/badges";
import { issueAddress } from "@/lib/addresses";
import type { IssueSummary } from "@/lib/api-types";
import { ago, fullTime, SOURCE_NAMES, STAGE_NAMES } from "@/lib/format";

/** One issue: what it is about first, then what its latest run came to. The whole row leads to the issue. */
export function IssueRow({ issue, now }: { issue: IssueSummary; now: number }) {
  return (
    <li className="relative grid gap-x-4 gap-y-1.5 px-4 py-3 hover:bg-raised sm:grid-cols-[4.5rem_minmax(0,1fr)_auto]">
      <span className="font-mono text-xs leading-5 text-muted">{issue.key}</span>
      <div className="min-w-0">
        <Link
          href={issueAddress(issue.key)}
          prefetch={false}
          className="line-clamp-2 font-medium break-words after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:outline-none sm:line-clamp-1"
        >
          {issue.title}
        </Link>
        <p className="mt-0.5 truncate text-xs text-muted">
          {[issue.repository, `${issue.reporter} via ${SOURCE_NAMES[issue.source]}`].filter(Boolean).join(" · ")}
          {" · "}
          <time dateTime={issue.created_at} title={fullTime(issue.created_at)}>
            {ago(issue.created_at, now)}
          </time>
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-1.5 sm:justify-end">
        {issue.status === "closed" && <IssueStatusBadge status="closed" />}
        {issue.run && <RunOutcome run={issue.run} />}
      </div>
    </li>
  );
}

function RunOutcome({ run }: { run: NonNullable<IssueSummary["run"]> }) {
  if (run.status === "succeeded" && run.verdict) return <VerdictBadge verdict={run.verdict} />;
  return (
    <>
      {run.status === "running" && <span className="text-xs text-muted">{STAGE_NAMES[run.stage]}</span>}
      <RunStatusBadge status={run.status} />
    </>
  );
}
