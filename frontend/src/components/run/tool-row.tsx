"use client";
import {
  Ban,
  Check,
  ChevronRight,
  CircleSlash,
  FileText,
  LoaderCircle,
  type LucideIcon,
  ShieldQuestion,
  Unplug,
  X,
} from "lucide-react";
import { memo } from "react";
import { Button } from "@/components/ui/button";
import { Output } from "@/components/ui/output";
import { duration, TOOL_STATE_NAMES } from "@/lib/format";
import type { ToolCall, ToolCallState } from "@/lib/run-state";
import { toolLine } from "@/lib/tool-lines";
import { Arguments } from "./arguments";

const LOOKS: Record<ToolCallState, { Icon: LucideIcon; look: string }> = {
  running: { Icon: LoaderCircle, look: "text-accent animate-spin" },
  ok: { Icon: Check, look: "text-good" },
  error: { Icon: X, look: "text-bad" },
  no_data: { Icon: CircleSlash, look: "text-muted" },
  denied: { Icon: Ban, look: "text-bad" },
  awaiting_approval: { Icon: ShieldQuestion, look: "text-warn" },
  lost: { Icon: Unplug, look: "text-muted" },
};

/** One tool call in one line; open, its arguments and the start of its result. */
export const ToolRow = memo(function ToolRow({ call, onReceipt }: { call: ToolCall; onReceipt: (id: string) => void }) {
  const { verb, object } = toolLine(call.tool, call.arguments);
  const { Icon, look } = LOOKS[call.state];
  const outcome = call.state === "ok" && call.durationMs !== null ? "" : TOOL_STATE_NAMES[call.state];
  return (
    <details className="group/call rounded-md open:bg-surface open:ring-1 open:ring-line open:ring-inset">
      <summary className="flex min-h-7 items-center gap-2 rounded-md px-1.5 text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11">
        <ChevronRight className="size-3.5 shrink-0 text-faint transition-transform group-open/call:rotate-90" aria-hidden />
        <Icon className={`size-3.5 shrink-0 ${look}`} aria-hidden />
        <span className="shrink-0 font-medium">{verb}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-xs text-muted">{object}</span>
        <span className="shrink-0 text-xs text-muted">
          <span className={call.state === "ok" ? "sr-only" : ""}>{outcome || "ok"}</span>
          {call.durationMs !== null && <span className="ml-1.5">{duration(call.durationMs)}</span>}
        </span>
      </summary>
      <div className="space-y-2 px-3 pt-1 pb-3">
        <p className="font-mono text-xs text-muted">{call.tool}</p>
        <Arguments values={call.arguments} />
        {call.excerpt && (
          <Output label={`Result of ${verb} ${object}`} className="max-h-72 *:whitespace-pre-wrap *:break-words">
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
    </details>
  );
});
