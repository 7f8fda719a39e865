/** Figures of the overview: shares, sums, the scale of its bars, and how they are said in words. */
import { count, duration, money } from "./format";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type Overview = Schemas["Overview"];
export type LiveRun = Schemas["LiveRun"];
export type OverviewDay = Schemas["OverviewDay"];
export type EndedRuns = Schemas["EndedRuns"];
export type ModelSpending = Schemas["ModelSpending"];
export type Spread = Schemas["Spread"];
export type GatewayHealth = Schemas["GatewayHealth"];
export type UpstreamHealth = Schemas["UpstreamHealth"];
export type WorkersHealth = Schemas["WorkersHealth"];
export type WorkerProcess = Schemas["WorkerProcess"];

export type Ending = keyof EndedRuns;

/** From the best to the worst, as bars and tables show them. */
export const ENDINGS: readonly Ending[] = ["confirmed", "likely", "inconclusive", "failed", "canceled"];

export const ENDING_NAMES: Record<Ending, string> = {
  confirmed: "Confirmed",
  likely: "Likely",
  inconclusive: "Inconclusive",
  failed: "Failed",
  canceled: "Stopped",
};

/** For how many days figures are shown. */
export const SPANS = [7, 30, 90] as const;
export type Span = (typeof SPANS)[number];

export interface Asked {
  /** Key of a team; empty for all. */
  team: string;
  days: Span;
}

/** What the address asks for; anything else means the usual. */
export function askedFor(params: { get: (name: string) => string | null }): Asked {
  const days = SPANS.find((span) => String(span) === params.get("days")) ?? 30;
  return { team: params.get("team")?.toUpperCase() ?? "", days };
}

/** The address's query for it, without what is usual. */
export function overviewQuery({ team, days }: Asked): string {
  const params = new URLSearchParams();
  if (team) params.set("team", team);
  if (days !== 30) params.set("days", String(days));
  return params.size ? `?${params}` : "";
}

/** Runs that have given an answer. */
export const answersOf = (ended: EndedRuns): number => ended.confirmed + ended.likely + ended.inconclusive;

export const totalOf = (ended: EndedRuns): number => ENDINGS.reduce((sum, ending) => sum + ended[ending], 0);

/** Whole percents; null of nothing. What is not quite all or nothing is never rounded to it. */
export function percent(part: number, whole: number): number | null {
  if (whole === 0) return null;
  const exact = (part / whole) * 100;
  if (exact > 0 && exact < 1) return 1;
  return exact < 100 ? Math.min(99, Math.round(exact)) : 100;
}

/** "3 confirmed, 1 failed"; empty where nothing ended. */
export function endingsText(ended: EndedRuns): string {
  return ENDINGS.filter((ending) => ended[ending] > 0)
    .map((ending) => `${count(ended[ending])} ${ENDING_NAMES[ending].toLowerCase()}`)
    .join(", ");
}

/** The next number that is easy to read and to halve: 4, 6, 8, 10, 20, 40 … */
export function niceTop(highest: number, smallest: number): number {
  if (highest <= smallest) return smallest;
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * power >= highest - power * 1e-9) ?? 10;
  return step * power;
}

/** Dollars beside a scale, without the zeros that say nothing: "$0.005", "$20". */
export const scaleMoney = (usd: number): string => `$${usd >= 10_000 ? compact(usd) : Number(usd.toPrecision(2))}`;

const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });

/** "Nov 12", of a day in UTC. */
export const dayName = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));

/** In one line, however narrow it is. */
export function secondsText(seconds: number | null): string {
  return seconds === null ? "–" : duration(seconds * 1000).replaceAll(" ", "\u00a0");
}

export interface Spent {
  cost: number;
  tokens: number;
  calls: number;
  unpriced: number;
}

export function sumSpending(rows: readonly ModelSpending[]): Spent {
  return rows.reduce(
    (sum, row) => ({
      cost: sum.cost + row.cost_usd,
      tokens: sum.tokens + row.tokens,
      calls: sum.calls + row.model_calls,
      unpriced: sum.unpriced + row.unpriced_calls,
    }),
    { cost: 0, tokens: 0, calls: 0, unpriced: 0 },
  );
}

/** Of the calls whose price is known; "not known" where there are no such calls. */
export const costText = ({ cost, calls, unpriced }: Spent): string =>
  calls > 0 && unpriced >= calls ? "not known" : money(cost);

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** "1.2M". */
export const compact = (value: number): string => COMPACT.format(value);

/** Tokens where no call of these days had a price. */
export const measureOf = (days: readonly OverviewDay[]): "cost_usd" | "tokens" =>
  days.every((day) => day.cost_usd === 0) && days.some((day) => day.tokens > 0) ? "tokens" : "cost_usd";

const WAITS_TO = {
  question: "to answer a question",
  approval: "to approve a call",
  budget: "to allow more",
  join: "to say whether it is the same problem",
};

/** Whom a waiting run waits for. */
export function waitsFor(run: LiveRun): string {
  const [first] = run.asked;
  if (!first) return "Waits";
  const who = first.answerable_by === "admin" ? "an admin" : "somebody";
  const what = WAITS_TO[first.kind];
  const others = run.asked.length > 1 ? `, and ${run.asked.length - 1} more` : "";
  return `For ${who} ${what}${others}`;
}

/** What a person can do about the system, in one sentence each; empty where all is well. */
export function systemProblems({ gateway, workers }: Pick<Overview, "gateway" | "workers">): string[] {
  const found = workers.problem ? [workers.problem] : [];
  for (const { name, problem } of workers.services) if (problem) found.push(`${SERVICE_NAMES[name]}: ${problem}`);
  if (!gateway.is_well) found.push(gateway.problem || "The gateway is not well: tools may not answer.");
  return found;
}

export const SERVICE_NAMES: Record<WorkersHealth["services"][number]["name"], string> = {
  batch: "Investigations",
  effects: "Posts",
  index: "Repositories",
  reaper: "Recovery",
};
