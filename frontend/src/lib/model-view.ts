/** What is said of models and their prices. */
import type { ConfiguredModel } from "./api/installation";

export const PART_NAMES: Record<ConfiguredModel["parts"][number], string> = {
  deep: "Deep",
  fast: "Fast",
  fallback: "Fallback",
  choice: "To choose",
};

export const PART_MEANINGS: Record<ConfiguredModel["parts"][number], string> = {
  deep: "Investigates and writes the answer",
  fast: "Triage and verification",
  fallback: "Answers while the ones before it cannot",
  choice: "People may start a run with it",
};

export const KEY_NAMES: Record<ConfiguredModel["key"], string> = {
  set: "Set",
  not_needed: "Not needed",
  vendor_variable: "Of the workers",
};

const REASONS: Record<string, string> = {
  rate_limited: "Its server asked for a pause (rate limit).",
  model_unavailable: "It did not answer.",
  model_misconfigured: "Its server refused: the key, the name or the account is wrong.",
  model_answer_invalid: "Its answers could not be used.",
};

/** Why a model rests. A newer worker may know reasons that this page does not. */
export const restReason = (reason: string): string => REASONS[reason] ?? "Its last call failed.";

/** Dollars per million tokens, as price lists write them: "$3", "$0.30", "$0.075". */
export function perMillion(usd: number): string {
  if (Number.isInteger(usd)) return `$${usd}`;
  return `$${usd.toFixed(Math.abs(usd * 100 - Math.round(usd * 100)) < 1e-9 ? 2 : 3)}`;
}

/** What a form about a price holds: what was typed. */
export interface PriceDraft {
  name: string;
  input: string;
  output: string;
  cached: string;
}

export const EMPTY_PRICE: PriceDraft = { name: "", input: "", output: "", cached: "" };

export function draftOf(price: { name: string; input: number; output: number; cached_input: number | null }): PriceDraft {
  return {
    name: price.name,
    input: String(price.input),
    output: String(price.output),
    cached: price.cached_input?.toString() ?? "",
  };
}

/** An empty field of cached input means: as any input. Fields that are no number are the browser's to refuse. */
export function priceBody(draft: PriceDraft): { name: string; input: number; output: number; cached_input: number | null } {
  return {
    name: draft.name.trim(),
    input: Number(draft.input),
    output: Number(draft.output),
    cached_input: draft.cached.trim() === "" ? null : Number(draft.cached),
  };
}

/** How prices name a model: without its provider and what stands before a slash. */
export const priceName = (model: string): string => {
  const name = model.slice(model.lastIndexOf("/") + 1);
  const [first = "", ...rest] = name.split(":");
  return rest.length > 0 ? rest.join(":") : first;
};
