"use client";
import { ArrowUp } from "lucide-react";
import Link from "next/link";
import { lazy, Suspense, useRef, useState } from "react";
import { ConnectionNote } from "@/components/run/connection-note";
import { AppShell } from "@/components/shell/app-shell";
import { Boundary } from "@/components/shell/boundary";
import { Button, buttonClass } from "@/components/ui/button";
import { LoadMore } from "@/components/ui/load-more";
import { SkeletonRows } from "@/components/ui/skeleton";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { useCalm } from "@/hooks/use-calm";
import { useIssueFilter } from "@/hooks/use-issue-filter";
import { useIssues } from "@/hooks/use-issues";
import { useListKeys } from "@/hooks/use-list-keys";
import { useMarkSeen } from "@/hooks/use-seen";
import { mayRespond } from "@/hooks/use-session";
import type { ListedIssue, Me } from "@/lib/api-types";
import { isFiltered, NO_FILTER, queryOf } from "@/lib/issue-filter";
import { isUnread } from "@/lib/issue-pages";
import { FilterBar } from "./filter-bar";
import { COLUMNS, IssueRow, SelectBox } from "./issue-row";

const ViewBar = lazy(() => import("./view-bar").then((module) => ({ default: module.ViewBar })));
const SelectionBar = lazy(() => import("./selection-bar").then((module) => ({ default: module.SelectionBar })));

export function IssueList() {
  return <AppShell>{(me) => (me.teams.length > 0 ? <Issues me={me} /> : <NoTeam />)}</AppShell>;
}

function Issues({ me }: { me: Me }) {
  const { filter, settled, setFilter } = useIssueFilter();
  const list = useIssues(settled, me.user?.name ?? "");
  const rows = useRef<HTMLUListElement>(null);
  // Rows that no longer belong wait as long as new ones do: neither may move what somebody is about to click.
  useCalm(rows, list.arrived > 0 || (list.left > 0 && !settled.unread), list.settle);
  const showNew = () => {
    scrollTo({ top: 0 });
    list.settle();
  };
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 pt-5 pb-16">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1">
        <h1 className="text-xl font-semibold tracking-tight">Issues</h1>
        <ConnectionNote connection={list.connection} />
      </div>
      <div className="mb-3 space-y-2">
        {/* As high as the bar: nothing below it moves when it comes. */}
        <Suspense fallback={<div className="min-h-8 py-0.5 pointer-coarse:min-h-11" />}>
          <ViewBar filter={settled} onChange={setFilter} />
        </Suspense>
        <FilterBar me={me} filter={filter} reporters={list.issues.map(({ reporter }) => reporter)} onChange={setFilter} />
      </div>
      <NewsButton count={list.arrived} onShow={showNew} />
      <Boundary what="The list" resetKey={queryOf(settled)}>
        {list.issues.length > 0 ? (
          <Rows key={queryOf(settled)} me={me} issues={list.issues} list={rows} isOld={list.isPlaceholderData} />
        ) : (
          <NoRows me={me} list={list} isFiltered={isFiltered(settled)} onReset={() => setFilter(NO_FILTER)} />
        )}
      </Boundary>
      <LoadMore
        hasMore={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
        error={list.isFetchNextPageError ? list.error : undefined}
        isAutomatic={!list.isTired}
      />
    </main>
  );
}

interface RowsProps {
  me: Me;
  issues: readonly ListedIssue[];
  list: React.RefObject<HTMLUListElement | null>;
  /** Of the filter before, while the new one is on its way. */
  isOld: boolean;
}

