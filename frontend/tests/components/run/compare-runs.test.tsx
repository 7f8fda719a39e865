import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import CompareRuns from "@/components/run/compare-runs";
import { api } from "@/lib/api";
import type { ComparedRun, RunDifference } from "@/lib/api-types";

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

it("tells what differs, what only one of them says, and what both do", async () => {
  vi.spyOn(api, "compareRuns").mockResolvedValue(told);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CompareRuns first={told.first} second={told.second} onClose={() => undefined} />
    </QueryClientProvider>,
  );
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
