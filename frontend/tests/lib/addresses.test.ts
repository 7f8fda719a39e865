import { expect, it } from "vitest";
import { issueKeyIn, safeNext } from "@/lib/addresses";

it("reads the key of an issue from the path, and none from the bare shell", () => {
  expect(issueKeyIn("/issues/SAH-12/")).toBe("SAH-12");
  expect(issueKeyIn("/issues/_/")).toBe("");
});

it.each([
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/.//evil.example/x",
  "/./\\evil.example/",
  "/x/..//evil.example",
  "/%2e//evil.example",
  "/\n\\evil.example",
  null,
])("does not lead to %s after signing in", (next) => {
  expect(safeNext(next)).toBe("/");
});

it("leads back to where one was", () => {
  expect(safeNext("/issues/SAH-12/?run=2#evidence-3")).toBe("/issues/SAH-12/?run=2#evidence-3");
});