function Rows({ me, issues, list, isOld }: RowsProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const mark = useMarkSeen(true);
  const [wasUsed, setUsed] = useState(false);
  if (selected.size > 0 && !wasUsed) setUsed(true);
  const toggle = (key: string) => setSelected((before) => withToggled(before, key));
  const deselect = (keys: readonly string[]) =>
    setSelected((before) => new Set([...before].filter((key) => !keys.includes(key))));
  const chosen = issues.filter(({ key }) => selected.has(key));
  const toggleSeen = (key: string) => {
    const issue = issues.find((each) => each.key === key);
    if (issue) mark.mutate({ keys: [key], isSeen: isUnread(issue) });
  };
  useListKeys(list, {
    onSelect: toggle,
    onSeen: toggleSeen,
    onClear: chosen.length > 0 ? () => deselect([...selected]) : undefined,
  });
  const areAll = chosen.length === issues.length;
  return (
    <>
      <div
        className={`rounded-lg border border-line bg-surface transition-opacity ${isOld ? "opacity-60" : ""}`}
        aria-busy={isOld || undefined}
      >
        <div className={`${COLUMNS} min-h-9 border-b border-line px-2 text-xs text-muted`}>
          <SelectBox
            label="Select all that are shown"
            isChecked={areAll}
            isMixed={chosen.length > 0 && !areAll}
            onChange={() => setSelected(areAll ? new Set() : new Set(issues.map(({ key }) => key)))}
          />
          <span aria-hidden className="lg:hidden">
            Select all
          </span>
          <Headings />
        </div>
        <ul ref={list} aria-label="Issues" className="divide-y divide-line">
          {issues.map((issue) => (
            <IssueRow key={issue.key} issue={issue} isSelected={selected.has(issue.key)} onSelect={toggle} />
          ))}
        </ul>
      </div>
      {/* Once it was there it stays: its dialog tells how the last ones were closed. */}
      <Suspense>
        {wasUsed && (
          <SelectionBar
            keys={chosen.map(({ key }) => key)}
            hasUnread={chosen.some(isUnread)}
            mayClose={chosen.some(({ team }) => mayRespond(me, team))}
            onDeselect={deselect}
          />
        )}
      </Suspense>
    </>
  );
}

function withToggled(before: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(key)) after.add(key);
  return after;
}

/** For the eye only: each value says by itself what it is. */
function Headings() {
  return (
    <div aria-hidden className="hidden lg:contents">
      <span>Key</span>
      <span>Issue</span>
      <span>Result</span>
      <span>Repository</span>
      <span>Reporter</span>
      <span className="text-right" title="Of the latest run">
        Cost
      </span>
      <span className="pr-2 text-right">Age</span>
    </div>
  );
}

/** News while one reads further down, or has the pointer in the list. It keeps its place, so that nothing moves. */
function NewsButton({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <div role="status" className="pointer-events-none sticky top-16 z-20 -mb-8 flex h-8 justify-center">
      {count > 0 && (
        <Button variant="primary" className="pointer-events-auto rounded-full shadow-lg" onClick={onShow}>
          <ArrowUp className="size-3.5" aria-hidden />
          {count === 1 ? "1 new issue" : `${count} new issues`}
        </Button>
      )}
    </div>
  );
}

interface NoRowsProps {
  me: Me;
  list: ReturnType<typeof useIssues>;
  isFiltered: boolean;
  onReset: () => void;
}

function NoRows({ me, list, isFiltered: isNarrowed, onReset }: NoRowsProps) {
  if (list.isPending) return <SkeletonRows label="Loading issues" rows={12} rowClass="h-18 lg:h-11" />;
  if (list.isError) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.hasNextPage) {
    return (
      <p role="status" className="py-10 text-center text-muted">
        {list.isTired ? "None among the newer issues." : "None among the newest. Looking further back…"}
      </p>
    );
  }
  if (isNarrowed) {
    return (
      <EmptyState title="No issue matches" action={<Button onClick={onReset}>Reset filters</Button>}>
        No issue of your teams fits the search and the filters. Take one away, or reset them all.
      </EmptyState>
    );
  }
  const report = (
    <Link href="/issues/new/" prefetch={false} className={buttonClass("primary")}>
      Report a problem
    </Link>
  );
  return (
    <EmptyState title="No issue yet" action={mayRespond(me) && report}>
      Paste what you would write into the incident channel, with the traceback. SAHUR looks for the file, the function and the
      commit.
    </EmptyState>
  );
}

function NoTeam() {
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 pt-5 pb-16">
      <h1 className="mb-3 text-xl font-semibold tracking-tight">Issues</h1>
      <EmptyState title="You are in no team yet">Issues belong to teams. Ask an admin to add you to one.</EmptyState>
    </main>
  );
}
