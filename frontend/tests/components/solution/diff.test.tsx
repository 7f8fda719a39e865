import { render, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { Diff, isDiff } from "@/components/solution/diff";

const FIX = "--- a/x.py\n+++ b/x.py\n@@ -7,2 +7,2 @@ def x():\n-old\n+new\n same\n";

it("knows a diff from words", () => {
  expect(isDiff(FIX)).toBe(true);
  expect(isDiff("Put the check back: `if x is None:`")).toBe(false);
});

it("tells each line's number before and after, and by a sign what became of it", () => {
  render(<Diff text={FIX} />);
  const file = within(screen.getByRole("region", { name: "Changes of x.py" }));
  const rows = file.getAllByRole("row").map((row) =>
    within(row)
      .getAllByRole("cell")
      .map((cell) => cell.textContent),
  );
  expect(rows).toEqual([["@@ -7,2 +7,2 @@ def x():"], ["7", "", "−old"], ["", "7", "+new"], ["8", "8", " same"]]);
});

it("shows a diff that was cut, or is none, as it stands", () => {
  render(<Diff text={"- one answer\n+ another"} />);
  expect(screen.getByText("- one answer").className).toContain("text-bad");
});
