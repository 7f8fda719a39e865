import { Panel } from "@/components/ui/panel";
import { count, money } from "@/lib/format";
import { compact, type ModelSpending, percent, sumSpending } from "@/lib/overview";

/** What each model cost each team. */
export function Spending({ rows, isOneTeam }: { rows: readonly ModelSpending[]; isOneTeam: boolean }) {
  const { cost, calls } = sumSpending(rows);
  return (
    <Panel title={isOneTeam ? "Cost by model" : "Cost by team and model"} aside={calls > 0 ? `${count(calls)} calls` : ""}>
      {rows.length === 0 ? (
        <p className="px-3 py-6 text-center text-muted">No model was called in these days. What each one costs shows here.</p>
      ) : (
        <section tabIndex={0} aria-label="Models" className="max-h-96 overflow-auto">
          <table className="w-full table-fixed border-collapse text-left text-[0.8125rem]">
            <colgroup>
              <col />
              <col className="w-14 sm:w-36" />
              <col className="w-28" />
            </colgroup>
            <thead className="sr-only">
              <tr>
                <th scope="col">Model</th>
                <th scope="col">Share of the cost</th>
                <th scope="col">Cost</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {rows.map((row) => (
                <Row key={`${row.team} ${row.model}`} row={row} part={percent(row.cost_usd, cost)} isOneTeam={isOneTeam} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

function Row({ row, part, isOneTeam }: { row: ModelSpending; part: number | null; isOneTeam: boolean }) {
  const isUnpriced = row.model_calls > 0 && row.unpriced_calls >= row.model_calls;
  const facts = [isOneTeam ? "" : row.team, `${count(row.model_calls)} calls`, row.tokens > 0 && `${compact(row.tokens)} tokens`];
  return (
    <tr>
      <th scope="row" className="px-3 py-2 font-normal">
        <span className="block truncate font-mono text-xs" title={row.model}>
          {row.model}
        </span>
        <span className="block text-xs text-muted">{facts.filter(Boolean).join(" · ")}</span>
      </th>
      <td>
        {!isUnpriced && part !== null && (
          <span className="flex items-center justify-end gap-2">
            <span className="h-1.5 flex-1 overflow-hidden rounded-full bg-raised max-sm:hidden" aria-hidden>
              <span className="block h-full rounded-full bg-accent" style={{ width: `${part}%` }} />
            </span>
            <span className="w-9 shrink-0 text-right text-xs whitespace-nowrap text-muted">{part} %</span>
          </span>
        )}
      </td>
      <td className="py-2 pr-3 text-right">
        {isUnpriced ? <span className="text-xs text-muted">no known price</span> : <Cost row={row} />}
      </td>
    </tr>
  );
}

function Cost({ row }: { row: ModelSpending }) {
  return (
    <>
      <span className="font-medium">{money(row.cost_usd)}</span>
      {row.unpriced_calls > 0 && <span className="block text-xs text-muted">without {count(row.unpriced_calls)} calls</span>}
    </>
  );
}
