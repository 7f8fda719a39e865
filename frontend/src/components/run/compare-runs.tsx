"use client";
import { useQuery } from "@tanstack/react-query";
import { Equal, EqualNot } from "lucide-react";
import { InlineText } from "@/components/text/inline-text";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import { api } from "@/lib/api";
import type { ComparedRun, Issue, RunDifference, RunSummary } from "@/lib/api-types";
import { costText } from "@/lib/usage";
import { PartedLists } from "./compare-lists";
import { RunResult } from "./run-result";

interface Props {
  issue: Issue;
  first: RunSummary;
  second: RunSummary;
  onClose: () => void;
}

/** Two lines of one issue side by side: what they have in common, and what only one of them found. */
export default function CompareRuns({ issue, first, second, onClose }: Props) {
  const query = useQuery({
    queryKey: ["difference", first.id, second.id],
    queryFn: () => api.compareRuns(first.id, second.id),
    // One of them may still go on.
    staleTime: 0,
  });
  return (
    <Sheet title={`Run ${first.number} and run ${second.number}`} placement="wide" onClose={onClose}>
      <div className="space-y-5 p-4" aria-busy={query.isPending}>
        {query.isPending && <p className="text-muted">Comparing…</p>}
        <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
        {query.data && <Comparison issue={issue} told={query.data} />}
      </div>
    </Sheet>
  );
}

function Comparison({ issue, told }: { issue: Issue; told: RunDifference }) {
  const { first, second, difference } = told;
  const differs = new Set(difference.differs);
  const sides = [difference.first, difference.second] as const;
  const numbers = [first.number, second.number] as const;
  const pair = (write: (side: (typeof sides)[number]) => string) => [write(sides[0]), write(sides[1])] as const;
  const commits = pair(({ suspect_commit: commit }) => (commit ? `\`${commit.sha.slice(0, 10)}\` ${commit.summary}` : ""));
  return (
    <>
      <div className="sticky top-0 z-10 -mx-4 -mt-4 grid grid-cols-2 gap-2 border-b border-line bg-surface px-4 py-3 sm:gap-3">
        <RunHead issue={issue} run={first} />
        <RunHead issue={issue} run={second} />
      </div>
      <Row title="What is going on" numbers={numbers} sides={pair(({ summary }) => summary)} />
      <Row
        title="Root cause"
        numbers={numbers}
        isDifferent={differs.has("root_cause")}
        sides={pair(({ root_cause }) => root_cause)}
        otherwise="No cause is named."
      />
      <Row
        title="Suspect commit"
        numbers={numbers}
        isDifferent={differs.has("suspect_commit")}
        sides={commits}
        otherwise="None"
      />
      <Row title="Next step" numbers={numbers} sides={pair(({ next_step }) => next_step)} />
      <PartedLists difference={difference} numbers={numbers} />
    </>
  );
}

function RunHead({ issue, run }: { issue: Issue; run: ComparedRun }) {
  const { usage } = run;
  const cost = costText({ ...usage, cost_usd: usage.known_cost_usd });
  const facts = [`${usage.tool_calls} tool calls`, usage.model_calls > 0 ? `${usage.model_calls} model calls` : "", cost];
  return (
    <div className="rounded-md border border-line px-3 py-2">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-semibold">Run {run.number}</span>
        <RunResult issue={issue} run={run} />
      </p>
      <p className="mt-1 text-xs text-muted">{facts.filter(Boolean).join(" · ")}</p>
    </div>
  );
}

interface RowProps {
  title: string;
  numbers: readonly [number, number];
  sides: readonly [string, string];
  /** What stands where a run says nothing. */
  otherwise?: string;
  /** Told only where the two were held against each other. */
  isDifferent?: boolean;
}

/** What both say in the same words is shown once. */
function Row({ title, numbers, sides, otherwise = "Nothing", isDifferent }: RowProps) {
  const isSame = sides[0] === sides[1];
  const shown = isSame
    ? [{ name: "Both runs", text: sides[0] }]
    : sides.map((text, at) => ({ name: `Run ${numbers[at]}`, text }));
  return (
    <section aria-label={title}>
      <h3 className="mb-1 flex items-center gap-2 text-xs font-semibold text-muted">
        {title}
        {isDifferent !== undefined && <Likeness isDifferent={isDifferent} />}
      </h3>
      <div className={`grid gap-x-3 gap-y-2 ${isSame ? "" : "sm:grid-cols-2"}`}>
        {shown.map(({ name, text }) => (
          <div key={name} className="min-w-0 rounded-md bg-raised px-3 py-2 break-words">
            <p className={`text-2xs text-muted ${isSame ? "" : "sm:sr-only"}`}>{name}</p>
            {/* Citations stay plain: their numbers are those of two different lists. */}
            {text ? <InlineText text={text} /> : <span className="text-muted">{otherwise}</span>}
          </div>
        ))}
      </div>
    </section>
  );
}

export function Likeness({ isDifferent }: { isDifferent: boolean }) {
  const Icon = isDifferent ? EqualNot : Equal;
  return (
    <span className={`inline-flex items-center gap-1 font-medium ${isDifferent ? "text-warn" : "text-muted"}`}>
      <Icon className="size-3.5" aria-hidden />
      {isDifferent ? "differs" : "the same"}
    </span>
  );
}
