"use client";
import { money } from "@/lib/format";
import {
  compact,
  ENDING_NAMES,
  ENDINGS,
  type Ending,
  endingsText,
  measureOf,
  type Overview,
  type OverviewDay,
  percent,
  scaleMoney,
  totalOf,
} from "@/lib/overview";
import { DayBars } from "./day-bars";

const TONES: Record<Ending, string> = {
  confirmed: "bg-good",
  likely: "bg-accent",
  inconclusive: "bg-line-strong",
  failed: "bg-bad",
  canceled: "bg-warn",
};

/** Day by day: how runs ended, and what they cost. */
export function Charts({ overview }: { overview: Overview }) {
  const { days, ended } = overview;
  const total = totalOf(ended);
  const measure = measureOf(days);
  const write = measure === "cost_usd" ? money : compact;
  const sum = days.reduce((all, day) => all + day[measure], 0);
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <DayBars
        title="Runs that ended"
        days={days}
        parts={(day) => ENDINGS.map((ending) => ({ id: ending, value: day.ended[ending], tone: TONES[ending] }))}
        smallestTop={4}
        write={String}
        say={(day) => endingsText(day.ended) || "none"}
        summary={total > 0 ? `${total} in ${days.length} days` : `None in ${days.length} days`}
        empty="Runs that have ended show here, a bar for each day, by their verdict."
        columns={ENDINGS.map((ending) => ({ name: ENDING_NAMES[ending], cell: (day: OverviewDay) => String(day.ended[ending]) }))}
      >
        <Legend overview={overview} />
      </DayBars>
      <DayBars
        title={measure === "cost_usd" ? "Cost" : "Tokens"}
        days={days}
        parts={(day) => [{ id: measure, value: day[measure], tone: "bg-accent" }]}
        smallestTop={measure === "cost_usd" ? 0.01 : 1000}
        write={measure === "cost_usd" ? scaleMoney : compact}
        say={(day) => write(day[measure])}
        summary={sum > 0 ? `${write(sum)} in ${days.length} days` : ""}
        empty="What model calls cost shows here, a bar for each day."
        columns={[
          { name: "Cost", cell: (day) => money(day.cost_usd) },
          { name: "Tokens", cell: (day) => compact(day.tokens) },
        ]}
      >
        <p className="text-xs text-muted">{costNote(overview, measure)}</p>
      </DayBars>
    </div>
  );
}

function costNote({ spending, days }: Overview, measure: "cost_usd" | "tokens"): string {
  if (measure === "tokens") return "In and out. No call of these days had a known price.";
  const unpriced = spending.reduce((sum, row) => sum + row.unpriced_calls, 0);
  const average = days.reduce((sum, day) => sum + day.cost_usd, 0) / days.length;
  const note = unpriced > 0 ? " Calls without a known price are not in it." : "";
  return `${money(average)} a day on average.${note}`;
}

function Legend({ overview: { ended } }: { overview: Overview }) {
  const total = totalOf(ended);
  return (
    <ul aria-label="How runs ended" className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {ENDINGS.map((ending) => (
        <li key={ending} className="flex items-center gap-1.5 whitespace-nowrap">
          <span className={`size-2.5 rounded-xs ${TONES[ending]}`} aria-hidden />
          {ENDING_NAMES[ending]} <span className="font-medium">{ended[ending]}</span>
          {total > 0 && <span className="text-muted">{percent(ended[ending], total)} %</span>}
        </li>
      ))}
    </ul>
  );
}
