import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { Connection } from "@/components/settings/slack/connection";
import { SlackCheck } from "@/components/settings/slack/slack-check";
import { Workspaces } from "@/components/settings/slack/workspaces";
import { installation, type SlackWorkspace } from "@/lib/api/installation";

beforeEach(() => {
  vi.restoreAllMocks();
});
const show = (page: ReactNode) => render(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);

const WORKSPACE: SlackWorkspace["workspaces"][number] = {
  workspace: "T1",
  name: "Acme",
  team_key: "SAH",
  team_name: "SAHUR",
  state: "connected",
  revoked_reason: "",
  revoked_at: null,
  token_expires_at: null,
  missing_scopes: [],
  installed_by: "Ada",
  installed_at: "2026-01-01T00:00:00Z",
};
const TEAMS = [
  { key: "SAH", name: "SAHUR" },
  { key: "OPS", name: "Operations" },
];
const data = (workspaces: SlackWorkspace["workspaces"], teams = TEAMS) =>
  ({ workspaces, teams_to_install: teams }) as unknown as SlackWorkspace;
const rowOf = (text: string) => within(screen.getByText(text).closest("tr") as HTMLElement);

it("offers to install again what is revoked or lacks permissions, and nothing where all is well", () => {
  const revoked = { ...WORKSPACE, workspace: "T2", name: "Old", state: "revoked" as const, revoked_reason: "token_revoked" };
  const lacking = { ...WORKSPACE, workspace: "T3", name: "Short", missing_scopes: ["reactions:read"] };
  show(<Workspaces data={data([WORKSPACE, revoked, lacking])} />);
  expect(rowOf("T1").queryByText("Install again")).toBeNull();
  expect(rowOf("T2").getByText("Install again").getAttribute("href")).toBe("/slack/install?team=SAH");
  expect(rowOf("T3").getByText("reactions:read")).toBeTruthy();
});

it("offers no installation for a team that one is no admin of", () => {
  show(<Workspaces data={data([{ ...WORKSPACE, team_key: "OTH", state: "expired" }], [])} />);
  expect(screen.getByText("Tokens ended")).toBeTruthy();
  expect(screen.queryByRole("link")).toBeNull();
});

it("adds a workspace for the team that was chosen", async () => {
  show(<Workspaces data={data([])} />);
  await userEvent.selectOptions(screen.getByLabelText("Its reports go to"), "OPS");
  expect(screen.getByRole("link", { name: "Add to Slack" }).getAttribute("href")).toBe("/slack/install?team=OPS");
});

it.each([
  [0, "Not connected"],
  [1, "Connected"],
  [null, "Valkey does not answer, so nothing is known of it"],
])("says whether Socket Mode is connected: %s", (socket_connections, told) => {
  show(<Connection data={{ ...data([]), mode: "socket", socket_connections }} />);
  expect(screen.getByText(told)).toBeTruthy();
});

it("asks Slack only when somebody wants to know, and says what is missing with the next step", async () => {
  const missing = { part: "Scopes", level: "missing" as const, said: "Not granted: reactions:read.", workspace: "T1" };
  const check = vi.spyOn(installation, "checkSlack").mockResolvedValue({
    findings: [
      { ...missing, next_step: "Call `manage.py slack manifest`, and install the app again." },
      { part: "Team", level: "ok", said: "Reports belong to SAH.", next_step: "", workspace: "" },
    ],
  });
  show(<SlackCheck />);
  expect(check).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  expect(await screen.findByText("1 missing.")).toBeTruthy();
  expect(screen.getByText("manage.py slack manifest").tagName).toBe("CODE");
});
