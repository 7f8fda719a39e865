"use client";
import { useQuery } from "@tanstack/react-query";
import { Equal, EqualNot } from "lucide-react";
import type { ReactNode } from "react";
import { InlineText } from "@/components/text/inline-text";
import { RunStatusBadge, VerdictBadge } from "@/components/ui/badges";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import { api } from "@/lib/api";
import type { ComparedRun, RunDifference, RunSummary } from "@/lib/api-types";
import { costText } from "@/lib/usage";
import { PartedLists } from "./compare-lists";

interface Props {
  first: RunSummary;
  second: RunSummary;
  onClose: () => void;
}

/** Two lines of one issue side by side: what they have in common, and what only one of them found. */
export function CompareRuns({ first, second, onClose }: Props) {
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
        {query.data && <Comparison told={query.data} />}
      </div>
    </Sheet>
  );
}

function Comparison({ told }: { told: RunDifference }) {
  const { first, second, difference } = told;
  const differs = new Set(difference.differs);
  const sides = [difference.first, difference.second] as const;
  const pair = (render: (side: (typeof sides)[number]) => ReactNode) => [render(sides[0]), render(sides[1])] as const;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <RunHead run={first} />
        <RunHead run={second} />
      </div>
      <Row title="What is going on" numbers={[first.number, second.number]} sides={pair(({ summary }) => text(summary))} />
      <Row
        title="Root cause"
        numbers={[first.number, second.number]}
        isDifferent={differs.has("root_cause")}
        sides={pair(({ root_cause }) => text(root_cause, "No cause is named."))}
      />
      <Row
        title="Suspect commit"
        numbers={[first.number, second.number]}
        isDifferent={differs.has("suspect_commit")}
        sides={pair(({ suspect_commit: commit }) =>
          text(commit ? `\`${commit.sha.slice(0, 10)}\` ${commit.summary}` : "", "None"),
        )}
      />
      <Row title="Next step" numbers={[first.number, second.number]} sides={pair(({ next_step }) => text(next_step))} />
      <PartedLists difference={difference} numbers={[first.number, second.number]} />
    </>
  );
}

/** Citations stay plain: their numbers are those of two different lists. */
const text = (said: string, otherwise = "Nothing yet.") =>
  said ? <InlineText text={said} /> : <span className="text-muted">{otherwise}</span>;

function RunHead({ run }: { run: ComparedRun }) {
  const { usage } = run;
  const cost = costText({ ...usage, cost_usd: usage.known_cost_usd });
  const facts = [`${usage.tool_calls} tool calls`, usage.model_calls > 0 ? `${usage.model_calls} model calls` : "", cost];
  return (
    <div className="rounded-md border border-line px-3 py-2">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-semibold">Run {run.number}</span>
        {run.verdict ? <VerdictBadge verdict={run.verdict} /> : <RunStatusBadge status={run.status} />}
      </p>
      <p className="mt-1 text-xs text-muted">{facts.filter(Boolean).join(" · ")}</p>
    </div>
  );
}

interface RowProps {
  title: string;
  numbers: readonly [number, number];
  sides: readonly [ReactNode, ReactNode];
  /** Told only where the two were held against each other. */
  isDifferent?: boolean;
}

function Row({ title, numbers, sides, isDifferent }: RowProps) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 flex items-center gap-2 text-xs font-semibold text-muted">
        {title}
        {isDifferent !== undefined && <Likeness isDifferent={isDifferent} />}
      </h3>
      <div className="grid gap-x-3 gap-y-2 sm:grid-cols-2">
        {sides.map((side, index) => (
          <div key={numbers[index]} className="min-w-0 rounded-md bg-raised px-3 py-2 break-words">
            <p className="text-2xs text-muted sm:sr-only">Run {numbers[index]}</p>
            {side}
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
