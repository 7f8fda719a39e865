"use client";
import { ArrowDown, Square } from "lucide-react";
import { lazy, type ReactNode, type RefObject, Suspense, useEffect, useRef } from "react";
import { Composer } from "@/components/take-part/composer";
import { QueuedMessages } from "@/components/take-part/queued-messages";
import { TellMeButton } from "@/components/take-part/tell-me";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { useCommands } from "@/hooks/use-commands";
import type { Follow } from "@/hooks/use-follow";
import { useRunNews } from "@/hooks/use-run-news";
import type { LiveRun } from "@/hooks/use-run-stream";
import type { Stop } from "@/hooks/use-stop";
import type { Issue, RunSummary } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { isEnded } from "@/lib/run-state";
import { ConnectionBanner } from "./connection-note";

// Most runs ask nothing.
const InputDock = lazy(() => import("@/components/take-part/input-dock").then((module) => ({ default: module.InputDock })));
const FollowUp = lazy(() => import("@/components/take-part/follow-up"));

interface Props {
  issue: Issue;
  run: RunSummary;
  live: LiveRun;
  role: Role | null;
  follow: Follow;
  stop: Stop;
}

/** What a person can do right now: always in view while the run goes on, at the end of the page once it is over. */
export function RunFooter(props: Props) {
  const { issue, run, live, role } = props;
  const mayAct = role !== null && role !== "viewer";
  const tell = useRunNews(issue.key, issue.title, live.state, live.isReplayed);
  if (!live.isReplayed) return <div className="h-6" />;
  if (isEnded(live.state.status)) {
    if (!mayAct || issue.status !== "open") return <div className="h-6" />;
    return (
      <div className="pb-6 lg:max-w-[calc(100%-21.25rem)]">
        <Suspense fallback={<div className="h-48" />}>
          <FollowUp key={run.id} issue={issue} run={run} />
        </Suspense>
      </div>
    );
  }
  return (
    <Docked {...props}>
      <TellMeButton tell={tell} />
    </Docked>
  );
}

function Docked({ run, live, role, follow, stop, children }: Props & { children: ReactNode }) {
  const mayAct = role !== null && role !== "viewer";
  const { state, connection } = live;
  const inputs = Object.values(state.inputs);
  const box = useRef<HTMLDivElement>(null);
  const isStoppable = mayAct && !stop.isStopping;
  useCommands({
    "run.message": mayAct && (() => box.current?.querySelector<HTMLElement>("form textarea")?.focus()),
    "run.stop": isStoppable && stop.stop,
  });
  useBottomBar(box);
  return (
    <div
      ref={(element) => {
        box.current = element;
        follow.footer.current = element;
      }}
      className="sticky bottom-0 mt-auto z-20 -mx-4 border-t border-line bg-paper/95 px-4 pt-2 pb-[max(0.625rem,env(safe-area-inset-bottom))] backdrop-blur-sm print:hidden"
    >
      {follow.isBehind && (
        <Button onClick={follow.toLatest} className="absolute -top-11 left-1/2 -translate-x-1/2 rounded-full shadow-md">
          <ArrowDown className="size-3.5" aria-hidden />
          Latest
        </Button>
      )}
      <div className="space-y-2">
        <ConnectionBanner connection={connection} lastEventAt={state.lastEventAt} />
        {inputs.length > 0 && (
          <Suspense>
            <InputDock inputs={inputs} role={role} />
          </Suspense>
        )}
        <QueuedMessages runId={run.id} run={state} mayAct={mayAct} />
        <ProblemNote error={stop.error} />
        {mayAct && (
          <Composer runId={run.id} onSend={live.send}>
            <StopButton stop={stop} />
          </Composer>
        )}
        <div className="-my-1 flex">{children}</div>
      </div>
    </div>
  );
}

/** Notices at the bottom of the window stand above the footer. */
function useBottomBar(box: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const root = document.documentElement.style;
    const observer = new ResizeObserver(() => root.setProperty("--bottom-bar", `${element.offsetHeight}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      root.removeProperty("--bottom-bar");
    };
  }, [box]);
}

/** What was found until then is kept; the button only tells what the run's events say. */
function StopButton({ stop }: { stop: Stop }) {
  return (
    <Button
      variant="danger"
      onClick={stop.stop}
      isBusy={stop.isStopping}
      title="What was found is kept, and the run can be resumed"
      className="min-h-9"
    >
      {!stop.isStopping && <Square className="size-3 fill-current" aria-hidden />}
      {stop.isStopping ? "Stopping…" : "Stop"}
    </Button>
  );
}
