import { expect, it } from "vitest";
import type { IssueSummary, ListedIssue } from "@/lib/api-types";
import { filterOf, fits, isFiltered, NO_FILTER, queryOf } from "@/lib/issue-filter";
import {
  driftAfter,
  emptyAtTheEnd,
  firstPage,
  issuesOf,
  isUnread,
  markSeen,
  mergeIssues,
  NO_DRIFT,
  type Pages,
} from "@/lib/issue-pages";

const issue = (number: number, more: Partial<ListedIssue> = {}): ListedIssue => ({
  key: `SAH-${number}`,
  title: `Problem ${number}`,
  status: "open",
  source: "web",
  reporter: "Rita",
  repository: "shop",
  team: "SAH",
  joined: null,
  created_at: `2026-01-01T00:0${number}:00Z`,
  updated_at: `2026-01-01T00:0${number}:00Z`,
  news_at: `2026-01-01T00:0${number}:00Z`,
  seen_at: "2026-01-02T00:00:00Z",
  run: null,
  ...more,
});
const told = (number: number, more: Partial<ListedIssue> = {}): IssueSummary => {
  const { seen_at: _, ...summary } = issue(number, more);
  return summary;
};
const pages = (next: string | null = null): Pages => ({
  pages: [
    { results: [issue(5), issue(4)], next: "cursor" },
    { results: [issue(3)], next },
  ],
  pageParams: [undefined, "cursor"],
});
const known = new Map<string, string>();
const asked = { filter: NO_FILTER, myName: "Rita", known, isFirst: false };
const keysOf = (set: ReadonlySet<string>) => [...set];

it("reads from an address what it can mean, and writes it in one order", () => {
  const filter = filterOf(new URLSearchParams("unread=true&team=SAH&verdict=sure&run_status=waiting&q=a%20b&page=2"));
  expect(filter).toEqual({ ...NO_FILTER, q: "a b", run_status: "waiting", team: "SAH", unread: true });
  expect(queryOf(filter)).toBe("q=a+b&run_status=waiting&team=SAH&unread=true");
  expect(filterOf(new URLSearchParams(queryOf(filter)))).toEqual(filter);
  expect(filterOf(new URLSearchParams({ q: "a".repeat(5_000) })).q).toHaveLength(200);
  expect([isFiltered(filter), isFiltered(NO_FILTER)]).toEqual([true, false]);
});

it("knows by itself whether an issue fits, but for words and for what was seen", () => {
  const run = { status: "succeeded", verdict: "likely" } as IssueSummary["run"];
  const one = told(1, { run });
  const all = { ...NO_FILTER, status: "open", verdict: "likely", run_status: "succeeded", team: "sah" } as const;
  expect(fits(one, { ...all, repository: "shop", reporter: "me" }, "Rita")).toBe(true);
  for (const part of [{ status: "closed" }, { verdict: "confirmed" }, { run_status: "failed" }, { team: "PAY" }] as const) {
    expect(fits(one, { ...NO_FILTER, ...part }, "Rita")).toBe(false);
  }
  expect(fits(one, { ...NO_FILTER, reporter: "me" }, "Bo")).toBe(false);
  expect(fits(one, { ...NO_FILTER, q: "cart" }, "Rita")).toBeNull();
  expect(fits(one, { ...NO_FILTER, unread: true, team: "PAY" }, "Rita")).toBe(false);
});

it("replaces a changed issue where it stands, and keeps what one has seen", () => {
  const merged = issuesOf(mergeIssues(pages(), [told(4, { title: "new title", news_at: "2026-01-03T00:00:00Z" })]));
  expect(merged.map(({ title }) => title)).toEqual(["Problem 5", "new title", "Problem 3"]);
  expect(merged.map(isUnread)).toEqual([false, true, false]);
  const seen = markSeen(
    { pages: [{ results: merged, next: null }], pageParams: [] },
    new Map([["SAH-4", "2026-01-03T00:00:00Z"]]),
  );
  expect(issuesOf(seen).map(isUnread)).toEqual([false, false, false]);
});

it("has a new issue wait, also in the first frame, and takes it back when it no longer belongs", () => {
  const open = { ...asked, filter: { ...NO_FILTER, status: "open" } as const, isFirst: true };
  const after = driftAfter(NO_DRIFT, pages(), [told(6), told(5)], open);
  expect([keysOf(after.arrived), keysOf(after.left)]).toEqual([["SAH-6"], []]);
  const closed = driftAfter(after, pages(), [told(6, { status: "closed" }), told(4, { status: "closed" })], open);
  expect([keysOf(closed.arrived), keysOf(closed.left)]).toEqual([[], ["SAH-4"]]);
  expect(keysOf(driftAfter(closed, pages(), [told(4)], open).left)).toEqual([]);
});

it("does not call new what belongs to a page that is not loaded", () => {
  expect(keysOf(driftAfter(NO_DRIFT, pages("more"), [told(1)], asked).arrived)).toEqual([]);
  expect(keysOf(driftAfter(NO_DRIFT, pages(), [told(1)], asked).arrived)).toEqual(["SAH-1"]);
});

it("takes for a maybe only what is news since the socket told of it", () => {
  const search = { ...asked, filter: { ...NO_FILTER, q: "cart" }, known: new Map([["SAH-6", issue(6).news_at]]) };
  expect(keysOf(driftAfter(NO_DRIFT, pages(), [told(6)], search).arrived)).toEqual([]);
  expect(keysOf(driftAfter(NO_DRIFT, pages(), [told(7)], { ...search, isFirst: true }).arrived)).toEqual([]);
  expect(keysOf(driftAfter(NO_DRIFT, pages(), [told(6, { news_at: "2026-01-02T00:00:00Z" }), told(7)], search).arrived)).toEqual([
    "SAH-6",
    "SAH-7",
  ]);
});

it("counts how long nothing was found", () => {
  const none = { results: [], next: "cursor" };
  expect(emptyAtTheEnd({ pages: [none, ...pages().pages, none, none], pageParams: [] })).toBe(2);
  expect([emptyAtTheEnd(pages()), emptyAtTheEnd({ pages: [none], pageParams: [] }), emptyAtTheEnd(undefined)]).toEqual([0, 1, 0]);
});

it("begins anew with the first page", () => {
  expect(issuesOf(firstPage(pages())).map(({ key }) => key)).toEqual(["SAH-5", "SAH-4"]);
});
