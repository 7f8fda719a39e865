"use client";
import { Bookmark, Ellipsis } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import { ProblemNote } from "@/components/ui/problem-note";
import { useDeleteView, useViews } from "@/hooks/use-views";
import type { SavedView } from "@/lib/api-types";
import { filterOf, type IssueFilter, NO_FILTER, queryOf } from "@/lib/issue-filter";
import { notify } from "@/lib/notices";

const SaveView = lazy(() => import("./save-view").then((module) => ({ default: module.SaveView })));

interface Props {
  filter: IssueFilter;
  onChange: (filter: IssueFilter) => void;
}

/** Saved searches, one click each; the search that is shown can be kept as one more. */
export function ViewBar({ filter, onChange }: Props) {
  const views = useViews();
  const [edited, setEdited] = useState<SavedView | "new" | null>(null);
  const query = queryOf(filter);
  const current = views.data?.find((view) => view.query === query);
  const forget = useDeleteView(() => notify("The view is deleted."));
  return (
    <nav aria-label="Views" className="-mx-1 flex min-h-8 items-center gap-1 overflow-x-auto px-1 py-0.5 pointer-coarse:min-h-11">
      <ViewLink name="All issues" query="" isCurrent={query === ""} onOpen={() => onChange(NO_FILTER)} />
      {views.data?.map((view) => (
        <ViewLink
          key={view.id}
          name={view.name}
          query={view.query}
          isCurrent={view === current}
          onOpen={() => onChange(filterOf(new URLSearchParams(view.query)))}
        />
      ))}
      {current && (
        <Menu label={`View ${current.name}`} align="start" trigger={<Ellipsis className="size-4" aria-hidden />}>
          <MenuItem onSelect={() => setEdited(current)}>Rename…</MenuItem>
          <MenuItem isDanger onSelect={() => forget.mutate(current.id)}>
            Delete view
          </MenuItem>
        </Menu>
      )}
      {query && !current && (
        <Button variant="quiet" onClick={() => setEdited("new")}>
          <Bookmark className="size-3.5" aria-hidden />
          Save view
        </Button>
      )}
      <ProblemNote error={views.error ?? forget.error} onRetry={views.error ? () => void views.refetch() : undefined} />
      <Suspense>
        {edited && (
          <SaveView
            view={edited === "new" ? undefined : edited}
            views={views.data ?? []}
            query={query}
            onClose={() => setEdited(null)}
          />
        )}
      </Suspense>
    </nav>
  );
}

interface LinkProps {
  name: string;
  query: string;
  isCurrent: boolean;
  onOpen: () => void;
}

/** A link, so that it can be copied and opened in another tab; clicked, it changes the list without a new page. */
function ViewLink({ name, query, isCurrent, onOpen }: LinkProps) {
  return (
    <a
      href={query ? `/?${query}` : "/"}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onOpen();
      }}
      className={buttonClass("quiet", "max-w-60 shrink-0 truncate px-2.5 aria-[current]:bg-raised aria-[current]:text-ink")}
    >
      {name}
    </a>
  );
}
