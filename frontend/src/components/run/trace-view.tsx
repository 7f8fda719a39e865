"use client";
import { Search } from "lucide-react";
import { memo, useDeferredValue, useEffect, useMemo, useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { inputClass } from "@/components/ui/field";
import { Output } from "@/components/ui/output";
import { inChunks } from "@/lib/chunks";
import type { Event } from "@/lib/event-types.gen";
import { clockTime, count } from "@/lib/format";
import { eventAnchor, eventAt } from "@/lib/places";
import { fieldsOf, flatEvents, kindsOf, lineOf, matching } from "@/lib/trace";
import { At } from "./at";
import { Fold } from "./fold";
import { JsonToggle, KeyValues } from "./key-values";
import { LazyChunk } from "./lazy-chunk";

interface Props {
  batches: readonly (readonly Event[])[];
  kind: string;
  onKind: (kind: string) => void;
  /** The number in the address, if there is one. */
  seq: number | null;
  /** The history is read to its end. */
  isReplayed: boolean;
}

const CHUNK = 50;
const ROW_HEIGHT = 32;

/** Every event of the run, one a line. */
export default function TraceView({ batches, kind, onKind, seq, isReplayed }: Props) {
  const [words, setWords] = useState("");
  const asked = useDeferredValue(words);
  const events = useMemo(() => flatEvents(batches), [batches]);
  const shown = useMemo(() => matching(events, kind, asked), [events, kind, asked]);
  const chunks = useMemo(() => inChunks(shown, CHUNK), [shown]);
  const marked = seq === null ? undefined : shown.find((event) => event.first_seq <= seq && seq <= event.seq);
  const isMissing = seq !== null && isReplayed && !marked && !eventAt(batches, seq);
  useEffect(() => {
    if (marked || isMissing) document.querySelector("[data-marked=true]")?.scrollIntoView({ block: "center" });
  }, [marked, isMissing]);
  return (
    <section aria-label="Events">
      {isMissing && (
        <p role="alert" data-marked className="markable mb-2 px-3 py-2">
          This run has no event {seq}: the address names one of another run, or was cut.
        </p>
      )}
      <Filter events={events} kind={kind} onKind={onKind} words={words} onWords={setWords} shown={shown.length} />
      <div data-testid="trace" className="mt-2 overflow-hidden rounded-lg border border-line bg-surface">
        {chunks.map((chunk, index) => (
          <LazyChunk
            key={chunk[0]?.seq}
            estimate={chunk.length * ROW_HEIGHT}
            isKept={false}
            isWanted={index === 0 || (marked !== undefined && chunk.includes(marked))}
          >
            {() => chunk.map((event) => <EventRow key={event.seq} event={event} isMarked={event === marked} />)}
          </LazyChunk>
        ))}
        {shown.length === 0 && <p className="px-3 py-2.5 text-muted">No event fits. Choose another kind or other words.</p>}
      </div>
    </section>
  );
}

interface FilterProps extends Pick<Props, "kind" | "onKind"> {
  events: readonly Event[];
  words: string;
  onWords: (words: string) => void;
  shown: number;
}

function Filter({ events, kind, onKind, words, onWords, shown }: FilterProps) {
  const kinds = useMemo(() => kindsOf(events), [events]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <select
        aria-label="Kind of event"
        value={kind}
        onChange={(event) => onKind(event.target.value)}
        className={`${inputClass} max-w-64`}
      >
        <option value="">All kinds ({count(events.length)})</option>
        {kind && !kinds.some(([known]) => known === kind) && <option value={kind}>{kind} (0)</option>}
        {kinds.map(([known, times]) => (
          <option key={known} value={known}>
            {known} ({count(times)})
          </option>
        ))}
      </select>
      <label className="relative min-w-40 flex-1">
        <span className="sr-only">Words in the events</span>
        <Search className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint" aria-hidden />
        <input
          type="search"
          value={words}
          onChange={(event) => onWords(event.target.value)}
          placeholder="Find in events"
          className={`${inputClass} pl-8`}
        />
      </label>
      <p role="status" className="text-xs text-muted">
        {shown === events.length ? `${count(shown)} events` : `${count(shown)} of ${count(events.length)} events`}
      </p>
    </div>
  );
}

const EventRow = memo(function EventRow({ event, isMarked }: { event: Event; isMarked: boolean }) {
  const range = event.first_seq === event.seq ? String(event.seq) : `${event.first_seq}–${event.seq}`;
  return (
    <li data-marked={isMarked} className="markable rounded-none border-b border-line">
      <Fold
        isOpenByItself={isMarked}
        mark={isMarked}
        summaryClass="h-8 gap-2 px-2 text-xs hover:bg-raised focus-visible:-outline-offset-2 pointer-coarse:h-11"
        summary={
          <>
            <span className="w-11 shrink-0 text-right font-mono text-muted">{range}</span>
            <span className="hidden w-16 shrink-0 text-muted sm:block">{clockTime(event.at)}</span>
            <span className="w-40 shrink-0 truncate font-mono max-sm:w-32">{event.payload.kind}</span>
            <span className="min-w-0 flex-1 truncate text-muted">{lineOf(event)}</span>
          </>
        }
      >
        <EventBody event={event} />
      </Fold>
    </li>
  );
});

function EventBody({ event }: { event: Event }) {
  const [isRaw, setRaw] = useState(false);
  const json = () => JSON.stringify(event, null, 2);
  const address = () => `${location.origin}${location.pathname}${location.search}#${eventAnchor(event.seq)}`;
  return (
    <div className="space-y-2 border-t border-line bg-paper px-3 py-2 sm:pl-9">
      <div className="flex flex-wrap items-center gap-x-3">
        <At at={event.at} seq={event.seq} />
        <span className="text-xs text-muted">attempt {event.attempt}</span>
        <span className="ml-auto flex items-center">
          <JsonToggle isOn={isRaw} onChange={setRaw} />
          <CopyButton text={address} label="Copy link" isLabeled />
          <CopyButton text={json} label="Copy JSON" isLabeled />
        </span>
      </div>
      {isRaw ? (
        <Output label={`Event ${event.seq} as JSON`} className="max-h-96">
          {json()}
        </Output>
      ) : (
        <KeyValues entries={flattened(fieldsOf(event))} />
      )}
    </div>
  );
}

/** One level deep: `hypothesis.status` reads better than an object in one field. */
function flattened(fields: Record<string, unknown>): [string, unknown][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([inner, own]): [string, unknown] => [`${name}.${inner}`, own])
      : [[name, value] as [string, unknown]],
  );
}
