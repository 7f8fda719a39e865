import { CircleCheck, CircleDot, MessageCircleQuestion } from "lucide-react";
import Link from "next/link";
import { Badge, RunStatusBadge, VerdictBadge } from "@/components/ui/badges";
import { RelativeTime } from "@/components/ui/relative-time";
import { issueAddress } from "@/lib/addresses";
import type { ListedIssue, RunSummary } from "@/lib/api-types";
import { money, RUN_STATUS_NAMES, STAGE_NAMES, withSource } from "@/lib/format";
import { isUnread } from "@/lib/issue-pages";
import { JoinedBadge } from "./joined-issue";

/** The same columns in every row and in the heading; below `lg` a row has two lines. */
export const COLUMNS =
  "grid items-center gap-x-3 grid-cols-[2.25rem_minmax(0,1fr)] lg:grid-cols-[2.25rem_4rem_minmax(0,1fr)_8.5rem_5rem_6rem_3.75rem_4rem] xl:grid-cols-[2.25rem_4.5rem_minmax(0,1fr)_8.75rem_7rem_7rem_4rem_4rem]";

interface Props {
  issue: ListedIssue;
  isSelected: boolean;
  onSelect: (key: string) => void;
}

/**
 * One issue: what it is about first, then what its latest run came to. The whole row leads to the issue. A phone has no room for
 * the reporter and the cost beside it.
 */
export function IssueRow({ issue, isSelected, onSelect }: Props) {
  const isNew = isUnread(issue);
  const isClosed = issue.status === "closed";
  return (
    <li
      className={`relative [contain-intrinsic-size:auto_4rem] [content-visibility:auto] lg:[contain-intrinsic-size:auto_2.75rem] gap-y-1 px-2 py-2 hover:bg-raised lg:h-11 lg:py-0 ${COLUMNS} ${isSelected ? "bg-accent-soft" : ""}`}
    >
      <SelectBox
        label={`Select ${issue.key}`}
        isChecked={isSelected}
        onChange={() => onSelect(issue.key)}
        className="max-lg:row-span-2 max-lg:-mt-1.5 max-lg:self-start"
      />
      <Link
        href={issueAddress(issue.key)}
        prefetch={false}
        data-issue={issue.key}
        className={`line-clamp-2 break-words lg:block lg:truncate after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent lg:order-2 ${isNew ? "font-semibold" : ""} ${isClosed && !isNew ? "text-muted" : ""}`}
      >
        {/* Its place is kept, so that all titles begin at one line; where they have two, it is below the box. */}
        <span
          className={`max-lg:absolute max-lg:top-11 max-lg:left-[1.375rem] lg:mr-2 lg:mb-px lg:inline-block size-2 rounded-full ${isNew ? "bg-accent" : ""}`}
          aria-hidden
        />
        {isNew && <span className="sr-only">Unread: </span>}
        {isClosed && (
          <>
            <CircleCheck className="mr-1.5 mb-0.5 inline-block size-4 text-muted" aria-hidden />
            <span className="sr-only">Closed: </span>
          </>
        )}
        {issue.title}
      </Link>
      <div className="col-start-2 flex min-w-0 items-center gap-x-2 text-xs text-muted lg:contents">
        <span className="font-mono whitespace-nowrap lg:order-1">{issue.key}</span>
        <span className="max-lg:empty:hidden lg:order-3">
          {/* Above the link that covers the row. */}
          {issue.joined ? (
            <JoinedBadge issueKey={issue.joined} className="relative z-10" />
          ) : (
            issue.run && <RunOutcome run={issue.run} />
          )}
        </span>
        <span className="min-w-0 truncate max-lg:empty:hidden lg:order-4" title={issue.repository ?? undefined}>
          {issue.repository}
        </span>
        <span className="min-w-0 truncate max-sm:sr-only lg:order-5" title={withSource(issue.reporter, issue.source)}>
          {issue.reporter}
        </span>
        <span className="whitespace-nowrap max-sm:hidden max-lg:empty:hidden lg:order-6 lg:text-right">
          {issue.run && <Cost run={issue.run} />}
        </span>
        <RelativeTime
          at={issue.created_at}
          className="whitespace-nowrap max-lg:ml-auto max-lg:pr-1 lg:order-7 lg:pr-2 lg:text-right"
        />
      </div>
    </li>
  );
}

interface BoxProps {
  label: string;
  isChecked: boolean;
  /** Some are, some are not. */
  isMixed?: boolean;
  onChange: () => void;
  className?: string;
}

/** Above the link that covers the row. */
export function SelectBox({ label, isChecked, isMixed = false, onChange, className = "" }: BoxProps) {
  return (
    <label
      className={`relative z-10 grid size-9 cursor-pointer place-items-center pointer-coarse:-m-1 pointer-coarse:size-11 ${className}`}
    >
      <input
        type="checkbox"
        aria-label={label}
        checked={isChecked}
        ref={(box) => {
          if (box) box.indeterminate = isMixed;
        }}
        onChange={onChange}
        className="size-4 cursor-pointer accent-accent"
      />
    </label>
  );
}

function RunOutcome({ run }: { run: RunSummary }) {
  if (run.status === "succeeded" && run.verdict) return <VerdictBadge verdict={run.verdict} />;
  if (run.status === "waiting") {
    return (
      <span title={RUN_STATUS_NAMES.waiting}>
        <Badge tone="warn" Icon={MessageCircleQuestion} label="Waiting" />
      </span>
    );
  }
  if (run.status !== "running") return <RunStatusBadge status={run.status} />;
  return (
    <>
      <span className="sr-only">Running: </span>
      <Badge tone="accent" Icon={CircleDot} label={STAGE_NAMES[run.stage]} isLive />
    </>
  );
}

function Cost({ run }: { run: RunSummary }) {
  if (run.cost_usd === null) return null;
  if (!run.has_unpriced_calls) return <span title="What the latest run has cost so far">{money(run.cost_usd)}</span>;
  const told = run.cost_usd > 0 ? `> ${money(run.cost_usd)}` : "no price";
  return (
    <span title="The price of some calls of the latest run is not known" className={run.cost_usd > 0 ? "" : "max-lg:hidden"}>
      {told}
    </span>
  );
}
