/** The form of a team's budget: limits as people choose and type them, and as the server has them. */
import type { TeamBudget } from "./api-types";
import { count, duration, money } from "./format";
import type { BudgetRung } from "./run-state";
import type { components } from "./schema.gen";

export type BudgetChange = components["schemas"]["TeamBudgetRequest"];

type Measure = BudgetRung["measure"];
export type Scope = "run" | "day";
export type LimitName = `${Scope}_${Measure}`;

interface MeasureOfForm {
  measure: Measure;
  label: string;
  /** What is typed: "US dollars". */
  unit: string;
  /** How many of the server's units one of the typed ones is. */
  factor: number;
  isWhole: boolean;
  write: (amount: number) => string;
}

export const MEASURES: readonly MeasureOfForm[] = [
  { measure: "cost_usd", label: "Cost", unit: "US dollars", factor: 1, isWhole: false, write: money },
  { measure: "tokens", label: "Tokens", unit: "tokens", factor: 1, isWhole: true, write: count },
  { measure: "tool_calls", label: "Tool calls", unit: "calls", factor: 1, isWhole: true, write: count },
  {
    measure: "seconds",
    label: "Working time",
    unit: "minutes",
    factor: 60,
    isWhole: false,
    write: (seconds) => duration(seconds * 1000),
  },
];

export const SCOPES: readonly Scope[] = ["run", "day"];

/** `settings`: as whoever runs the installation has set it. */
export interface LimitField {
  choice: "settings" | "own" | "none";
  text: string;
}

export interface BudgetForm {
  limits: Record<LimitName, LimitField>;
  /** Percent of a limit at which people are asked. */
  askAt: string;
  asks: boolean;
}

export type BudgetProblems = Partial<Record<LimitName | "ask_at", string>>;

const nameOf = (scope: Scope, measure: Measure): LimitName => `${scope}_${measure}`;

export function budgetForm(budget: TeamBudget): BudgetForm {
  const limits = {} as Record<LimitName, LimitField>;
  for (const scope of SCOPES) {
    for (const { measure, factor } of MEASURES) {
      const name = nameOf(scope, measure);
      limits[name] = fieldOf(budget[name], factor);
    }
  }
  return { limits, askAt: String(Math.round(budget.ask_at * 100)), asks: budget.asks };
}

function fieldOf(own: number | null, factor: number): LimitField {
  if (own === null) return { choice: "settings", text: "" };
  // Two digits are a cent, and less than a second.
  return own === 0 ? { choice: "none", text: "" } : { choice: "own", text: String(Math.round((own / factor) * 100) / 100) };
}

/** What is sent, or what is wrong where. `budget` is what the form was made from. */
export function budgetChange(form: BudgetForm, budget: TeamBudget): { change: BudgetChange } | { problems: BudgetProblems } {
  const problems: BudgetProblems = {};
  const limits = {} as Record<LimitName, number | null>;
  const was = budgetForm(budget).limits;
  for (const scope of SCOPES) {
    for (const measure of MEASURES) {
      const name = nameOf(scope, measure.measure);
      const field = form.limits[name];
      // Not read from its text again, which is rounded.
      if (field.choice === was[name].choice && field.text === was[name].text) limits[name] = budget[name];
      else {
        const limit = limitOf(field, measure);
        if (typeof limit === "string") problems[name] = limit;
        else limits[name] = limit;
      }
    }
  }
  const percent = numberIn(form.askAt);
  if (percent === null || percent < 10 || percent > 100) problems.ask_at = "A number from 10 to 100.";
  if (percent === null || Object.keys(problems).length > 0) return { problems };
  // Of a budget that nobody has changed yet, any change is a later one.
  const seen_at = budget.changed?.at ?? new Date(0).toISOString();
  return { change: { ...limits, ask_at: percent / 100, asks: form.asks, seen_at } };
}

function limitOf({ choice, text }: LimitField, { factor, isWhole }: MeasureOfForm): number | null | string {
  if (choice === "settings") return null;
  if (choice === "none") return 0;
  const amount = numberIn(text);
  if (amount === null || amount <= 0) return "A number above 0.";
  if (isWhole && !Number.isInteger(amount)) return "A whole number.";
  return amount > 1e9 ? "At most 1,000,000,000." : amount * factor;
}

/** Also with commas between the thousands, as the page writes them. */
export function numberIn(text: string): number | null {
  const plain = text.trim().replace(/^\$/, "");
  if (!/^\d+(\.\d+)?$|^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain)) return null;
  return Number(plain.replaceAll(",", ""));
}
