/** How what models took is written. */
import { count, money } from "./format";
import type { RunUsage } from "./run-state";

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

/** "2,310 in, 140 out, $0.004": what the model calls of one step took; "" where there were none. */
export function stepUsageText(usage: RunUsage): string {
  if (usage.model_calls === 0) return "";
  const tokens = `${count(usage.input_tokens)} in, ${count(usage.output_tokens)} out`;
  return usage.cost_usd > 0 ? `${tokens}, ${money(usage.cost_usd)}` : tokens;
}
