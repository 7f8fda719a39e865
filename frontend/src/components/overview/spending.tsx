import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/states";
import { count } from "@/lib/format";
import { compact, costText, type ModelSpending, percent, sumSpending } from "@/lib/overview";

const COLUMNS: readonly Column<ModelSpending>[] = [
  { id: "model", header: "Model", cell: ({ model }) => <span className="font-mono text-xs break-all">{model}</span> },
  { id: "team", header: "Team", cell: ({ team }) => team },
  { id: "calls", header: "Calls", isNumber: true, cell: (row) => count(row.model_calls) },
  { id: "tokens", header: "Tokens", isNumber: true, cell: (row) => compact(row.tokens) },
  { id: "cost", header: "Cost", isNumber: true, cell: (row) => costText(row.cost_usd, row.model_calls, row.unpriced_calls) },
];

/** What each model cost each team. */
export function Spending({ rows, isOneTeam }: { rows: readonly ModelSpending[]; isOneTeam: boolean }) {
  if (rows.length === 0) {
    return <EmptyState title="No model was called in these days">What each model costs each team shows here.</EmptyState>;
  }
  const total = sumSpending(rows).cost;
  const share: Column<ModelSpending> = {
    id: "share",
    header: "Share of cost",
    cell: ({ cost_usd }) => <Share part={percent(cost_usd, total)} />,
  };
  const columns = [...COLUMNS.filter(({ id }) => !isOneTeam || id !== "team"), share];
  return (
    <DataTable label="Cost by team and model" columns={columns} rows={rows} rowKey={({ team, model }) => `${team} ${model}`} />
  );
}

function Share({ part }: { part: number | null }) {
  if (part === null) return <span className="text-muted">–</span>;
  return (
    <span className="flex items-center gap-2">
      <span className="h-1.5 w-16 overflow-hidden rounded-full bg-raised" aria-hidden>
        <span className="block h-full rounded-full bg-accent" style={{ width: `${part}%` }} />
      </span>
      <span className="text-xs text-muted">{part} %</span>
    </span>
  );
}
