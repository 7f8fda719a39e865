import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { ResumeRun } from "@/components/run/resume-run";
import { RunEnding } from "@/components/run/run-ending";
import { api } from "@/lib/api";
import type { Issue, RunSummary } from "@/lib/api-types";
import { initialRunState, type RunState } from "@/lib/run-state";

const push = vi.hoisted(() => vi.fn());
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

const run = (number: number, forked_from: string | null = null): RunSummary => ({
  id: `run-${number}`,
  number,
  status: "canceled",
  stage: "analyze",
  verdict: null,
  model: "",
  forked_from,
  fork_kind: forked_from ? "resume" : null,
  ended_at: null,
  cost_usd: null,
  has_unpriced_calls: false,
});
const issue = (runs: RunSummary[]) => ({ key: "SAH-1", runs }) as Issue;
const stopped: RunState = {
  ...initialRunState,
  status: "canceled",
  canceled: {
    by: "Rita",
    facts: ["It fails in `total` [1]"],
    hypotheses: ["The deploy"],
    wouldLookAt: "Read the log",
    joined: "",
  },
};
const show = (state: RunState, runs: RunSummary[], mayAct = true) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RunEnding run={state} known={new Set([1])}>
        <ResumeRun issue={issue(runs)} runId="run-1" mayAct={mayAct} />
      </RunEnding>
    </QueryClientProvider>,
  );

const resume = vi.spyOn(api, "resumeRun");
beforeEach(() => {
  resume.mockReset().mockResolvedValue({ number: 2 } as never);
  push.mockReset();
});

it("tells what was known when it was stopped, and what came next", () => {
  show(stopped, [run(1)]);
  const parts = ["Found until then", "Held possible", "It was about to"].map(
    (name) => screen.getByRole("region", { name }).textContent,
  );
  expect(parts[0]).toContain("It fails in total");
  expect(parts[1]).toContain("(not proven)");
  expect(parts[2]).toContain("Read the log");
});

it("goes on as a further run, which is then shown", async () => {
  show(stopped, [run(1)]);
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  expect(resume).toHaveBeenCalledExactlyOnceWith("run-1", "resume-run-1");
  expect(push).toHaveBeenCalledWith("/issues/SAH-1/?run=2");
});

it("leads to the run that goes on already", () => {
  show(stopped, [run(2, "run-1"), run(1)]);
  expect(screen.getByRole("link", { name: "Resumed as run 2" }).getAttribute("href")).toMatch(/SAH-1\/?\?run=2$/);
  expect(screen.queryByRole("button")).toBeNull();
});

it("offers nothing to a viewer", () => {
  show(stopped, [run(1)], false);
  expect(screen.queryByRole("button")).toBeNull();
});

it("lets a failed run be resumed, too", () => {
  const failure = { stage: "analyze", code: "model_error", cause: "No key.", nextStep: "Set one." } as const;
  show({ ...initialRunState, status: "failed", failure }, [run(1)]);
  expect(screen.getByRole("article", { name: "Failure" }).textContent).toContain("Set one.");
  expect(screen.getByRole("button", { name: "Resume" })).toBeTruthy();
});

it("leads to the investigation that a run has joined", () => {
  const joined = { by: "Rita", facts: [], hypotheses: [], wouldLookAt: "", joined: "SAH-3" };
  show({ ...initialRunState, status: "canceled", canceled: joined }, [run(1)]);
  expect(screen.getByRole("link", { name: "SAH-3" }).getAttribute("href")).toContain("SAH-3");
  expect(screen.queryByRole("button", { name: "Resume" })).toBeNull();
});
