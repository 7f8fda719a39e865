"use client";
import { Ban, Check, CircleSlash, FileText, LoaderCircle, type LucideIcon, ShieldQuestion, Unplug, X } from "lucide-react";
import { memo } from "react";
import { Button } from "@/components/ui/button";
import { Output } from "@/components/ui/output";
import { isFailed } from "@/lib/calls-text";
import { duration, TOOL_STATE_NAMES } from "@/lib/format";
import type { ToolCall, ToolCallState } from "@/lib/run-state";
import { toolLine } from "@/lib/tool-lines";
import { Arguments } from "./arguments";
import { At } from "./at";
import { Fold } from "./fold";

const LOOKS: Record<ToolCallState, { Icon: LucideIcon; look: string }> = {
  running: { Icon: LoaderCircle, look: "text-accent animate-spin" },
  ok: { Icon: Check, look: "text-good" },
  error: { Icon: X, look: "text-bad" },
  no_data: { Icon: CircleSlash, look: "text-muted" },
  denied: { Icon: Ban, look: "text-bad" },
  awaiting_approval: { Icon: ShieldQuestion, look: "text-warn" },
  lost: { Icon: Unplug, look: "text-muted" },
};

interface Props {
  call: ToolCall;
  /** The number of its step. */
  position: number;
  /** What it came to, in the server's words. */
  note: string;
  /** The address names it. */
  isMarked: boolean;
  onReceipt: (id: string) => void;
}

/** One tool call in one line; open, its arguments and the start of its result. One that failed is open by itself. */
export const ToolRow = memo(function ToolRow({ call, position, note, isMarked, onReceipt }: Props) {
  return (
    <div data-marked={isMarked} className="markable">
      <Fold
        isOpenByItself={isMarked || isFailed(call)}
        mark={isMarked}
        className="rounded-md open:bg-surface open:ring-1 open:ring-line open:ring-inset"
        summaryClass="min-h-7 gap-2 rounded-md px-1.5 text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11"
        summary={<Line call={call} position={position} note={note} />}
      >
        <CallBody call={call} onReceipt={onReceipt} />
      </Fold>
    </div>
  );
});

function Line({ call, position, note }: Pick<Props, "call" | "position" | "note">) {
  const { verb, object } = toolLine(call.tool, call.arguments);
  const { Icon, look } = LOOKS[call.state];
  const told = call.state === "ok" ? note : note || TOOL_STATE_NAMES[call.state];
  return (
    <>
      <Icon className={`size-3.5 shrink-0 ${look}`} aria-hidden />
      <span aria-hidden className="hidden w-6 shrink-0 text-xs text-muted sm:block">
        {position}
      </span>
      <span className="shrink-0 font-medium">{verb}</span>
      <span className="min-w-0 flex-1 truncate font-mono text-xs text-muted">{object}</span>
      <span className="flex max-w-[45%] shrink-0 gap-2 text-xs text-muted">
        {call.state === "ok" && <span className="sr-only">ok</span>}
        {told && <span className={`truncate ${isFailed(call) ? "text-bad" : ""}`}>{told}</span>}
        {call.durationMs !== null && <span className="shrink-0">{duration(call.durationMs)}</span>}
      </span>
    </>
  );
}

function CallBody({ call, onReceipt }: Pick<Props, "call" | "onReceipt">) {
  const { verb, object } = toolLine(call.tool, call.arguments);
  return (
    <div className="space-y-2 px-3 pt-1 pb-3">
      <p className="flex items-baseline gap-2 font-mono text-xs text-muted">
        <span className="min-w-0 flex-1 break-all">{call.tool}</span>
        <At at={call.startedAt} seq={call.seq} className="font-sans" />
      </p>
      <Arguments values={call.arguments} />
      {call.excerpt && (
        <Output label={`Result of ${verb} ${object}`} className="max-h-72 *:break-words *:whitespace-pre-wrap">
          {call.excerpt}
        </Output>
      )}
      {call.receiptId && (
        <Button variant="quiet" className="-ml-2 px-2" onClick={() => onReceipt(call.receiptId)}>
          <FileText className="size-3.5" aria-hidden />
          Receipt with the whole result
        </Button>
      )}
    </div>
  );
}
