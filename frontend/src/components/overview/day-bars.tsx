"use client";
import { ChevronRight } from "lucide-react";
import { type PointerEvent, type ReactNode, useState } from "react";
import { dayName, niceTop, type OverviewDay } from "@/lib/overview";

interface Part {
  id: string;
  value: number;
  /** Class of its color. */
  tone: string;
}

interface Props {
  title: string;
  days: readonly OverviewDay[];
  /** Of one bar, from the bottom up. */
  parts: (day: OverviewDay) => Part[];
  /** The scale ends here at least, so that little does not look like much. */
  smallestTop: number;
  /** Beside the scale: short. */
  write: (value: number) => string;
  /** What a day has, in words. */
  say: (day: OverviewDay) => string;
  summary: string;
  /** Where there is nothing yet: what will be here. */
  empty: string;
  columns: readonly { name: string; cell: (day: OverviewDay) => string }[];
  children?: ReactNode;
}

/** Bars of days with a table that says the same. Pointing at a bar tells its day. */
export function DayBars({ title, days, parts, smallestTop, write, say, summary, empty, columns, children }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const bars = days.map((day) => ({ day, parts: parts(day).filter(({ value }) => value > 0) }));
  const highest = Math.max(0, ...bars.map((bar) => sum(bar.parts)));
  const top = niceTop(highest, smallestTop);
  const shown = pointed === null ? undefined : days[pointed];
  return (
    <figure className="flex min-w-0 flex-col rounded-lg border border-line bg-surface px-3 py-2.5">
      <figcaption className="flex min-h-5 items-baseline justify-between gap-3">
        <span className="text-[0.8125rem] font-semibold whitespace-nowrap">{title}</span>
        <span className="truncate text-xs text-muted">{shown ? `${dayName(shown.day)}: ${say(shown)}` : summary}</span>
      </figcaption>
      {highest === 0 ? (
        <p className="my-3 grid min-h-40 flex-1 place-items-center rounded-md border border-dashed border-line-strong/50 px-6 text-center text-muted">
          {empty}
        </p>
      ) : (
        <Plot title={title} summary={summary} bars={bars} top={top} write={write} pointed={pointed} onPoint={setPointed} />
      )}
      {highest > 0 && children}
      {highest > 0 && <Table title={title} days={days} columns={columns} />}
    </figure>
  );
}

const sum = (parts: readonly Part[]): number => parts.reduce((all, { value }) => all + value, 0);

interface PlotProps {
  title: string;
  summary: string;
  bars: readonly { day: OverviewDay; parts: Part[] }[];
  top: number;
  write: (value: number) => string;
  pointed: number | null;
  onPoint: (index: number | null) => void;
}

function Plot({ title, summary, bars, top, write, pointed, onPoint }: PlotProps) {
  const first = bars[0]?.day.day;
  const middle = bars[Math.floor(bars.length / 2)]?.day.day;
  const follow = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / width) * bars.length);
    onPoint(Math.max(0, Math.min(bars.length - 1, at)));
  };
  return (
    <div className="my-3">
      <div className="flex">
        <div
          role="img"
          aria-label={`${title}, a bar for each day: ${summary}. The table below has the numbers.`}
          className="relative h-36 flex-1 border-b border-line-strong/60"
          onPointerMove={follow}
          onPointerLeave={() => onPoint(null)}
        >
          <span className="absolute inset-x-0 top-0 border-t border-dashed border-line" />
          <span className="absolute inset-x-0 top-1/2 border-t border-dashed border-line" />
          <div className={`absolute inset-0 flex items-end ${bars.length > 45 ? "gap-px" : "gap-0.5 sm:gap-1"}`}>
            {bars.map(({ day, parts }, index) => (
              <span
                key={day.day}
                className={`flex h-full min-w-0 flex-1 flex-col-reverse rounded-t-xs ${index === pointed ? "bg-raised" : ""}`}
              >
                {parts.map(({ id, value, tone }) => (
                  <span
                    key={id}
                    className={`w-full shrink-0 border-t border-surface last:rounded-t-xs ${tone}`}
                    style={{ height: `max(3px, ${(value / top) * 100}%)` }}
                  />
                ))}
              </span>
            ))}
          </div>
        </div>
        <div aria-hidden className="relative w-12 shrink-0 text-right text-2xs whitespace-nowrap text-muted">
          <span className="absolute top-0 right-0 -translate-y-1/2">{write(top)}</span>
          <span className="absolute top-1/2 right-0 -translate-y-1/2">{write(top / 2)}</span>
          <span className="absolute right-0 bottom-0 translate-y-1/2">0</span>
        </div>
      </div>
      <div aria-hidden className="mt-1 mr-12 flex justify-between text-2xs text-muted">
        <span>{first && dayName(first)}</span>
        <span>{middle && dayName(middle)}</span>
        <span>Today</span>
      </div>
    </div>
  );
}

function Table({ title, days, columns }: Pick<Props, "title" | "days" | "columns">) {
  return (
    <details className="group/table mt-3 text-xs">
      <summary className="inline-flex min-h-6 items-center gap-1 rounded text-muted hover:text-ink pointer-coarse:min-h-11">
        <ChevronRight className="size-3.5 transition-transform group-open/table:rotate-90" aria-hidden />
        As a table
      </summary>
      <section tabIndex={0} aria-label={`${title} by day`} className="mt-1 max-h-64 overflow-auto rounded-md border border-line">
        <table className="w-full border-collapse text-right">
          <thead className="sticky top-0 bg-raised text-muted">
            <tr>
              <th scope="col" className="px-2 py-1.5 text-left font-medium">
                Day (UTC)
              </th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" className="px-2 py-1.5 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...days].reverse().map((day) => (
              <tr key={day.day} className="border-t border-line">
                <th scope="row" className="px-2 py-1 text-left font-normal whitespace-nowrap">
                  {dayName(day.day)}
                </th>
                {columns.map(({ name, cell }) => (
                  <td key={name} className="px-2 py-1">
                    {cell(day)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
