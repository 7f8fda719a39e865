import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Diff, isDiff } from "@/components/solution/diff";

const FIX = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n same";

it("knows a diff from words", () => {
  expect(isDiff(FIX)).toBe(true);
  expect(isDiff("Put the check back: `if x is None:`")).toBe(false);
});

it("marks what goes and what comes, and not the names of the files", () => {
  render(<Diff text={FIX} />);
  expect(screen.getByText("-old").className).toContain("text-bad");
  expect(screen.getByText("+new").className).toContain("text-good");
  expect(screen.getByText("--- a/x.py").className).toContain("text-muted");
});
