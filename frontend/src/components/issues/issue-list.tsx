"use client";
import { Search } from "lucide-react";
import Link from "next/link";
import { ConnectionNote } from "@/components/run/connection-note";
import { AppShell } from "@/components/shell/app-shell";
import { Button, buttonClass } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { ProblemNote } from "@/components/ui/problem-note";
import { useIssueFilter } from "@/hooks/use-issue-filter";
import { type IssueFilter, useIssues } from "@/hooks/use-issues";
import { useNow } from "@/hooks/use-now";
import { mayRespond } from "@/hooks/use-session";
import type { Me } from "@/lib/api-types";
import { IssueRow } from "./issue-row";
import { TeamSpending } from "./team-spending";

export function IssueList() {
  return <AppShell>{(me) => <Issues me={me} />}</AppShell>;
}

function Issues({ me }: { me: Me }) {
  const { filter, settled, setFilter } = useIssueFilter();
  const list = useIssues(settled, true);
  const now = useNow(30_000);
  const isFiltered = settled.q !== "" || settled.status !== "";
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 pt-5 pb-16">
      <div className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-3">
        <h1 className="text-xl font-semibold tracking-tight">Issues</h1>
        <ConnectionNote connection={list.connection} />
        <FilterBar filter={filter} onChange={setFilter} />
      </div>
      <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      {list.issues.length > 0 && (
        <ul aria-label="Issues" className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {list.issues.map((issue) => (
            <IssueRow key={issue.key} issue={issue} now={now} />
          ))}
        </ul>
      )}
      {list.isPending && <ListSkeleton />}
      {list.isSuccess && list.issues.length === 0 && <EmptyList isFiltered={isFiltered} mayReport={mayRespond(me)} />}
      {list.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button onClick={() => void list.fetchNextPage()} isBusy={list.isFetchingNextPage}>
            Load more
          </Button>
        </div>
      )}
      <TeamSpending me={me} />
    </main>
  );
}

const STATUSES: { value: IssueFilter["status"]; label: string }[] = [
  { value: "", label: "All" },
  { value: "open", label: "Open" },
  { value: "closed", label: "Closed" },
];

function FilterBar({ filter, onChange }: { filter: IssueFilter; onChange: (filter: IssueFilter) => void }) {
  return (
    <search className="flex w-full flex-wrap gap-2 sm:ml-auto sm:w-auto">
      <fieldset className="flex rounded-md border border-line-strong/60 bg-surface p-0.5">
        <legend className="sr-only">Status</legend>
        {STATUSES.map(({ value, label }) => (
          <label
            key={label}
            className="flex min-h-7 cursor-pointer items-center rounded px-2.5 text-[0.8125rem] text-muted has-checked:bg-raised has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:min-h-10"
          >
            <input
              type="radio"
              name="status"
              className="sr-only"
              checked={filter.status === value}
              onChange={() => onChange({ ...filter, status: value })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label className="relative min-w-40 flex-1 sm:w-72 sm:flex-none">
        <span className="sr-only">Search issues</span>
        <Search className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint" aria-hidden />
        <input
          id="search"
          type="search"
          placeholder="Search title and report"
          value={filter.q}
          onChange={(event) => onChange({ ...filter, q: event.target.value })}
          className={`${inputClass} pl-8`}
        />
      </label>
    </search>
  );
}

function ListSkeleton() {
  return (
    <div aria-busy="true" className="divide-y divide-line rounded-lg border border-line bg-surface">
      <p className="sr-only">Loading issues…</p>
      {[68, 44, 57].map((width) => (
        <div key={width} className="px-4 py-4" aria-hidden>
          <div className="h-4 rounded bg-raised" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}

function EmptyList({ isFiltered, mayReport }: { isFiltered: boolean; mayReport: boolean }) {
  return (
    <div className="rounded-lg border border-dashed border-line-strong/60 px-6 py-14 text-center">
      <h2 className="font-semibold">{isFiltered ? "No issue matches" : "No issue yet"}</h2>
      <p className="mx-auto mt-1 max-w-md text-muted">
        {isFiltered
          ? "Change the search or the status."
          : "Paste what you would write into the incident channel, with the traceback. SAHUR looks for the file, the function and the commit."}
      </p>
      {!isFiltered && mayReport && (
        <Link href="/issues/new/" className={buttonClass("primary", "mt-4")}>
          Report a problem
        </Link>
      )}
    </div>
  );
}
