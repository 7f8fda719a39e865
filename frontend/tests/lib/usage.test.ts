import { expect, it } from "vitest";
import { noUsage } from "@/lib/run-state";
import { costText, stepUsageText } from "@/lib/usage";

it.each([
  [{ model_calls: 3, cost_usd: 0.0123, unpriced_calls: 0 }, "$0.0123"],
  [{ model_calls: 3, cost_usd: 1.5, unpriced_calls: 0 }, "$1.50"],
  [{ model_calls: 3, cost_usd: 0.5, unpriced_calls: 1 }, "at least $0.50: 1 without a known price"],
  [{ model_calls: 3, cost_usd: 0, unpriced_calls: 3 }, "price not known"],
  [{ model_calls: 0, cost_usd: 0, unpriced_calls: 0 }, ""],
])("never tells a part as the whole: %j", (usage, told) => {
  expect(costText(usage)).toBe(told);
});

it("says nothing of a step without calls of a vendor's model", () => {
  expect(stepUsageText(noUsage)).toBe("");
  expect(stepUsageText({ ...noUsage, model: "offline", model_calls: 1, input_tokens: 200 })).toBe("");
  const usage = { ...noUsage, model_calls: 1, input_tokens: 2310, output_tokens: 140, cost_usd: 0.004 };
  expect(stepUsageText(usage)).toBe("2,310 in, 140 out, $0.0040");
});
