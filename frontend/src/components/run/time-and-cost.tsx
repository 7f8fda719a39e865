"use client";
import { useMemo, useState } from "react";
import { useNow } from "@/hooks/use-now";
import { duration, money, STAGE_NAMES } from "@/lib/format";
import { eventAnchor } from "@/lib/places";
import { isEnded, type RunState } from "@/lib/run-state";
import { type RunTimes, type TimedStep, timesOf } from "@/lib/run-times";

/** How often the picture of a run that goes on is drawn again. */
const REFRESH_MS = 2_000;

/** Where the time and the money of the run went: each step as a bar, and the same as a table. */
export default function TimeAndCost({ run }: { run: RunState }) {
  const now = useNow(isEnded(run.status) ? null : REFRESH_MS);
  const times = useMemo(() => timesOf(run, now), [run, now]);
  const [isTable, setTable] = useState(false);
  if (times.steps.length === 0) return <p className="px-3 pb-2.5 text-muted">No step has begun yet.</p>;
  return (
    <div className="space-y-2 px-3 pb-3">
      <Summary times={times} />
      {times.stages.map((span) => (
        <Lane key={span.stage} span={span} times={times} />
      ))}
      {times.cost > 0 && <CostLane times={times} />}
      <div className="flex justify-between text-2xs text-muted" aria-hidden>
        <span>0</span>
        <span>{duration(times.total)}</span>
      </div>
      <Legend />
      <button
        type="button"
        aria-expanded={isTable}
        onClick={() => setTable(!isTable)}
        className="min-h-8 rounded text-xs text-accent hover:underline pointer-coarse:min-h-11"
      >
        {isTable ? "Hide the table" : "Show as a table"}
      </button>
      {isTable && <Table times={times} />}
    </div>
  );
}

function Summary({ times: { steps, total, idle, cost } }: { times: RunTimes }) {
  const asked = steps.reduce((sum, { isModel, start, end }) => sum + (isModel ? end - start : 0), 0);
  const parts = [
    `${duration(total)} in all`,
    `${duration(asked)} in steps with a model`,
    idle > 1000 ? `${duration(idle)} between steps` : "",
    cost > 0 ? money(cost) : "",
  ];
  return <p className="text-xs text-muted">{parts.filter(Boolean).join(" · ")}</p>;
}

/** Least width of a bar, in parts of a hundred: what was over at once is still to be seen. */
const LEAST = 0.5;
const x = (ms: number, total: number): number => (ms / total) * 100;

/** The steps of one stage along the time of the run. */
function Lane({ span, times: { steps, total } }: { span: RunTimes["stages"][number]; times: RunTimes }) {
  const own = steps.filter(({ step }) => step.stage === span.stage);
  const name = `${STAGE_NAMES[span.stage]}: ${own.length} ${own.length === 1 ? "step" : "steps"}, ${duration(span.end - span.start)}`;
  return (
    <figure>
      <figcaption className="flex justify-between text-xs">
        <span>{STAGE_NAMES[span.stage]}</span>
        <span className="text-muted">{duration(span.end - span.start)}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={name}
        viewBox="0 0 100 10"
        preserveAspectRatio="none"
        className="mt-0.5 h-4 w-full rounded-sm bg-raised"
      >
        {own.map((each) => (
          <Bar key={each.step.id} each={each} total={total} />
        ))}
      </svg>
    </figure>
  );
}

function Bar({ each: { step, start, end, isModel }, total }: { each: TimedStep; total: number }) {
  const width = Math.max(LEAST, x(end - start, total));
  return (
    <rect
      x={Math.min(x(start, total), 100 - width)}
      width={width}
      y={isModel ? 0 : 5}
      height={5}
      className={isModel ? "fill-accent" : "fill-good"}
    >
      <title>{`${step.position} ${step.title}: ${duration(end - start)}`}</title>
    </rect>
  );
}

/** What was spent until each moment. */
function CostLane({ times: { steps, total, cost } }: { times: RunTimes }) {
  let spent = 0;
  const paid = steps.filter((each) => each.cost > 0).toSorted((a, b) => a.end - b.end);
  const points = paid.flatMap((each) => {
    const before = `${x(each.end, total)},${10 - (spent / cost) * 10}`;
    spent += each.cost;
    return [before, `${x(each.end, total)},${10 - (spent / cost) * 10}`];
  });
  return (
    <figure>
      <figcaption className="flex justify-between text-xs">
        <span>Cost, summed up</span>
        <span className="text-muted">{money(cost)}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={`Cost, summed up: ${money(cost)}`}
        viewBox="0 0 100 10"
        preserveAspectRatio="none"
        className="mt-0.5 h-6 w-full rounded-sm bg-raised"
      >
        <polygon points={`0,10 ${points.join(" ")} 100,${10 - (spent / cost) * 10} 100,10`} className="fill-ember/50" />
      </svg>
    </figure>
  );
}

function Legend() {
  return (
    <p className="flex flex-wrap gap-x-3 text-2xs text-muted" aria-hidden>
      <span className="inline-flex items-center gap-1">
        <span className="h-1.5 w-3 bg-accent" /> upper: a model
      </span>
      <span className="inline-flex items-center gap-1">
        <span className="h-1.5 w-3 bg-good" /> lower: tools
      </span>
    </p>
  );
}

/** A table of thousands of rows helps nobody: the longest and the dearest steps are at its top. */
const MAX_ROWS = 200;

function Table({ times: { steps } }: { times: RunTimes }) {
  const longest = steps.toSorted((a, b) => b.end - b.start - (a.end - a.start)).slice(0, MAX_ROWS);
  return (
    <section aria-label="Steps, the longest first" tabIndex={0} className="max-h-80 overflow-auto">
      <table className="w-full text-left text-xs">
        <caption className="sr-only">Steps, the longest first</caption>
        <thead className="sticky top-0 bg-surface text-muted">
          <tr>
            <th className="py-1 pr-2 font-medium">Step</th>
            <th className="py-1 pr-2 text-right font-medium">Began after</th>
            <th className="py-1 pr-2 text-right font-medium">Took</th>
            <th className="py-1 text-right font-medium">Cost</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {longest.map(({ step, start, end, cost }) => (
            <tr key={step.id}>
              <td className="py-1 pr-2 break-words">
                <a href={`#${eventAnchor(step.seq)}`} className="hover:text-accent hover:underline">
                  {step.position} {step.title}
                </a>
              </td>
              <td className="py-1 pr-2 text-right whitespace-nowrap">{duration(start)}</td>
              <td className="py-1 pr-2 text-right whitespace-nowrap">{duration(end - start)}</td>
              <td className="py-1 text-right">{cost > 0 ? money(cost) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {steps.length > MAX_ROWS && (
        <p className="py-1 text-xs text-muted">
          The {MAX_ROWS} longest of {steps.length} steps.
        </p>
      )}
    </section>
  );
}
