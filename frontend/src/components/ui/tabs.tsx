"use client";
import { type KeyboardEvent, type ReactNode, useId } from "react";

export interface Tab<Id extends string> {
  id: Id;
  label: ReactNode;
}

interface Props<Id extends string> {
  /** What is chosen between. */
  label: string;
  tabs: readonly Tab<Id>[];
  selected: Id;
  onSelect: (id: Id) => void;
  /** What belongs to the selected tab. */
  children: ReactNode;
  panelClass?: string;
}

/** Views of one thing, of which one is shown. Arrow keys go from tab to tab, Tab into what is shown. */
export function Tabs<Id extends string>({ label, tabs, selected, onSelect, children, panelClass = "" }: Props<Id>) {
  const base = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex((tab) => tab.id === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs.at(to % tabs.length);
    if (!next) return;
    event.preventDefault();
    onSelect(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} onKeyDown={onKeyDown} className="flex overflow-x-auto border-b border-line">
        {tabs.map(({ id, label: name }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={id === selected}
            aria-controls={`${base}-panel`}
            tabIndex={id === selected ? 0 : -1}
            onClick={() => onSelect(id)}
            className="-mb-px min-h-9 border-b-2 border-transparent px-3 text-[0.8125rem] whitespace-nowrap text-muted hover:text-ink focus-visible:-outline-offset-2 aria-selected:border-accent aria-selected:font-medium aria-selected:text-ink pointer-coarse:min-h-11"
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${selected}`} className={panelClass}>
        {children}
      </div>
    </>
  );
}
