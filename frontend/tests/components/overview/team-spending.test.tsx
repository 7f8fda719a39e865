import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { TeamSpending } from "@/components/overview/team-spending";
import { api } from "@/lib/api";
import type { Me, TeamBudget, TeamUsage, UsageOfDay } from "@/lib/api-types";

const none = { tokens: null, cost_usd: null, tool_calls: null, seconds: null };
const budget = {
  ask_at: 0.8,
  run: none,
  day: { ...none, cost_usd: 20 },
  spent_today: { tokens: 1200, cost_usd: 18, unpriced_calls: 0, model_calls: 4, tool_calls: 9, seconds: 60 },
} as TeamBudget;
const day = (model: string, model_calls: number): UsageOfDay => ({
  day: "2026-01-01",
  model,
  model_calls,
  input_tokens: 2000,
  output_tokens: 100,
  cached_input_tokens: 0,
  cost_usd: 1.5,
  unpriced_calls: 0,
  tool_calls: 0,
  seconds: 0,
});
const show = (role: "admin" | "responder") =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TeamSpending me={{ user: null, csrf_token: "", teams: [{ id: 7, key: "SAH", name: "Shop", role }] } as Me} />
    </QueryClientProvider>,
  );

const usage = vi.spyOn(api, "teamUsage");
beforeEach(() => {
  vi.spyOn(api, "teamBudget").mockResolvedValue(budget);
  usage.mockReset().mockResolvedValue({ results: [day("fake:deep", 3), day("", 0)], total: {} } as unknown as TeamUsage);
});

it("is shown to those who set the limits only", () => {
  show("responder");
  expect(screen.queryByText(/today/)).toBeNull();
});

it("tells what was spent of the day's limit at a glance, and asks for more only when it is opened", async () => {
  show("admin");
  expect(await screen.findByText("$18.00 of $20.00 · 1,200 tokens")).toBeTruthy();
  expect(usage).not.toHaveBeenCalled();
  const details = screen.getByText("Shop today").closest("details") as HTMLDetailsElement;
  details.open = true;
  fireEvent(details, new Event("toggle"));
  expect(await screen.findByRole("cell", { name: "fake:deep" })).toBeTruthy();
  expect(screen.getAllByRole("row")).toHaveLength(2);
  expect(usage).toHaveBeenCalledExactlyOnceWith(7);
});
