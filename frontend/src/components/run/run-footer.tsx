"use client";
import { ArrowDown, Square } from "lucide-react";
import { Composer } from "@/components/take-part/composer";
import { InputDock } from "@/components/take-part/input-dock";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import type { Follow } from "@/hooks/use-follow";
import type { LiveRun } from "@/hooks/use-run-stream";
import type { Stop } from "@/hooks/use-stop";
import type { Role } from "@/lib/decisions";
import { isEnded, type OpenInput } from "@/lib/run-state";
import { ConnectionNote } from "./connection-note";

interface Props {
  runId: string;
  live: LiveRun;
  inputs: readonly OpenInput[];
  role: Role | null;
  follow: Follow;
  stop: Stop;
}

/** What a person can do right now, always in view while the run goes on. */
export function RunFooter({ runId, live, inputs, role, follow, stop }: Props) {
  const mayAct = role !== null && role !== "viewer";
  const isOver = isEnded(live.state.status) || !live.isReplayed;
  if (isOver || (!mayAct && inputs.length === 0)) return <div className="h-6" />;
  return (
    <div
      ref={follow.footer}
      className="sticky bottom-0 mt-auto z-20 -mx-4 border-t border-line bg-paper/95 px-4 pt-2 pb-[max(0.625rem,env(safe-area-inset-bottom))] backdrop-blur-sm"
    >
      {follow.isBehind && (
        <Button onClick={follow.toLatest} className="absolute -top-11 left-1/2 -translate-x-1/2 rounded-full shadow-md">
          <ArrowDown className="size-3.5" aria-hidden />
          Latest
        </Button>
      )}
      <div className="space-y-2">
        <InputDock inputs={inputs} role={role} />
        {live.connection !== "live" && <ConnectionNote connection={live.connection} lastEventAt={live.state.lastEventAt} />}
        <ProblemNote error={stop.error} />
        {mayAct && (
          <Composer runId={runId} onSend={live.send}>
            <StopButton stop={stop} />
          </Composer>
        )}
      </div>
    </div>
  );
}

/** What was found until then is kept; the button only tells what the run's events say. */
function StopButton({ stop }: { stop: Stop }) {
  return (
    <Button variant="danger" onClick={stop.stop} isBusy={stop.isStopping} className="min-h-9">
      {!stop.isStopping && <Square className="size-3 fill-current" aria-hidden />}
      {stop.isStopping ? "Stopping…" : "Stop"}
    </Button>
  );
}
