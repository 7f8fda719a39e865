import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it, vi } from "vitest";
import { IssuePage } from "@/components/issues/issue-page";
import { api } from "@/lib/api";
import type { Issue, Me, RunSummary } from "@/lib/api-types";

let search = "";
vi.mock("next/navigation", () => ({ usePathname: () => "/issues/SAH-1/", useSearchParams: () => new URLSearchParams(search) }));
const me = { user: { username: "rita" }, teams: [] } as unknown as Me;
vi.mock("@/components/shell/app-shell", () => ({
  AppShell: ({ children }: { children: (me: Me) => ReactNode }) => children(me),
}));
vi.mock("@/components/run/run-view", () => ({ RunView: ({ run }: { run: RunSummary }) => <h1>Run {run.number}</h1> }));

it.each([
  ["run=1", 1, false],
  ["", 2, false],
  ["run=99", 2, true],
  ["run=abc", 2, true],
])("shows for ?%s run %i, and says where that is another one than was asked for", async (asked, number, isOther) => {
  search = asked;
  const runs = [1, 2].map((each) => ({ id: `r${each}`, number: each, status: "succeeded" }));
  vi.spyOn(api, "issue").mockResolvedValue({ key: "SAH-1", title: "x", team: "SAH", activity: [], runs } as unknown as Issue);
  vi.spyOn(api, "markSeen").mockResolvedValue({ results: [] } as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <IssuePage />
    </QueryClientProvider>,
  );
  expect(await screen.findByRole("heading", { name: `Run ${number}` })).toBeTruthy();
  expect(screen.queryByText(/This issue has no run/) !== null).toBe(isOther);
});

it("has in its tab's title how the run stands, and stopped is none that has joined another issue", async () => {
  search = "";
  const activity = [{ number: 1, kind: "issue.joined", actor: "Bo", detail: { issue: "SAH-2" }, at: "2026-01-01T00:00:00Z" }];
  const issue = { key: "SAH-1", title: "x", team: "SAH", activity, runs: [{ id: "r1", number: 1, status: "canceled" }] };
  vi.spyOn(api, "issue").mockResolvedValue(issue as unknown as Issue);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <IssuePage />
    </QueryClientProvider>,
  );
  await waitFor(() => expect(document.title).toBe("Joined · SAH-1 x"));
});
