"use client";
import { Columns2, CornerDownRight } from "lucide-react";
import Link from "next/link";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { runAddress } from "@/lib/addresses";
import type { Issue, RunSummary } from "@/lib/api-types";
import { type Line, linesOf } from "@/lib/lines";
import { RunResult } from "./run-result";

const CompareRuns = lazy(() => import("./compare-runs"));

/** The runs of the issue and how they hang together; nothing while there is only one. */
export function RunLines({ issue, run }: { issue: Issue; run: RunSummary }) {
  const [other, setOther] = useState<RunSummary | null>(null);
  if (issue.runs.length < 2) return null;
  // The earlier one stands at the left.
  const pair = other && [run, other].toSorted((a, b) => a.number - b.number);
  return (
    <Panel title="Runs" aside={String(issue.runs.length)}>
      <ul className="divide-y divide-line">
        {linesOf(issue.runs).map((line) => (
          <LineRow key={line.run.id} issue={issue} line={line} shown={run} onCompare={setOther} />
        ))}
      </ul>
      <Suspense fallback={null}>
        {pair?.[0] && pair[1] && <CompareRuns issue={issue} first={pair[0]} second={pair[1]} onClose={() => setOther(null)} />}
      </Suspense>
    </Panel>
  );
}

/** Deeper lines are not indented any further: the column is narrow. */
const MAX_INDENT = 3;

interface RowProps {
  issue: Issue;
  line: Line;
  shown: RunSummary;
  onCompare: (run: RunSummary) => void;
}

function LineRow({ issue, line, shown, onCompare }: RowProps) {
  const { run, origin, depth } = line;
  const isShown = run.id === shown.id;
  return (
    <li
      className={`px-3 py-2 text-[0.8125rem] ${isShown ? "bg-accent-soft" : ""}`}
      style={{ paddingLeft: `${0.75 + Math.min(depth, MAX_INDENT)}rem` }}
    >
      <div className="flex items-center gap-x-2">
        {origin && <CornerDownRight className="size-3.5 shrink-0 text-faint" aria-hidden />}
        <Link
          href={runAddress(issue.key, run.number)}
          scroll={false}
          aria-current={isShown ? "page" : undefined}
          className="-my-1 inline-block min-w-6 py-1 font-medium hover:underline"
        >
          Run {run.number}
        </Link>
        <RunResult issue={issue} run={run} />
      </div>
      {/* On a line of its own, as there is not room beside every result. */}
      <div className="flex min-h-7 items-center justify-between gap-x-2">
        <p className="text-xs text-muted">
          {origin ? `${run.fork_kind === "resume" ? "resumed" : "branched"} from run ${origin.number}` : "from the report"}
        </p>
        {!isShown && (
          <Button variant="quiet" className="-my-1 -mr-2 px-2" onClick={() => onCompare(run)}>
            <Columns2 className="size-3.5" aria-hidden />
            Compare<span className="sr-only"> with run {run.number}</span>
          </Button>
        )}
      </div>
    </li>
  );
}
