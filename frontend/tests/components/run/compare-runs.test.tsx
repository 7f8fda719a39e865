import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import CompareRuns from "@/components/run/compare-runs";
import { RunLines } from "@/components/run/run-lines";
import { api } from "@/lib/api";
import type { ComparedRun, Issue, RunDifference } from "@/lib/api-types";

const compared = (number: number, verdict: ComparedRun["verdict"]): RunDifference["first"] => ({
  id: `run-${number}`,
  number,
  status: "succeeded",
  stage: "publish",
  verdict,
  model: "",
  forked_from: null,
  fork_kind: null,
  ended_at: null,
  cost_usd: null,
  has_unpriced_calls: false,
  usage: {
    model: "m",
    model_calls: 2,
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    cost_usd: 0.5,
    known_cost_usd: 0.5,
    unpriced_calls: 0,
    tool_calls: 4,
    seconds: 10,
  },
});
const side = (root_cause: string) => ({ verdict: null, summary: "s", root_cause, suspect_commit: null, next_step: "n" });
const claim = (statement: string) => ({ statement, evidence: [1], kind: "symptom" as const });
const empty = { both: [], only_first: [], only_second: [] };
const told: RunDifference = {
  first: compared(1, "likely"),
  second: compared(2, "inconclusive"),
  difference: {
    first: side("The check was removed."),
    second: side(""),
    differs: ["verdict", "root_cause", "claims"],
    locations: empty,
    claims: { both: [claim("Checkout fails")], only_first: [claim("The deploy is guilty")], only_second: [] },
    evidence: empty,
    tool_calls: { ...empty, both: [{ tool: "code__read", arguments: { path: "a.py" }, status: "ok", receipt_id: "r" }] },
  },
};
const ISSUE = { key: "SAH-9", activity: [] } as unknown as Issue;
const show = (issue: Issue, answer: RunDifference) => {
  vi.spyOn(api, "compareRuns").mockResolvedValue(answer);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CompareRuns issue={issue} first={answer.first} second={answer.second} onClose={() => undefined} />
    </QueryClientProvider>,
  );
};

it("tells what differs, what only one of them says, and what both do", async () => {
  show(ISSUE, told);
  const cause = await screen.findByRole("region", { name: "Root cause" });
  for (const words of ["differs", "The check was removed.", "No cause is named."]) expect(cause.textContent).toContain(words);
  const claims = screen.getByRole("region", { name: "Claims" });
  expect(claims.textContent).toContain("Only in run 1–Symptom: The deploy is guilty");
  expect(claims.textContent).toContain("Only in run 2Nothing");
  expect(within(claims).getByText(/In both/).textContent).toContain("(1)");
  expect(screen.getByRole("region", { name: "Tool calls" }).textContent).toContain("the same");
  expect(screen.queryByRole("region", { name: "Locations" })).toBeNull();
  expect(screen.getByText("Inconclusive")).toBeTruthy();
});

describe("of an issue that had joined another one, and goes on by itself", () => {
  const first = { ...compared(1, null), status: "canceled" as const };
  const joined = { number: 2, kind: "issue.joined", actor: "Rita", detail: { issue: "SAH-2" }, at: "2026-01-01T00:00:00Z" };
  const issue = { ...ISSUE, activity: [joined], runs: [told.second, first] } as unknown as Issue;

  it("nobody stopped the first run, where it is compared", async () => {
    show(issue, { ...told, first });
    expect(await screen.findByText("Joined")).toBeTruthy();
    expect(screen.queryByText("Stopped")).toBeNull();
  });

  it.each([
    [issue, "Joined"],
    [{ ...issue, activity: [] }, "Stopped"],
  ])("the list of runs says so, too", (shown, name) => {
    render(<RunLines issue={shown} run={told.second} />);
    expect(within(screen.getAllByRole("listitem")[0] as HTMLElement).getByText(name)).toBeTruthy();
  });
});
