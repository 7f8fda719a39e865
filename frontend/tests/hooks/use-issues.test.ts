import { expect, it } from "vitest";
import { mergeIssues } from "@/hooks/use-issues";
import type { IssueSummary } from "@/lib/api-types";

const issue = (key: string, more: Partial<IssueSummary> = {}): IssueSummary => ({
  key,
  title: key,
  status: "open",
  source: "web",
  reporter: "Rita",
  repository: null,
  team: "SAH",
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  run: null,
  ...more,
});
const pages = { pages: [{ results: [issue("SAH-2"), issue("SAH-1")], next: null }], pageParams: [undefined] };

it("replaces a changed issue where it stands", () => {
  const merged = mergeIssues(pages, [issue("SAH-1", { title: "new title" })]);
  expect(merged.pages.pages[0]?.results.map(({ title }) => title)).toEqual(["SAH-2", "new title"]);
  expect(merged.hasUnknown).toBe(false);
});

it("leaves it to the server where a new or newly closed issue belongs", () => {
  expect(mergeIssues(pages, [issue("SAH-3")]).hasUnknown).toBe(true);
  expect(mergeIssues(pages, [issue("SAH-1", { status: "closed" })]).hasUnknown).toBe(true);
});
