"use client";
import { ChevronRight, Download, Radio, RefreshCw } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { LoadMore } from "@/components/ui/load-more";
import { ProblemNote } from "@/components/ui/problem-note";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useAudit, useExportAudit } from "@/hooks/use-audit";
import { useAuditFilter } from "@/hooks/use-audit-filter";
import type { AuditEntry } from "@/lib/api-types";
import { actionText, auditQuery, detailLines, isFiltered, NO_FILTER } from "@/lib/audit-filter";
import { clockTime, fullTime } from "@/lib/format";
import { AuditFields } from "./audit-fields";
import { useSettings } from "./settings-frame";

/** Who did what: of the teams that one is an admin of, and for staff also what is about no team. */
export function Audit() {
  const { team } = useSettings();
  return <AuditOf key={team?.key ?? ""} team={team?.key ?? ""} />;
}

function AuditOf({ team }: { team: string }) {
  const { filter, settled, setFilter } = useAuditFilter(team);
  const [isLive, setLive] = useState(false);
  const query = auditQuery(team, settled);
  const log = useAudit(query, isLive);
  const save = useExportAudit();
  const entries = log.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <>
      <AuditFields filter={filter} onChange={setFilter} actions={[...new Set(entries.map(({ action }) => action))]} />
      <div className="my-3 flex flex-wrap items-center gap-2">
        <p role="status" className="mr-auto text-xs text-muted">
          {log.data && `${entries.length}${log.hasNextPage ? "+" : ""} ${entries.length === 1 ? "entry" : "entries"}`}
        </p>
        <Button variant="quiet" aria-pressed={isLive} onClick={() => setLive(!isLive)} title="Ask again every five seconds">
          <Radio className={`size-4 ${isLive ? "live-dot text-accent" : ""}`} aria-hidden />
          {isLive ? "Live" : "Go live"}
        </Button>
        <Button isBusy={log.isFetching && !log.isFetchingNextPage && !isLive} onClick={() => void log.refetch()}>
          <RefreshCw className="size-4" aria-hidden />
          Refresh
        </Button>
        <Button isBusy={save.isPending} disabled={entries.length === 0} onClick={() => save.mutate(query)}>
          <Download className="size-4" aria-hidden />
          CSV
        </Button>
      </div>
      <ProblemNote error={save.error} />
      {log.isPending && <SkeletonRows label="Loading the audit log" rows={10} rowClass="h-11" />}
      {log.error && entries.length === 0 && <ErrorState error={log.error} onRetry={() => void log.refetch()} />}
      {log.data && entries.length === 0 && (
        <EmptyState
          title={isFiltered(settled) ? "No entry fits" : "Nothing was done yet"}
          action={isFiltered(settled) && <Button onClick={() => setFilter(NO_FILTER)}>Show all entries</Button>}
        >
          {isFiltered(settled)
            ? "Names and targets fit in part, actions as a whole or by their first word."
            : "What people and machines change in your teams will stand here."}
        </EmptyState>
      )}
      {entries.length > 0 && (
        <ol aria-label="Audit log" className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {entries.map((entry) => (
            <li key={entry.id} className="later">
              <Entry entry={entry} withTeam={!team} />
            </li>
          ))}
        </ol>
      )}
      {entries.length > 0 && (
        <LoadMore
          hasMore={log.hasNextPage}
          isLoading={log.isFetchingNextPage}
          onMore={() => void log.fetchNextPage()}
          error={log.error}
        />
      )}
    </>
  );
}

/** One line; opened, all that is known. Times are those of the person's zone, and UTC under the pointer. */
function Entry({ entry, withTeam }: { entry: AuditEntry; withTeam: boolean }) {
  return (
    <details className="group/entry">
      <summary className="flex min-h-10 items-start gap-2 px-3 py-2 text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11">
        <ChevronRight
          className="mt-0.5 size-3.5 shrink-0 text-faint transition-transform group-open/entry:rotate-90"
          aria-hidden
        />
        <span className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)_auto] gap-x-3 sm:grid-cols-[10.5rem_minmax(0,9rem)_minmax(0,1fr)_auto]">
          <time dateTime={entry.at} title={`${entry.at.slice(0, 19).replace("T", " ")} UTC`} className="text-muted">
            {fullTime(entry.at).replace(/\d\d:\d\d$/, clockTime(entry.at))}
          </time>
          <span className="order-1 col-span-2 flex min-w-0 flex-wrap gap-x-2 sm:order-none sm:contents">
            <span className="min-w-0 truncate font-medium">{entry.actor}</span>
            <span className="min-w-0 break-words">
              {actionText(entry.action)} <span className="font-mono text-xs break-all text-muted">{entry.target}</span>
            </span>
          </span>
          {withTeam && <span className="font-mono text-xs text-muted">{entry.team || "system"}</span>}
        </span>
      </summary>
      <Details entry={entry} />
    </details>
  );
}

function Details({ entry }: { entry: AuditEntry }) {
  const lines = [
    { name: "action", value: entry.action },
    { name: "target", value: entry.target },
    ...(entry.username ? [{ name: "user name", value: entry.username }] : []),
    ...detailLines(entry.detail),
    { name: "time in UTC", value: entry.at },
    ...(entry.trace_id ? [{ name: "trace id", value: entry.trace_id }] : []),
  ];
  return (
    <dl className="grid gap-x-4 gap-y-1 border-t border-line bg-paper px-4 py-3 pl-8 text-xs sm:grid-cols-[8rem_minmax(0,1fr)]">
      {lines.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="mb-1 font-mono break-all whitespace-pre-wrap sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
