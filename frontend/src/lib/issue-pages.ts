/** The loaded pages of the issue list, and what the socket tells about them. */
import type { IssuePage, IssueSummary, ListedIssue } from "./api-types";
import { fits, type IssueFilter } from "./issue-filter";

export interface Pages {
  pages: IssuePage[];
  pageParams: unknown[];
}

export const isUnread = (issue: ListedIssue): boolean => Date.parse(issue.news_at) > Date.parse(issue.seen_at);

const mapIssues = (pages: Pages, change: (issue: ListedIssue) => ListedIssue): Pages => ({
  ...pages,
  pages: pages.pages.map((page) => ({ ...page, results: page.results.map(change) })),
});

/** How many of the last pages brought nothing: the server looks at some issues a page, and maybe none of them fits. */
export function emptyAtTheEnd(pages: Pages | undefined): number {
  const all = pages?.pages ?? [];
  return all.length - 1 - all.findLastIndex((page) => page.results.length > 0);
}

export const issuesOf = (pages: Pages | undefined): ListedIssue[] => pages?.pages.flatMap((page) => page.results) ?? [];

/** Replaces what is shown by what has changed, where it stands: nothing moves under the pointer. */
export function mergeIssues(pages: Pages, changed: readonly IssueSummary[]): Pages {
  const byKey = new Map(changed.map((issue) => [issue.key, issue]));
  // What one has seen is told by nobody else: the socket says the same to all.
  return mapIssues(pages, (issue) => ({ ...issue, ...byKey.get(issue.key) }));
}

/** What one has seen, from now on. */
export function markSeen(pages: Pages, seenAt: ReadonlyMap<string, string>): Pages {
  return mapIssues(pages, (issue) => ({ ...issue, seen_at: seenAt.get(issue.key) ?? issue.seen_at }));
}

/** Only the first page: the rest is loaded again as one scrolls. */
export const firstPage = (pages: Pages): Pages => ({
  pages: pages.pages.slice(0, 1),
  pageParams: pages.pageParams.slice(0, 1),
});

/** Keys of issues that belong into the list and are not in it, and of those in it that no longer do. */
export interface Drift {
  arrived: ReadonlySet<string>;
  left: ReadonlySet<string>;
}

export const NO_DRIFT: Drift = { arrived: new Set(), left: new Set() };

interface Told {
  filter: IssueFilter;
  myName: string;
  /** When each issue last had news, as far as the socket has told. */
  known: ReadonlyMap<string, string>;
  /** The socket's first frame tells what is there, not what is new. */
  isFirst: boolean;
}

/** The drift after these changes; a change may also undo what was thought before. */
export function driftAfter(before: Drift, pages: Pages, changed: readonly IssueSummary[], told: Told): Drift {
  const shown = issuesOf(pages);
  const keys = new Set(shown.map((issue) => issue.key));
  const oldest = pages.pages.at(-1)?.next ? shown.at(-1)?.created_at : undefined;
  const arrived = new Set(before.arrived);
  const left = new Set(before.left);
  for (const issue of changed) {
    const answer = fits(issue, told.filter, told.myName);
    const isOffTheEnd = oldest !== undefined && Date.parse(issue.created_at) < Date.parse(oldest);
    const news = told.known.get(issue.key);
    const maybe = !told.isFirst && (news === undefined || Date.parse(issue.news_at) > Date.parse(news));
    const belongs = !isOffTheEnd && (answer ?? maybe);
    if (keys.has(issue.key)) toggle(left, issue.key, answer === false);
    else if (answer !== null || maybe) toggle(arrived, issue.key, belongs);
  }
  return { arrived, left };
}

function toggle(set: Set<string>, key: string, isIn: boolean): void {
  if (isIn) set.add(key);
  else set.delete(key);
}
