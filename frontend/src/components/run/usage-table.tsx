import type { UsageOfDay } from "@/lib/api-types";
import { count } from "@/lib/format";
import { costText, isOffline } from "@/lib/usage";

/** What was spent, by day (UTC) and model, the latest day first. */
export function UsageTable({ days, label = "By day and model" }: { days: readonly UsageOfDay[]; label?: string }) {
  // Tool calls and time belong to no model: their rows would be empty here.
  const rows = days.filter(({ model_calls }) => model_calls > 0).toSorted((a, b) => b.day.localeCompare(a.day));
  if (rows.length === 0) return <p className="text-[0.8125rem] text-muted">No model was called in the last thirty days.</p>;
  return (
    <section aria-label={label} tabIndex={0} className="max-h-72 overflow-auto">
      <table className="w-full text-left text-[0.8125rem]">
        <thead className="sticky top-0 bg-surface text-xs text-muted">
          <tr>
            <th className="py-1 pr-4 font-medium">Day (UTC)</th>
            <th className="py-1 pr-4 font-medium">Model</th>
            <th className="py-1 pr-4 text-right font-medium">Calls</th>
            <th className="py-1 pr-4 text-right font-medium">Tokens in, out</th>
            <th className="py-1 text-right font-medium">Cost</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={`${row.day} ${row.model}`}>
              <td className="py-1 pr-4 whitespace-nowrap">{row.day}</td>
              <td className="py-1 pr-4 whitespace-nowrap">{isOffline(row.model) ? "none (offline rules)" : row.model}</td>
              <td className="py-1 pr-4 text-right">{count(row.model_calls)}</td>
              <td className="py-1 pr-4 text-right whitespace-nowrap">
                {isOffline(row.model) ? "–" : `${count(row.input_tokens)}, ${count(row.output_tokens)}`}
              </td>
              <td className="py-1 text-right whitespace-nowrap">{costText(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
