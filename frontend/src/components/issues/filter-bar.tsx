"use client";
import { Search, SlidersHorizontal } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { inputClass } from "@/components/ui/field";
import { useRepositories } from "@/hooks/use-new-issue";
import type { Me } from "@/lib/api-types";
import { RUN_STATUS_NAMES, VERDICT_NAMES } from "@/lib/format";
import { type IssueFilter, isFiltered, NO_FILTER, RUN_STATUSES, VERDICTS } from "@/lib/issue-filter";

interface Props {
  me: Me;
  filter: IssueFilter;
  /** Names that one can choose, of the issues that are shown. */
  reporters: readonly string[];
  onChange: (filter: IssueFilter) => void;
}

const STATUSES: { value: IssueFilter["status"]; label: string }[] = [
  { value: "", label: "All" },
  { value: "open", label: "Open" },
  { value: "closed", label: "Closed" },
];

/** Search and status at once; the other filters beside them, on phones behind a button. */
export function FilterBar({ me, filter, reporters, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const change = (part: Partial<IssueFilter>) => onChange({ ...filter, ...part });
  const chosen = [filter.verdict || filter.run_status, filter.team, filter.repository, filter.reporter];
  const count = chosen.filter(Boolean).length;
  return (
    <search className="flex flex-wrap items-center gap-2">
      <label className="relative min-w-44 flex-[1_1_12rem] lg:max-w-72">
        <span className="sr-only">Search issues</span>
        <Search className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint" aria-hidden />
        <input
          id="search"
          type="search"
          placeholder="Search title and report"
          maxLength={200}
          value={filter.q}
          onChange={(event) => change({ q: event.target.value })}
          className={`${inputClass} pl-8`}
        />
      </label>
      <StatusChoice status={filter.status} onChange={(status) => change({ status })} />
      <label className="flex min-h-8 cursor-pointer items-center gap-1.5 px-1 text-[0.8125rem] pointer-coarse:min-h-11">
        <input
          type="checkbox"
          checked={filter.unread}
          onChange={(event) => change({ unread: event.target.checked })}
          className="accent-accent"
        />
        Unread
      </label>
      <Button
        className="lg:hidden"
        aria-expanded={isOpen}
        aria-controls="more-filters"
        aria-label={count ? `Filters, ${count} set` : "Filters"}
        onClick={() => setOpen(!isOpen)}
      >
        <SlidersHorizontal className="size-4" aria-hidden />
        {count > 0 && count}
      </Button>
      <div
        id="more-filters"
        className={`${isOpen ? "grid" : "hidden"} w-full grid-cols-2 items-center gap-2 sm:grid-cols-4 lg:flex lg:w-auto`}
      >
        <MoreFilters me={me} filter={filter} reporters={reporters} change={change} />
        {isFiltered(filter) && (
          <Button variant="quiet" onClick={() => onChange(NO_FILTER)}>
            Reset filters
          </Button>
        )}
      </div>
    </search>
  );
}

function StatusChoice({
  status,
  onChange,
}: {
  status: IssueFilter["status"];
  onChange: (status: IssueFilter["status"]) => void;
}) {
  return (
    <fieldset className="flex rounded-md border border-line-strong/60 bg-surface p-0.5">
      <legend className="sr-only">Status</legend>
      {STATUSES.map(({ value, label }) => (
        <label
          key={label}
          className="flex min-h-7 cursor-pointer items-center rounded px-2.5 text-[0.8125rem] text-muted has-checked:bg-raised has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:min-h-10"
        >
          <input type="radio" name="status" className="sr-only" checked={status === value} onChange={() => onChange(value)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

interface MoreProps extends Omit<Props, "onChange"> {
  change: (part: Partial<IssueFilter>) => void;
}

function MoreFilters({ me, filter, reporters, change }: MoreProps) {
  const repositories = useRepositories();
  const names = (repositories.data ?? []).filter(({ team }) => !filter.team || team === filter.team).map(({ name }) => name);
  return (
    <>
      <Choice label="Result" value={filter.verdict || filter.run_status} onChange={(value) => change(resultOf(value))}>
        <option value="">Any result</option>
        <optgroup label="Answered">
          {VERDICTS.map((verdict) => (
            <option key={verdict} value={verdict}>
              {VERDICT_NAMES[verdict]}
            </option>
          ))}
        </optgroup>
        <optgroup label="Latest run">
          {RUN_STATUSES.map((status) => (
            <option key={status} value={status}>
              {RUN_STATUS_NAMES[status]}
            </option>
          ))}
        </optgroup>
      </Choice>
      {me.teams.length > 1 && (
        <Choice label="Team" value={filter.team} onChange={(team) => change({ team })}>
          <option value="">All teams</option>
          {me.teams.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </Choice>
      )}
      <Choice label="Repository" value={filter.repository} onChange={(repository) => change({ repository })}>
        <option value="">Any repository</option>
        {withChosen(names, filter.repository)}
      </Choice>
      <Choice label="Reporter" value={filter.reporter} onChange={(reporter) => change({ reporter })}>
        <option value="">Any reporter</option>
        <option value="me">Reported by me</option>
        {withChosen(
          reporters.filter((name) => name !== me.user?.name),
          filter.reporter === "me" ? "" : filter.reporter,
        )}
      </Choice>
    </>
  );
}

/** One list offers both: an answer has a verdict, anything else is a state of the run. */
function resultOf(value: string): Pick<IssueFilter, "verdict" | "run_status"> {
  const verdict = VERDICTS.find((each) => each === value) ?? "";
  return { verdict, run_status: verdict ? "" : (RUN_STATUSES.find((each) => each === value) ?? "") };
}

/** What is chosen is always among the options, though no issue that is shown has it. */
function withChosen(names: readonly string[], chosen: string): ReactNode {
  const all = [...new Set(chosen ? [...names, chosen] : names)].sort((a, b) => a.localeCompare(b));
  return all.map((name) => (
    <option key={name} value={name}>
      {name}
    </option>
  ));
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  return (
    <label>
      <span className="sr-only">{label}</span>
      <select
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={`min-h-8 w-full rounded-md lg:max-w-32 border px-1.5 text-[0.8125rem] pointer-coarse:min-h-11 ${value ? "border-accent bg-accent-soft font-medium text-accent" : "border-line-strong/60 bg-surface"}`}
      >
        {children}
      </select>
    </label>
  );
}
