import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { ChannelSettings } from "@/components/settings/slack/channel-settings";
import { EditChannel } from "@/components/settings/slack/edit-channel";
import { SlackPeople } from "@/components/settings/slack/slack-people";
import { repositories } from "@/lib/api/repositories";
import { type SlackChannel, type SlackChannels, type SlackPerson, slack } from "@/lib/api/slack";

const WORKSPACE = { workspace: "T1", name: "Acme", team_key: "SAH", guest_role: "responder" as const, has_own_guest_role: true };
const CHANNEL: SlackChannel = {
  workspace: "T1",
  channel: "C1",
  name: "payments",
  is_private: false,
  is_shared: false,
  is_member: true,
  asked_at: "2026-01-01T00:00:00Z",
  is_foreign: false,
  team: "",
  repository: "",
  takes_alerts: false,
  issues: 2,
  last_report_at: "2026-01-02T00:00:00Z",
  changed_by: "",
  changed_at: null,
};
const RITA: SlackPerson = {
  id: "7",
  workspace: "T1",
  workspace_name: "Acme",
  user: "U1",
  name: "Rita",
  account: "rita",
  account_name: "Rita Okafor",
  linked_by: "email",
  linked_at: "2026-01-01T00:00:00Z",
};
const data = (results: SlackChannel[], workspaces: SlackChannels["workspaces"] = [WORKSPACE]): SlackChannels => ({
  results,
  workspaces,
  teams: [{ key: "OPS", name: "Operations" }],
});

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(repositories, "repositories").mockResolvedValue({
    results: [
      { name: "till", team: "OPS" },
      { name: "shop", team: "SAH" },
    ],
    next: null,
  } as never);
});
const show = (page: ReactNode) => render(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);
const rowOf = (text: string) => within(screen.getByText(text).closest("tr") as HTMLElement);

it("says of each channel what Slack said of it, and of a foreign team's only that it is one", async () => {
  const odd = { ...CHANNEL, channel: "C2", name: "", is_private: null, is_member: false, is_foreign: true };
  vi.spyOn(slack, "channels").mockResolvedValue(data([CHANNEL, odd]));
  show(<ChannelSettings />);
  expect(await screen.findByText("#payments")).toBeTruthy();
  expect(rowOf("#payments").getByText("Public")).toBeTruthy();
  expect(rowOf("#payments").getByText("SAH, as the workspace")).toBeTruthy();
  expect(rowOf("C2").getByText("Unknown")).toBeTruthy();
  expect(rowOf("C2").getByText("SAHUR is not in it")).toBeTruthy();
  expect(rowOf("C2").getByText("a team that is not yours")).toBeTruthy();
});

it("offers the repositories of the team that gets the reports, and sends what the person saw", async () => {
  const change = vi.spyOn(slack, "changeChannel").mockResolvedValue(CHANNEL);
  const seen = { ...CHANNEL, changed_at: "2026-01-03T00:00:00Z" };
  show(<EditChannel channel={seen} data={data([seen])} onClose={() => {}} />);
  expect(await screen.findByRole("option", { name: "shop" })).toBeTruthy();
  await userEvent.selectOptions(screen.getByLabelText("Its reports go to"), "OPS");
  await userEvent.selectOptions(screen.getByLabelText("They are about"), "till");
  await userEvent.click(screen.getByLabelText(/What apps post is a report/));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(change).toHaveBeenCalledWith(seen, {
    team: "OPS",
    repository: "till",
    takes_alerts: true,
    seen_at: "2026-01-03T00:00:00Z",
  });
});

it("leaves a foreign team's channel with that team unless another one is chosen", async () => {
  const change = vi.spyOn(slack, "changeChannel").mockResolvedValue(CHANNEL);
  const foreign = { ...CHANNEL, is_foreign: true };
  show(<EditChannel channel={foreign} data={data([foreign])} onClose={() => {}} />);
  expect(screen.queryByRole("checkbox")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(change.mock.calls[0]?.[1]).toMatchObject({ team: null, repository: null, takes_alerts: null });
});

it("asks once more before a link is taken away, and offers nothing where there is none", async () => {
  const guest = { ...RITA, id: "8", user: "U2", name: "Otto", account: "", account_name: "", linked_by: "", linked_at: null };
  vi.spyOn(slack, "channels").mockResolvedValue(data([]));
  vi.spyOn(slack, "people").mockResolvedValue({ results: [RITA, guest], next: null });
  const unlink = vi.spyOn(slack, "unlink").mockResolvedValue(undefined as never);
  show(<SlackPeople />);
  expect(await screen.findByText("none: a guest")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Unlink Otto" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Unlink Rita" }));
  expect(unlink).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Take the link away" }));
  expect(unlink).toHaveBeenCalledWith("7", expect.anything());
});

it("sets what guests may with the role that was seen, and shows the settings' role as it is", async () => {
  const own = { ...WORKSPACE, workspace: "T2", name: "", guest_role: "viewer" as const, has_own_guest_role: false };
  vi.spyOn(slack, "channels").mockResolvedValue(data([], [WORKSPACE, own]));
  vi.spyOn(slack, "people").mockResolvedValue({ results: [], next: null });
  const set = vi.spyOn(slack, "setGuestRole").mockResolvedValue(undefined as never);
  show(<SlackPeople />);
  await userEvent.selectOptions(await screen.findByLabelText("Guests of Acme may"), "Nothing");
  expect(set).toHaveBeenCalledWith("T1", "", "responder");
  expect(screen.getByText("SAHUR_SLACK_GUEST_ROLE")).toBeTruthy();
});
