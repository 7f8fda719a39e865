/** How times, durations, sizes and names of states are written. */
import type { Issue, IssueSummary } from "./api-types";
import type { Stage, Verdict } from "./event-types.gen";
import type { RunStatus, ToolCallState } from "./run-state";

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1000);
  if (minutes < 60) return `${minutes} min ${String(seconds).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export function between(from: string | null, to: string | number | null): number | null {
  if (!from || to === null) return null;
  return Math.max(0, (typeof to === "number" ? to : Date.parse(to)) - Date.parse(from));
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });

export const clockTime = (at: string): string => clock.format(new Date(at));
export const fullTime = (at: string): string => dateTime.format(new Date(at));

/** "just now", "5 min. ago", "yesterday". */
export function ago(at: string, now: number): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return "just now";
  if (size < 2700) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 79_200) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1_000_000 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

export const count = (value: number): string => new Intl.NumberFormat("en").format(value);

/** Dollars; small amounts keep the digits that tell them apart. */
export const money = (usd: number): string => `$${usd.toFixed(usd !== 0 && Math.abs(usd) < 0.1 ? 4 : 2)}`;

/** One or two letters that stand for a person. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}

export const shortSha = (sha: string): string => sha.slice(0, 10);

export const STAGE_NAMES: Record<Stage, string> = {
  gather_context: "Gather context",
  analyze: "Analyze",
  propose_solution: "Propose solution",
  publish: "Publish",
};

export const RUN_STATUS_NAMES: Record<RunStatus, string> = {
  queued: "Queued",
  running: "Running",
  waiting: "Waiting for an answer",
  succeeded: "Succeeded",
  failed: "Failed",
  canceled: "Stopped",
};

export const VERDICT_NAMES: Record<Verdict, string> = { confirmed: "Confirmed", likely: "Likely", inconclusive: "Inconclusive" };

export const TOOL_STATE_NAMES: Record<ToolCallState, string> = {
  running: "running",
  ok: "ok",
  error: "error",
  no_data: "no data",
  denied: "denied",
  awaiting_approval: "needs approval",
  lost: "no outcome",
};

export type Severity = NonNullable<Issue["severity"]>;

export const SEVERITY_NAMES: Record<Severity, string> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
};
export const SEVERITIES = Object.keys(SEVERITY_NAMES) as Severity[];

const SOURCE_NAMES: Record<IssueSummary["source"], string> = {
  slack: "Slack",
  web: "web",
  api: "API",
  cli: "command line",
};

/** "Rita via web"; the names of guests of Slack end so themselves. */
export function withSource(name: string, source: IssueSummary["source"]): string {
  const via = ` via ${SOURCE_NAMES[source]}`;
  return name.endsWith(via) ? name : name + via;
}
