/** How limits and what was spent of them are written. */
import { count, duration, money } from "./format";
import type { BudgetRung } from "./run-state";

const amounts: Record<BudgetRung["measure"], (spent: number, limit: number) => string> = {
  cost_usd: (spent, limit) => `${money(spent)} of ${money(limit)}`,
  tokens: (spent, limit) => `${count(spent)} of ${count(limit)} tokens`,
  tool_calls: (spent, limit) => `${count(spent)} of ${count(limit)} tool calls`,
  seconds: (spent, limit) => `${duration(spent * 1000)} of ${duration(limit * 1000)} working time`,
};

/** "$0.30 of $0.30 spent by this run". */
export function spentOf({ measure, scope, spent, limit }: BudgetRung): string {
  return `${amounts[measure](spent, limit)} ${scope === "run" ? "spent by this run" : "spent by the team today"}`;
}
