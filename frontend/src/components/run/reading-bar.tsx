"use client";
import { ChevronDown, List, ScrollText } from "lucide-react";
import { useId, useRef, useState } from "react";
import { useCommands } from "@/hooks/use-commands";
import type { View } from "@/hooks/use-reading";
import { RUN_STATUS_NAMES, STAGE_NAMES } from "@/lib/format";
import { isEnded, type RunState, STAGES } from "@/lib/run-state";
import { StageStrip } from "./stage-strip";

interface Props {
  run: RunState;
  view: View;
  onView: (view: View) => void;
}

/** Stays in view while one reads: how far the run is, and whether its story or its events are shown. */
export function ReadingBar({ run, view, onView }: Props) {
  const [isOpen, setOpen] = useState(false);
  const planId = useId();
  const bar = useRef<HTMLDivElement>(null);
  const switchByKey = () => {
    onView(view === "story" ? "trace" : "story");
    // A key is pressed anywhere on the page: what it has changed must be seen.
    const top = bar.current?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > window.innerHeight / 2) bar.current?.scrollIntoView({ block: "start" });
  };
  useCommands({ "run.view": switchByKey });
  return (
    <div
      ref={bar}
      className="scroll-mt-12 sticky top-12 z-20 -mx-4 border-b border-line bg-paper/95 px-4 backdrop-blur-sm pointer-coarse:top-14 lg:mx-0 lg:px-1"
    >
      <div className="flex items-center gap-2 py-1">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={planId}
          onClick={() => setOpen(!isOpen)}
          className="flex min-h-8 min-w-0 flex-1 items-center gap-1.5 rounded-md px-1 text-left text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11"
        >
          <ChevronDown
            className={`size-3.5 shrink-0 text-faint transition-transform ${isOpen ? "" : "-rotate-90"}`}
            aria-hidden
          />
          <span className="min-w-0 truncate">
            <PlanLine run={run} />
          </span>
        </button>
        <ViewSwitch view={view} onView={onView} />
      </div>
      <div id={planId} hidden={!isOpen} className="pt-1 pb-3">
        <StageStrip run={run} />
      </div>
    </div>
  );
}

function PlanLine({ run }: { run: RunState }) {
  const latest = run.timeline.findLast((item) => item.type === "step");
  const step = latest && run.steps[latest.id];
  if (isEnded(run.status) || !step) {
    const steps = Object.keys(run.steps).length;
    return (
      <>
        <span className="font-medium">{run.canceled?.joined ? "Joined" : RUN_STATUS_NAMES[run.status]}</span>
        {steps > 0 && <span className="text-muted">{` · ${steps} ${steps === 1 ? "step" : "steps"}`}</span>}
      </>
    );
  }
  return (
    <>
      <span className="font-medium">
        Stage {STAGES.indexOf(run.currentStage) + 1} of {STAGES.length}
      </span>
      <span className="text-muted">
        {" · "}
        {run.status === "running"
          ? `step ${step.position} · ${step.title}`
          : `${STAGE_NAMES[run.currentStage]} · ${RUN_STATUS_NAMES[run.status].toLowerCase()}`}
      </span>
    </>
  );
}

const VIEWS: { id: View; name: string; Icon: typeof List }[] = [
  { id: "story", name: "Story", Icon: ScrollText },
  { id: "trace", name: "Trace", Icon: List },
];

function ViewSwitch({ view, onView }: { view: View; onView: (view: View) => void }) {
  return (
    <fieldset className="flex shrink-0 rounded-md border border-line-strong/60 bg-surface p-0.5">
      <legend className="sr-only">View</legend>
      {VIEWS.map(({ id, name, Icon }) => (
        <button
          key={id}
          type="button"
          aria-pressed={view === id}
          onClick={() => onView(id)}
          className="flex min-h-7 items-center gap-1 rounded px-2 text-xs text-muted hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent pointer-coarse:min-h-10"
        >
          <Icon className="size-3.5" aria-hidden />
          {name}
        </button>
      ))}
    </fieldset>
  );
}
