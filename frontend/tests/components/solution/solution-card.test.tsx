import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { SolutionCard } from "@/components/solution/solution-card";
import type { Solution } from "@/lib/event-types.gen";
import { noUsage } from "@/lib/run-state";
import * as files from "@/lib/save-file";

const solution: Solution = {
  verdict: "likely",
  summary: "Carts without a coupon fail.",
  root_cause: "The check for a missing coupon was removed.",
  claims: [
    { kind: "root_cause", statement: "The check for a missing coupon was removed", evidence: [3] },
    { kind: "symptom", statement: "Checkout answers 500.", evidence: [1] },
    { kind: "ruled_out", statement: "It is not the coupon table.", evidence: [] },
    { kind: "contributing_factor", statement: "No test has a cart without a coupon.", evidence: [2] },
  ],
  locations: [],
  suspect_commit: null,
  unresolved: ["Whether refunds fail, too."],
  would_decide: ["The log of refunds."],
  next_step: "Put the check back.",
  owners: [{ name: "Mara Lind", source: "blame", paths: ["shop/pricing.py"] }],
  proposed_fix: "",
  patch: null,
  dropped_claims: 2,
  budget: null,
  used_llm: true,
  usage: noUsage,
};
const evidence = [1, 2, 3].map((number) => ({
  id: `e${number}`,
  number,
  statement: "",
  excerpt: "",
  receipt_id: "r",
  tool: "code__read",
  path: "",
  line: null,
  commit: "",
}));
const patch = {
  diff: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
  commit: "4f1c2ab93d7e51c0aa",
  paths: ["x"],
  receipt_id: "r",
  test_run: null,
};
const show = (more: Partial<Solution> = {}) =>
  render(<SolutionCard solution={{ ...solution, ...more }} evidence={evidence} isProvisional={false} name="SAH-1-run-2" />);
const titles = () => screen.getAllByRole("heading", { level: 3 }).map((heading) => heading.textContent);

it("groups what it says by kind, the cause first", () => {
  show();
  expect(titles()).toEqual([
    "Next step",
    "Root cause",
    "Contributing factors",
    "Symptoms",
    "Ruled out",
    "Who may know",
    "Still open",
    "What would decide it",
  ]);
});

it("says the cause once, with the evidence of its claim", () => {
  show();
  const cause = screen.getByRole("region", { name: "Root cause" });
  expect(cause.textContent?.match(/was removed/g)).toHaveLength(1);
  expect(within(cause).getByRole("link", { name: "Evidence 3" })).toBeTruthy();
});

it("counts what was left out for want of evidence", () => {
  show();
  expect(screen.getByText("2 statements were left out: no evidence backs them.")).toBeTruthy();
});

it("names who may know, and why", () => {
  show();
  expect(screen.getByRole("region", { name: "Who may know" }).textContent).toContain(
    "Mara Lind · changed it last: shop/pricing.py",
  );
});

it("puts what would decide it first where no cause was found", () => {
  show({ verdict: "inconclusive", root_cause: "", claims: [] });
  expect(titles().slice(0, 3)).toEqual(["Next step", "Still open", "What would decide it"]);
  expect(screen.getByText(/The evidence does not show one cause/)).toBeTruthy();
});

it("asks under a confirmed cause for no decision, but says how to be sure", () => {
  show({ verdict: "confirmed" });
  expect(titles().at(-1)).toBe("To be sure");
});

it("tells the limit that ended it early", () => {
  show({ budget: { rung: 2, scope: "team", measure: "cost_usd", spent: 20, limit: 20 } });
  expect(screen.getByRole("note").textContent).toContain("$20.00 of $20.00 spent by the team today");
});

it("gives the patch away as a file that is named after its run", async () => {
  const save = vi.spyOn(files, "saveFile").mockReturnValue();
  show({ patch });
  await userEvent.click(screen.getByRole("button", { name: "Download .patch" }));
  expect(save).toHaveBeenCalledExactlyOnceWith("SAH-1-run-2.patch", patch.diff, "text/x-diff");
  expect(screen.getByRole("region", { name: "Patch" }).textContent).toContain("Applies to 4f1c2ab93d");
});

it("copies exactly the patch, and says so", async () => {
  userEvent.setup();
  show({ patch });
  await userEvent.click(screen.getByRole("button", { name: "Copy" }));
  expect(await navigator.clipboard.readText()).toBe(patch.diff);
  expect(screen.getByRole("status").textContent).toBe("The patch was copied.");
});

it.each([
  [{ passed: true, exit_code: 0 }, "Tests passed"],
  [{ passed: false, exit_code: 2 }, "Tests failed (exit code 2)"],
  [{ passed: false, exit_code: null }, "Tests were stopped at their time limit"],
])("tells what the tests said: %j", (outcome, told) => {
  show({ patch: { ...patch, test_run: { command: "make test", output: "1 failed", receipt_id: "r", ...outcome } } });
  expect(screen.getByRole("region", { name: "Patch" }).textContent).toContain(told);
  expect(screen.getByRole("region", { name: "Output of the tests" }).textContent).toContain("1 failed");
});

it("says that no tests were run where there is no sandbox", () => {
  show({ patch });
  expect(screen.getByText(/The team's tests were not run/)).toBeTruthy();
});
