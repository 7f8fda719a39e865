"use client";
import { RunStatusBadge } from "@/components/ui/badges";
import { useNow } from "@/hooks/use-now";
import type { LiveRun } from "@/hooks/use-run-stream";
import { between, clockTime, duration } from "@/lib/format";
import { isEnded } from "@/lib/run-state";
import { ConnectionNote } from "./connection-note";

interface Props {
  live: LiveRun;
  isStopping: boolean;
  queuePosition: number | null;
}

/** No worker took the run for this long: then the reader is told that it is not stuck, but waits. */
const SLOW_START_MS = 10_000;
/** No event for this long: something may be wrong, and the reader should know since when. */
const SILENCE_MS = 30_000;

/** State and time of the run, and whether what is shown is current. The verdict is said once, with the solution. */
export function RunStatusLine({ live, isStopping, queuePosition }: Props) {
  const { state, connection, isReplayed } = live;
  const hasEnded = isEnded(state.status);
  const now = useNow(hasEnded ? null : 1000);
  if (!isReplayed && state.lastSeq === 0) return <ConnectionNote connection={connection} />;
  const elapsed = between(state.startedAt ?? state.queuedAt, hasEnded ? state.endedAt : now);
  return (
    <>
      <span data-testid="run-status" data-status={state.status}>
        <RunStatusBadge status={state.status} isStopping={isStopping} hasJoined={Boolean(state.canceled?.joined)} />
      </span>
      {elapsed !== null && (
        <span className="text-xs text-muted">{duration(hasEnded ? elapsed : Math.floor(elapsed / 1000) * 1000 || 1000)}</span>
      )}
      <WaitNote live={live} now={now} queuePosition={queuePosition} />
      {!hasEnded && connection === "live" && <ConnectionNote connection={connection} />}
    </>
  );
}

function WaitNote({ live, now, queuePosition }: { live: LiveRun; now: number; queuePosition: number | null }) {
  const { state } = live;
  const silence = between(state.lastEventAt, now) ?? 0;
  if (state.status === "queued" && silence > SLOW_START_MS) {
    const place = queuePosition ? `, number ${queuePosition} in the queue` : "";
    return <span className="text-xs text-warn">Waits for a worker{place}</span>;
  }
  if (state.status === "running" && state.lastEventAt && silence > SILENCE_MS) {
    return <span className="text-xs text-warn">No news since {clockTime(state.lastEventAt)}</span>;
  }
  return null;
}
