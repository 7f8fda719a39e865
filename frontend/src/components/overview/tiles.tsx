import type { ReactNode } from "react";
import { count } from "@/lib/format";
import { answersOf, compact, costText, type Overview, percent, type Spread, secondsText, sumSpending } from "@/lib/overview";

/** The four figures that one looks at first. */
export function Tiles({ overview }: { overview: Overview }) {
  const answers = answersOf(overview.ended);
  const confirmed = percent(overview.ended.confirmed, answers);
  const spent = sumSpending(overview.spending);
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Tile label="First hypothesis" value={secondsText(overview.first_hypothesis.median)}>
        <Range spread={overview.first_hypothesis} />
      </Tile>
      <Tile label="Answer" value={secondsText(overview.answer.median)}>
        <Range spread={overview.answer} />
      </Tile>
      <Tile label="Confirmed" value={confirmed === null ? "–" : `${confirmed} %`}>
        {answers > 0 ? `${count(overview.ended.confirmed)} of ${count(answers)} answers` : "No answers in these days"}
      </Tile>
      <Tile label="Cost" value={spent.calls > 0 ? costText(spent) : "–"}>
        {spent.calls > 0
          ? `${compact(spent.tokens)} tokens${spent.unpriced > 0 ? ` · without ${count(spent.unpriced)} calls of no known price` : ""}`
          : "No model was called"}
      </Tile>
    </dl>
  );
}

function Tile({ label, value, children }: { label: string; value: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col rounded-lg border border-line bg-surface px-3 py-2.5">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="mt-1 flex min-h-8 items-center text-xl font-semibold tracking-tight sm:text-2xl">{value}</dd>
      <dd className="mt-0.5 text-xs text-muted">{children}</dd>
    </div>
  );
}

function Range({ spread }: { spread: Spread }) {
  if (spread.count === 0) return "No run got there in these days";
  return `Median of ${count(spread.count)} · 9 of 10 within ${secondsText(spread.p90)}`;
}
