/** The filters of the issue list: as its address has them, as the server takes them, and whether an issue fits. */
import type { IssueSummary } from "./api-types";
import type { RunStatus, Verdict } from "./run-state";

export interface IssueFilter {
  q: string;
  status: "" | "open" | "closed";
  /** Of the latest run, as `run_status` is. */
  verdict: "" | Verdict;
  run_status: "" | RunStatus;
  /** Its key. */
  team: string;
  repository: string;
  /** A name, or `me`. */
  reporter: string;
  unread: boolean;
}

export const NO_FILTER: IssueFilter = {
  q: "",
  status: "",
  verdict: "",
  run_status: "",
  team: "",
  repository: "",
  reporter: "",
  unread: false,
};

export const VERDICTS: readonly Verdict[] = ["confirmed", "likely", "inconclusive"];
export const RUN_STATUSES: readonly RunStatus[] = ["queued", "running", "waiting", "succeeded", "failed", "canceled"];

const oneOf = <T extends string>(value: string | null, known: readonly T[]): T | "" => known.find((each) => each === value) ?? "";

/** Of words and names, as the server takes them. */
const MAX_CHARS = 200;

/** What an address says. What it cannot mean is left out, so that an old link never ends in an error. */
export function filterOf(params: URLSearchParams): IssueFilter {
  const text = (name: string) => (params.get(name) ?? "").slice(0, MAX_CHARS);
  return {
    q: text("q"),
    status: oneOf(params.get("status"), ["open", "closed"] as const),
    verdict: oneOf(params.get("verdict"), VERDICTS),
    run_status: oneOf(params.get("run_status"), RUN_STATUSES),
    team: text("team"),
    repository: text("repository"),
    reporter: text("reporter"),
    unread: params.get("unread") === "true",
  };
}

/** Without what is not asked for, in one order: the same filter is always the same text, as the server keeps views. */
export function queryOf(filter: IssueFilter): string {
  const asked = Object.keys(NO_FILTER).flatMap((name) => {
    const value = filter[name as keyof IssueFilter];
    return value ? [[name, String(value)]] : [];
  });
  return new URLSearchParams(asked).toString();
}

export const isFiltered = (filter: IssueFilter): boolean => queryOf(filter) !== "";

/**
 * Whether the issue belongs into the list; null where only the server can tell: it knows all words of a report, and what
 * somebody has seen elsewhere.
 */
export function fits(issue: IssueSummary, filter: IssueFilter, myName: string): boolean | null {
  const isAsItSays =
    (!filter.status || issue.status === filter.status) &&
    (!filter.verdict || issue.run?.verdict === filter.verdict) &&
    (!filter.run_status || issue.run?.status === filter.run_status) &&
    (!filter.team || issue.team === filter.team.toUpperCase()) &&
    (!filter.repository || issue.repository === filter.repository) &&
    (!filter.reporter || issue.reporter === (filter.reporter === "me" ? myName : filter.reporter));
  if (!isAsItSays) return false;
  return filter.q !== "" || filter.unread ? null : true;
}
