"use client";
import { memo, useEffect, useMemo } from "react";
import { inChunks } from "@/lib/chunks";
import { STAGE_NAMES } from "@/lib/format";
import type { Place } from "@/lib/places";
import type { RunState } from "@/lib/run-state";
import { type StoryRow, storyOf } from "@/lib/turns";
import { HypothesisRow } from "./hypothesis-row";
import { LazyChunk } from "./lazy-chunk";
import { BudgetRow, EffectRow, ForkRow, InputRow, MessageRow, NoticeRow, RestartRow } from "./timeline-rows";
import { type Mark, TurnItem } from "./turn-item";

interface Props {
  issueKey: string;
  run: RunState;
  /** Numbers of the evidence that was found. */
  known: ReadonlySet<number>;
  /** The run goes on: its last turn stays open. */
  isLive: boolean;
  /** The history is read to its end. */
  isReplayed: boolean;
  /** What the address names. */
  place: Place | null;
  onReceipt: (id: string) => void;
}

const CHUNK = 20;
/** Pixels of a row that is folded. */
const ROW_HEIGHT = 36;

/** What happened, in its order, as one tells it. */
export const Timeline = memo(function Timeline({ issueKey, run, known, isLive, isReplayed, place, onReceipt }: Props) {
  const { timeline, steps } = run;
  const rows = useMemo(() => storyOf({ timeline, steps }), [timeline, steps]);
  const marked = place && rows.find((row) => isIn(row, place));
  // The same object as long as the address says the same: rows are drawn again where it changes.
  const mark = useMemo(() => markOf(place), [place]);
  const last = rows.findLast(({ type }) => type === "turn");
  const chunks = inChunks(rows, CHUNK);
  const latest = timeline.findLast((item) => item.type === "step");
  return (
    <>
      {rows.length === 0 && <p className="min-h-24 px-1 py-1.5 text-muted">{isReplayed ? "Nothing to tell yet." : "Loading…"}</p>}
      <div data-testid="timeline" data-seq={run.lastSeq}>
        {chunks.map((chunk, index) => (
          <LazyChunk
            key={chunk[0]?.id}
            estimate={chunk.length * ROW_HEIGHT}
            isKept
            isWanted={index === 0 || index === chunks.length - 1 || (marked ? chunk.includes(marked) : false)}
          >
            {() =>
              chunk.map((row) => (
                <li key={`${row.type}-${row.id}`} className={row.type === "turn" ? "" : "py-1.5"}>
                  <Row
                    row={row}
                    run={run}
                    known={known}
                    issueKey={issueKey}
                    isLatest={isLive && row === last}
                    mark={row === marked ? mark : undefined}
                    onReceipt={onReceipt}
                  />
                </li>
              ))
            }
          </LazyChunk>
        ))}
      </div>
      <ScrollToMark isThere={marked != null} place={place} />
      {/* Said once a step, not with every word that streams in. */}
      <p className="sr-only" role="status">
        {latest ? run.steps[latest.id]?.title : ""}
      </p>
    </>
  );
});

function isIn(row: StoryRow, place: Place): boolean {
  if (row.type === "turn") return place.type === "step" && row.steps.some(({ id }) => id === place.stepId);
  return place.type === "row" && row.id === place.rowId;
}

function markOf(place: Place | null): Mark | undefined {
  if (place?.type === "step") return place.callId ? { stepId: place.stepId, callId: place.callId } : { stepId: place.stepId };
  return place?.type === "row" ? { stepId: "" } : undefined;
}

/** Once for each address, when what it names is on the page; what comes in later moves nothing. */
function ScrollToMark({ isThere, place }: { isThere: boolean; place: Place | null }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new place in the same row is one to go to as well
  useEffect(() => {
    if (isThere) document.querySelector("[data-marked=true]")?.scrollIntoView({ block: "center" });
  }, [isThere, place]);
  return null;
}

interface RowProps extends Omit<Props, "place" | "isLive" | "isReplayed"> {
  row: StoryRow;
  isLatest: boolean;
  mark: Mark | undefined;
}

function Row({ row, run, known, issueKey, isLatest, mark, onReceipt }: RowProps) {
  if (row.type === "turn") {
    return <TurnItem steps={row.steps} isLatest={isLatest} known={known} mark={mark} onReceipt={onReceipt} />;
  }
  if (row.type === "stage") {
    return <h3 className="pt-2 text-xs font-semibold text-muted first:pt-0">{STAGE_NAMES[row.stage]}</h3>;
  }
  return (
    <div data-marked={mark !== undefined} className="markable px-1">
      <PlainRow row={row} run={run} known={known} issueKey={issueKey} />
    </div>
  );
}

type PlainProps = Pick<Props, "run" | "known" | "issueKey"> & { row: Exclude<StoryRow, { type: "turn" | "stage" }> };

function PlainRow({ row, run, known, issueKey }: PlainProps) {
  switch (row.type) {
    case "message": {
      const message = run.messages[row.id];
      return message ? <MessageRow message={message} seq={row.seq} /> : null;
    }
    case "input": {
      const input = run.inputs[row.id];
      return input ? <InputRow input={input} seq={row.seq} /> : null;
    }
    case "notice":
      return <NoticeRow notice={row} />;
    case "restart":
      return <RestartRow row={row} />;
    case "effect":
      return <EffectRow effect={row} />;
    case "hypothesis":
      return <HypothesisRow row={row} known={known} />;
    case "budget":
      return <BudgetRow row={row} />;
    case "fork":
      return <ForkRow row={row} issueKey={issueKey} />;
  }
}
