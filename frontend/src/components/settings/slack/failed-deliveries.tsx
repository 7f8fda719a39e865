"use client";
import { NavLink } from "@/components/shell/nav-link";
import { type Column, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { issueAddress } from "@/lib/addresses";
import type { SlackWorkspace } from "@/lib/api/installation";
import { slackEffect } from "@/lib/slack-effects";

type Failure = SlackWorkspace["failures"][number];

const COLUMNS: readonly Column<Failure>[] = [
  {
    id: "what",
    header: "What",
    cell: ({ kind, issue }) => (
      <>
        {slackEffect(kind)}
        {issue && (
          <>
            {" of "}
            <NavLink href={issueAddress(issue)} className="whitespace-nowrap text-accent hover:underline">
              {issue}
            </NavLink>
          </>
        )}
      </>
    ),
  },
  { id: "error", header: "Why not", cell: ({ error }) => <span className="break-words">{error || "No reason was kept."}</span> },
  {
    id: "state",
    header: "State",
    cell: ({ is_final }) =>
      is_final ? (
        <span className="whitespace-nowrap text-bad">Given up</span>
      ) : (
        <span className="whitespace-nowrap text-warn">Is tried again</span>
      ),
  },
  { id: "at", header: "When", cell: ({ at }) => <RelativeTime at={at} className="whitespace-nowrap" /> },
];

/** The newest that Slack did not take; issues keep their answers in any case. */
export function FailedDeliveries({ failures }: { failures: Failure[] }) {
  return (
    <>
      <p className="text-[0.8125rem] text-muted">Not taken by Slack. The issues themselves have everything.</p>
      <DataTable
        label="Failed deliveries"
        columns={COLUMNS}
        rows={failures}
        rowKey={({ issue, kind, at }) => `${issue} ${kind} ${at}`}
      />
    </>
  );
}
