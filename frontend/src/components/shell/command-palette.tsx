"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { KeyCaps } from "@/components/ui/key-caps";
import { ProblemNote } from "@/components/ui/problem-note";
import { readyCommands } from "@/hooks/use-commands";
import { issueAddress } from "@/lib/addresses";
import { api } from "@/lib/api";
import type { Me } from "@/lib/api-types";
import { keyIn, ranked } from "@/lib/palette";
import { isOffered, SETTINGS_PAGES, settingsAddress } from "@/lib/settings-pages";

interface Entry {
  id: string;
  title: string;
  /** What stands before the title, as an issue's key. */
  mark?: string;
  keys?: string;
  run: () => void;
}

interface Section {
  heading: string;
  entries: Entry[];
}

/** Finds commands, pages and issues by what is typed; the arrows choose, Enter does it. */
export function CommandPalette({ me, onClose }: { me: Me; onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const base = useId();
  const found = useFound(query);
  const sections = [...useIssueSections(query, me, found.issues), ...useCommandSections(query, me)];
  const entries = sections.flatMap((section) => section.entries);
  const at = Math.min(chosen, entries.length - 1);
  useEffect(() => {
    document.getElementById(`${base}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [base, at]);
  const run = (entry: Entry | undefined, from: Element) => {
    if (!entry) return;
    // First closed: nothing outside an open modal can take the focus.
    from.closest("dialog")?.close();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") run(entries[at], event.currentTarget);
    if (step) setChosen((at + step + entries.length) % Math.max(1, entries.length));
    if (step || event.key === "Enter") event.preventDefault();
  };
  return (
    <Dialog title="Find a command or an issue" placement="top" isTitleHidden onClose={onClose}>
      <input
        data-first-focus
        type="text"
        role="combobox"
        aria-label="Command, page, or issue"
        aria-expanded={entries.length > 0}
        aria-controls={`${base}-list`}
        aria-activedescendant={entries.length > 0 ? `${base}-${at}` : undefined}
        aria-autocomplete="list"
        placeholder="Command, page, issue key, or words of an issue"
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        className="sticky top-0 w-full border-b border-line bg-surface px-4 py-3 text-base outline-none placeholder:text-faint sm:text-sm"
      />
      <Results base={base} sections={sections} at={at} onPoint={setChosen} onRun={run} />
      <div className="px-2 pb-2 empty:hidden">
        <ProblemNote error={found.error} />
      </div>
      <p role="status" className="px-4 pb-3 text-muted empty:hidden">
        {entries.length === 0 && (found.isSearching ? "Searching…" : "Nothing found.")}
      </p>
    </Dialog>
  );
}

interface ResultsProps {
  base: string;
  sections: readonly Section[];
  at: number;
  onPoint: (index: number) => void;
  onRun: (entry: Entry, from: Element) => void;
}

function Results({ base, sections, at, onPoint, onRun }: ResultsProps) {
  let index = -1;
  return (
    <div id={`${base}-list`} role="listbox" aria-label="Found" className="p-1.5 empty:hidden">
      {sections.map(({ heading, entries }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms, this is a part of a list
        <div key={heading} role="group" aria-label={heading}>
          <p aria-hidden className="px-2.5 pt-2 pb-1 text-xs text-muted">
            {heading}
          </p>
          {entries.map((entry) => {
            index += 1;
            const own = index;
            return (
              <Option
                key={entry.id}
                id={`${base}-${own}`}
                entry={entry}
                isChosen={own === at}
                onPoint={() => onPoint(own)}
                onRun={onRun}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

interface OptionProps {
  id: string;
  entry: Entry;
  isChosen: boolean;
  onPoint: () => void;
  onRun: (entry: Entry, from: Element) => void;
}

function Option({ id, entry, isChosen, onPoint, onRun }: OptionProps): ReactNode {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which names this one as its active descendant
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onPointerMove={isChosen ? undefined : onPoint}
      onClick={(event) => onRun(entry, event.currentTarget)}
      className="flex min-h-9 cursor-pointer items-center gap-2 rounded-md px-2.5 py-1 aria-selected:bg-accent-soft pointer-coarse:min-h-11"
    >
      {entry.mark && <span className="shrink-0 font-mono text-xs text-muted">{entry.mark}</span>}
      <span className="min-w-0 flex-1 truncate">{entry.title}</span>
      {entry.keys && <KeyCaps keys={entry.keys} />}
    </div>
  );
}

const SETTLE_MS = 200;
const SHOWN = 6;

/** Issues with the words of the query, asked for when the typing pauses. */
function useFound(query: string) {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(query.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [query]);
  const isWanted = settled.length > 1;
  const search = useQuery({
    queryKey: ["palette", settled],
    queryFn: ({ signal }) => api.issues({ q: settled }, signal),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
  const isTyped = query.trim().length > 1;
  return {
    issues: isTyped && isWanted ? (search.data?.results.slice(0, SHOWN) ?? []) : [],
    error: isTyped ? search.error : null,
    isSearching: isTyped && (search.isFetching || settled !== query.trim()),
  };
}

function useIssueSections(query: string, me: Me, found: readonly { key: string; title: string }[]): Section[] {
  const router = useRouter();
  const named = keyIn(
    query,
    me.teams.map((team) => team.key),
  );
  const open = (key: string) => () => router.push(issueAddress(key));
  const entries = found.map(({ key, title }) => ({ id: key, mark: key, title, run: open(key) }));
  const direct =
    named && !found.some(({ key }) => key === named) ? [{ id: named, title: `Open issue ${named}`, run: open(named) }] : [];
  const all = [...direct, ...entries];
  return all.length > 0 ? [{ heading: "Issues", entries: all }] : [];
}

function useCommandSections(query: string, me: Me): Section[] {
  const router = useRouter();
  // As they were when the palette opened: it covers the components that offer them.
  const [ready] = useState(() => readyCommands().filter((command) => command.id !== "palette"));
  const commands = ready.map(({ id, title, keys, run }) => ({ id, title, keys: keys[0], run }));
  const pages = SETTINGS_PAGES.filter((page) => isOffered(page, me)).map((page) => ({
    id: page.slug,
    title: `Settings: ${page.name}`,
    run: () => router.push(settingsAddress(page, "")),
  }));
  const sections = [
    { heading: "Commands", entries: ranked<Entry>(commands, query) },
    // Without a query these would only push the commands out of view.
    { heading: "Pages", entries: query.trim() ? ranked<Entry>(pages, query) : [] },
  ];
  return sections.filter((section) => section.entries.length > 0);
}
