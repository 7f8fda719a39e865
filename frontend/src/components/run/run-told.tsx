"use client";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { useCommands } from "@/hooks/use-commands";
import { type Follow, useFollow } from "@/hooks/use-follow";
import { useReading } from "@/hooks/use-reading";
import type { LiveRun } from "@/hooks/use-run-stream";
import { showTarget } from "@/hooks/use-target";
import { eventAt, type Place, placeOf, type Target } from "@/lib/places";
import { isEnded } from "@/lib/run-state";
import { ReadingBar } from "./reading-bar";
import { Timeline } from "./timeline";
import { OutgoingRow } from "./timeline-rows";

const TraceView = lazy(() => import("./trace-view"));

interface Props {
  issueKey: string;
  live: LiveRun;
  known: ReadonlySet<number>;
  target: Target | null;
  follow: Follow;
  onReceipt: (id: string) => void;
}

/** How it was found: as a story, or as the events that it is made of. */
export function RunTold({ issueKey, live, known, target, follow, onReceipt }: Props) {
  const { state, batches, isReplayed } = live;
  const reading = useReading();
  const seq = target?.type === "event" ? target.seq : null;
  const place = usePlace(batches, seq, isReplayed);
  // What the story does not tell is shown among the events.
  const isTrace = reading.view === "trace" || (place === null && seq !== null && isReplayed);
  return (
    <section aria-label="Timeline" data-seq={state.lastSeq} className="space-y-3 pb-4">
      <h2 className="sr-only">Timeline</h2>
      <ReadingBar run={state} view={isTrace ? "trace" : "story"} onView={reading.setView} />
      {isTrace ? (
        <Suspense fallback={<p className="min-h-96 text-muted">Loading…</p>}>
          <TraceView batches={batches} kind={reading.kind} onKind={reading.setKind} seq={seq} isReplayed={isReplayed} />
        </Suspense>
      ) : (
        <Timeline
          issueKey={issueKey}
          run={state}
          known={known}
          isLive={!isEnded(state.status)}
          isReplayed={isReplayed}
          place={place}
          onReceipt={onReceipt}
        />
      )}
      {live.outgoing.map((message) => (
        <OutgoingRow key={message.clientId} message={message} onRetry={live.retry} onDiscard={live.discard} />
      ))}
      <div ref={follow.end} />
    </section>
  );
}

/** Where the story tells of the event in the address; looked up once the history is read. */
function usePlace(batches: LiveRun["batches"], seq: number | null, isReplayed: boolean): Place | null {
  // biome-ignore lint/correctness/useExhaustiveDependencies: events that come later do not move it
  const place = useMemo(() => {
    const event = seq === null || !isReplayed ? undefined : eventAt(batches, seq);
    return event ? placeOf(event) : null;
  }, [seq, isReplayed]);
  useEffect(() => {
    if (place?.type === "element") document.getElementById(place.elementId)?.scrollIntoView({ block: "start" });
  }, [place]);
  return place;
}

/** Follows what comes in, except while the address names an event; going to the latest lets go of that. */
export function useRunFollow({ state, isReplayed }: LiveRun, target: Target | null): Follow {
  const follow = useFollow(state.lastSeq, isReplayed && !isEnded(state.status), target?.type === "event");
  const toLatest = () => {
    showTarget("");
    follow.toLatest();
  };
  useCommands({ "run.latest": follow.isBehind && toLatest });
  return { ...follow, toLatest };
}
