/** The filter of the audit log: as typed, as in the address, and as the server is asked. */
import type { AuditQuery } from "./api/audit";
import { startOfDay, startOfNextDay } from "./days";

export interface AuditFilter {
  actor: string;
  action: string;
  target: string;
  /** First and last day, such as `2026-12-31`, in the person's own zone. */
  from: string;
  to: string;
}

const FIELDS = ["actor", "action", "target", "from", "to"] as const;

export const NO_FILTER: AuditFilter = { actor: "", action: "", target: "", from: "", to: "" };

export function filterIn(params: Pick<URLSearchParams, "get">): AuditFilter {
  return Object.fromEntries(FIELDS.map((field) => [field, params.get(field) ?? ""])) as unknown as AuditFilter;
}

/** The address that shows this; only what is set stands in it. */
export function auditAddress(team: string, filter: AuditFilter): string {
  const set = FIELDS.filter((field) => filter[field].trim() !== "").map((field) => [field, filter[field].trim()]);
  const query = new URLSearchParams([...(team ? [["team", team]] : []), ...set] as string[][]).toString();
  return `/settings/audit/${query ? `?${query}` : ""}`;
}

export const isFiltered = (filter: AuditFilter): boolean => FIELDS.some((field) => filter[field].trim() !== "");

/** Days become moments: the whole last day is within. */
export function auditQuery(team: string, filter: AuditFilter): AuditQuery {
  const query: AuditQuery = {
    team,
    actor: filter.actor.trim(),
    action: filter.action.trim(),
    target: filter.target.trim(),
    since: startOfDay(filter.from)?.toISOString(),
    until: startOfNextDay(filter.to)?.toISOString(),
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value)) as AuditQuery;
}

/** "issue.closed" as people say it: "issue closed". */
export const actionText = (action: string): string => action.replace(".", " ").replaceAll("_", " ");

/** The parts of an entry's detail, one line each. */
export function detailLines(detail: Record<string, unknown>): { name: string; value: string }[] {
  return Object.entries(detail).map(([name, value]) => ({
    name: name.replaceAll("_", " "),
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
}
