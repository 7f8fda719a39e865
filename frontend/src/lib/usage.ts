/** How what models took is written. */
import { count, money } from "./format";
import type { RunUsage } from "./run-state";

/** The name of the rules that stand in where no model is connected: what is reckoned for them are no tokens of a vendor. */
const OFFLINE = "offline";

export const isOffline = (model: string): boolean => model === OFFLINE;

interface Cost {
  model_calls: number;
  /** Of the calls whose price is known. */
  cost_usd: number;
  unpriced_calls: number;
}

/** "$0.12"; a part of it only where some calls have no known price; "" where nothing was spent. */
export function costText({ model_calls, cost_usd, unpriced_calls }: Cost): string {
  if (unpriced_calls === 0) return cost_usd > 0 ? money(cost_usd) : "";
  if (unpriced_calls >= model_calls) return "price not known";
  return `at least ${money(cost_usd)}: ${unpriced_calls} without a known price`;
}

/** "2,310 in, 140 out, $0.004": what the calls of a vendor's model took in one step; "" where there were none. */
export function stepUsageText(usage: RunUsage): string {
  if (usage.model_calls === 0 || isOffline(usage.model)) return "";
  const tokens = `${count(usage.input_tokens)} in, ${count(usage.output_tokens)} out`;
  return usage.cost_usd > 0 ? `${tokens}, ${money(usage.cost_usd)}` : tokens;
}
