"use client";
import { CheckCheck, CircleDashed } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { Skeleton } from "@/components/ui/skeleton";
import { useSimilarToIssue } from "@/hooks/use-similar-issues";
import { issueAddress } from "@/lib/addresses";
import type { SimilarIssue } from "@/lib/api-types";
import { VERDICT_NAMES } from "@/lib/format";
import { problemOf } from "@/lib/problem";

const ENDINGS: Record<SimilarIssue["ending_kind"], string> = {
  resolution: "Resolution",
  root_cause: "Root cause",
  summary: "Summary",
  "": "",
};

/** The panel of the issue page: what was reported before that looks the same, and what came of it. */
export function SimilarIssues({ issueKey }: { issueKey: string }) {
  const similar = useSimilarToIssue(issueKey);
  return (
    <Panel title="Similar issues" aside={similar.data?.length ? String(similar.data.length) : ""}>
      <SimilarBody found={similar.data} error={similar.error} onRetry={() => void similar.refetch()} />
    </Panel>
  );
}

interface BodyProps {
  found: readonly SimilarIssue[] | undefined;
  error: unknown;
  onRetry: () => void;
}

function SimilarBody({ found, error, onRetry }: BodyProps) {
  if (found?.length) return <SimilarList found={found} />;
  if (found) return <p className="px-3 py-3 text-xs text-muted">No issue of this team resembles it.</p>;
  if (error) return <LookingFailed error={error} onRetry={onRetry} />;
  return (
    <div aria-busy="true" className="space-y-2 px-3 py-3">
      <Skeleton className="h-3.5 w-2/3" />
      <Skeleton className="h-3.5 w-full" />
    </div>
  );
}

export function LookingFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className="space-y-2 px-3 py-3 text-xs text-muted">
      <p>Similar issues could not be looked up. {problemOf(error)?.detail}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}

/** `isNewTab`: for who is in the middle of writing something. */
export function SimilarList({ found, isNewTab = false }: { found: readonly SimilarIssue[]; isNewTab?: boolean }) {
  return (
    <ul className="divide-y divide-line">
      {found.map((issue) => (
        <SimilarRow key={issue.key} issue={issue} isNewTab={isNewTab} />
      ))}
    </ul>
  );
}

function SimilarRow({ issue, isNewTab }: { issue: SimilarIssue; isNewTab: boolean }) {
  return (
    <li className="relative px-3 py-2.5 hover:bg-raised">
      <p className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
        <span className="font-mono">{issue.key}</span>
        <Standing issue={issue} />
      </p>
      <Link
        href={issueAddress(issue.key)}
        prefetch={false}
        {...(isNewTab ? { target: "_blank", rel: "noopener" } : {})}
        className="mt-0.5 line-clamp-2 text-[0.8125rem] font-medium break-words after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
      >
        {issue.title}
        {isNewTab && <span className="sr-only"> (opens in a new tab)</span>}
      </Link>
      {issue.ending && (
        <p className="mt-1 line-clamp-3 text-xs break-words">
          <span className="text-muted">{ENDINGS[issue.ending_kind]}: </span>
          {issue.ending}
        </p>
      )}
      {issue.matched.length > 0 && (
        <p className="mt-1 truncate text-xs text-muted" title={issue.matched.join(" · ")}>
          <span className="sr-only">Both have </span>
          <span className="font-mono text-2xs">{issue.matched.join(" · ")}</span>
        </p>
      )}
    </li>
  );
}

/** Whether it is still open, and how sure its answer was. */
function Standing({ issue }: { issue: SimilarIssue }) {
  const Icon = issue.status === "closed" ? CheckCheck : CircleDashed;
  return (
    <span className="inline-flex items-center gap-1">
      <Icon className="size-3.5" aria-hidden />
      {issue.status === "closed" ? "Closed" : "Open"}
      {issue.verdict && ` · ${VERDICT_NAMES[issue.verdict]}`}
    </span>
  );
}
