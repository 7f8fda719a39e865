/** What the log of an issue's changes says, in words. */
import type { Activity, Issue, RunSummary } from "./api-types";
import { RUN_STATUS_NAMES } from "./format";

type Detail = Activity["detail"];

const TEXTS: Record<string, (detail: Detail) => string> = {
  "issue.opened": () => "reported it",
  "issue.closed": () => "closed the issue",
  "issue.reopened": () => "opened the issue again",
  "issue.repository_set": ({ repository }) => `named the repository ${repository}`,
  "issue.joined": ({ issue }) => `joined it to ${issue}, the same problem`,
  "issue.separated": ({ issue }) => `took it out of ${issue} again`,
  "issue.was_joined": ({ issue }) => `joined ${issue} to it, a report of the same problem`,
  "issue.was_left": ({ issue }) => `took ${issue} out of it again`,
};

/** What was done, after the name of who did it: "closed the issue". */
export const activityText = ({ kind, detail }: Pick<Activity, "kind" | "detail">): string =>
  TEXTS[kind]?.(detail) ?? kind.replaceAll(/[._]/g, " ");

/** Key of the issue that the run has joined instead of beginning; undefined for any other run. Only an issue's first can. */
export function joinedKey({ activity }: Pick<Issue, "activity">, run: Pick<RunSummary, "number" | "status">): string | undefined {
  if (run.number !== 1 || run.status !== "canceled") return undefined;
  const entry = activity.find(({ kind }) => kind === "issue.joined");
  return entry && String(entry.detail.issue);
}

/** How a run stands; one that has joined another investigation was stopped by nobody. */
export const runStatusName = (issue: Pick<Issue, "activity">, run: Pick<RunSummary, "number" | "status">): string =>
  joinedKey(issue, run) ? "Joined" : RUN_STATUS_NAMES[run.status];
