import { expect, it } from "vitest";
import { toolLine } from "@/lib/tool-lines";

it.each([
  ["code__read", { path: "shop/pricing.py", start_line: 20, end_line: 29 }, "Read", "shop/pricing.py:20–29"],
  ["code__search", { path: "shop", query: "total(" }, "Search", "total("],
  ["code__log", { repository: "01a2", commit: "635c40cd6c4831aef21ca5fc62e365f1dad40027" }, "Read history", "635c40cd6c"],
  ["code__list_files", { repository: "01a2" }, "List", ""],
  ["code__show", { commit: "9d0e77c1", path: "shop" }, "Show commit", "9d0e77c1"],
  ["code__show", { commit: "9d0e77c1" }, "Show commit", "9d0e77c1"],
  ["code__owners", { path: "a.py" }, "Look up owners", "a.py"],
  ["code__check_patch", { commit: "9d0e77c1" }, "Try the patch on", "9d0e77c1"],
  ["github__merge_request", { title: "x" }, "github: merge request", "x"],
  ["ping", {}, "ping", ""],
])("tells %s in words", (tool, args, verb, object) => {
  expect(toolLine(tool, args)).toEqual({ verb, object });
});

it("shows the error of a traceback, not its first line", () => {
  const report = 'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: 7';
  expect(toolLine("code__locate", { report }).object).toBe("KeyError: 7");
});

it("keeps a long argument on one line", () => {
  expect(toolLine("code__search", { query: "x".repeat(500) }).object).toHaveLength(160);
});
