"use client";
import { lazy, Suspense } from "react";
import { Panel } from "@/components/ui/panel";
import type { RunState } from "@/lib/run-state";
import { Fold } from "./fold";

const TimeAndCost = lazy(() => import("./time-and-cost"));

/** Where the time and the money of the run went; drawn for who asks. */
export function TimePanel({ run }: { run: RunState }) {
  return (
    <Panel title="Time and cost">
      <Fold
        isOpenByItself={false}
        summaryClass="min-h-9 gap-1.5 px-3 text-[0.8125rem] hover:bg-raised pointer-coarse:min-h-11"
        summary="Step by step"
      >
        <Suspense fallback={<p className="min-h-40 px-3 text-muted">Loading…</p>}>
          <TimeAndCost run={run} />
        </Suspense>
      </Fold>
    </Panel>
  );
}
