"use client";
import { ChevronRight, CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Badge } from "@/components/ui/badges";
import { RelativeTime } from "@/components/ui/relative-time";
import type { Upstream } from "@/lib/api/installation";
import { count } from "@/lib/format";
import { kindName, toolsLine, type UpstreamTone, upstreamState } from "@/lib/upstream-view";

const UpstreamDetails = lazy(async () => ({ default: (await import("./upstream-details")).UpstreamDetails }));

const ICONS: Record<UpstreamTone, LucideIcon> = { good: CircleCheck, warn: TriangleAlert, bad: CircleX, neutral: CircleDashed };

export function UpstreamItem({ upstream }: { upstream: Upstream }) {
  // What nobody has opened is not on the page: an upstream may have hundreds of tools.
  const [isOpen, setOpen] = useState(false);
  const state = upstreamState(upstream);
  return (
    <li>
      <details className="group/upstream" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="flex items-start gap-3 px-4 py-3 hover:bg-raised focus-visible:-outline-offset-2">
          <ChevronRight
            className="mt-0.5 size-4 shrink-0 text-muted transition-transform group-open/upstream:rotate-90"
            aria-hidden
          />
          <span className="min-w-0 flex-1 space-y-1">
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-medium break-all">{upstream.name}</span>
              <Badge tone={state.tone} Icon={ICONS[state.tone]} label={state.label} />
              {upstream.kind && <span className="text-xs text-muted">{kindName(upstream.kind)}</span>}
            </span>
            {upstream.state !== "disabled" && upstream.problem && (
              <span className="block text-[0.8125rem] break-words text-bad">{upstream.problem.split("\n")[0]}</span>
            )}
            <span className="block text-xs text-muted">
              {toolsLine(upstream.tools)} · <Calls upstream={upstream} />
            </span>
          </span>
        </summary>
        {isOpen && (
          <Suspense fallback={<p className="border-t border-line px-4 py-4 text-muted">Loading…</p>}>
            <UpstreamDetails upstream={upstream} />
          </Suspense>
        )}
      </details>
    </li>
  );
}

function Calls({ upstream }: { upstream: Upstream }) {
  const { calls, errors, last_called_at } = upstream;
  if (!calls) return <>no calls in 24 h</>;
  return (
    <>
      {count(calls)} {calls === 1 ? "call" : "calls"} in 24 h,{" "}
      <span className={errors ? "text-bad" : ""}>
        {count(errors)} {errors === 1 ? "error" : "errors"}
      </span>
      {last_called_at && (
        <>
          , the last <RelativeTime at={last_called_at} />
        </>
      )}
    </>
  );
}
