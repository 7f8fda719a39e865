import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { IssueHeader } from "@/components/issues/issue-header";
import { SimilarIssues } from "@/components/issues/similar-issues";
import { api } from "@/lib/api";
import type { Issue, RunSummary, SimilarIssue } from "@/lib/api-types";
import { currentNotices } from "@/lib/notices";
import { initialRunState } from "@/lib/run-state";
import * as saving from "@/lib/save-file";

vi.mock("next/navigation", () => ({ useRouter: () => ({ replace: vi.fn() }) }));

const ISSUE = {
  key: "SAH-12",
  title: "Checkout fails",
  status: "open",
  source: "web",
  reporter: "Rita",
  repository: "shop",
  revision: "main",
  created_at: "2026-01-01T11:59:00Z",
  resolution: "",
  body: "It fails.",
  activity: [],
  runs: [],
  joined: null,
  joined_by: [],
} as unknown as Issue;
const RUN = { id: "r1", number: 1, status: "succeeded" } as RunSummary;

const show = (issue: Issue, mayAct: boolean) =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <IssueHeader issue={issue} run={RUN} mayAct={mayAct} state={initialRunState} />
      <SimilarIssues issueKey="SAH-12" />
    </QueryClientProvider>,
  );
const menu = async () => {
  await userEvent.click(screen.getByRole("button", { name: "More actions" }));
  return within(screen.getByRole("menu", { name: "More actions" }));
};
const names = (list: HTMLElement[]) => list.map((item) => item.textContent?.trim());

const similar = vi.spyOn(api, "similarToIssue");
beforeEach(() => {
  similar.mockReset().mockResolvedValue({ results: [] });
  HTMLElement.prototype.showPopover = vi.fn();
  HTMLElement.prototype.hidePopover = vi.fn();
});

it("offers readers the post-mortem draft, and nothing that changes the issue", async () => {
  const saved = vi.spyOn(saving, "saveFile").mockReturnValue();
  show(ISSUE, false);
  const items = (await menu()).getAllByRole("menuitem");
  expect(names(items)).toEqual(["Copy as Markdown", "Download .md", "Print"]);
  expect(screen.queryByRole("button", { name: "Close issue" })).toBeNull();
  await userEvent.click(items[1] as HTMLElement);
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(saved.mock.calls[0]?.[0]).toBe("sah-12-run-1-post-mortem.md");
  expect(saved.mock.calls[0]?.[1]).toMatch(/^# Post-mortem draft: SAH-12 Checkout fails\n/);
});

it("offers responders another run of an open issue, and a replay case of a closed one", async () => {
  const start = vi.spyOn(api, "startRun").mockResolvedValue({ id: "r2" } as never);
  const page = show(ISSUE, true);
  await userEvent.click((await menu()).getByRole("menuitem", { name: "Start another run" }));
  expect(start).toHaveBeenCalledTimes(1);
  page.unmount();
  show({ ...ISSUE, status: "closed" }, true);
  expect(screen.getByRole("button", { name: "Reopen issue" })).toBeTruthy();
  expect(names((await menu()).getAllByRole("menuitem"))).toContain("Make a replay case");
});

it("copies the draft, and says so where the browser does not let it", async () => {
  const write = vi.fn().mockRejectedValue(new DOMException("no", "NotAllowedError"));
  show(ISSUE, false);
  const items = (await menu()).getAllByRole("menuitem");
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(write);
  fireEvent.click(items[0] as HTMLElement);
  await waitFor(() => expect(currentNotices().at(-1)?.text).toMatch(/Download the draft instead/));
  expect(write.mock.calls[0]?.[0]).toMatch(/^# Post-mortem draft/);
});

it("shows what was reported before, that there was nothing, and what went wrong with a way to try again", async () => {
  const found = { key: "SAH-7", title: "Carts fail", status: "closed", verdict: "confirmed", matched: ["KeyError"] };
  similar.mockRejectedValueOnce(new Error("down"));
  show(ISSUE, false);
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No issue of this team resembles it.")).toBeTruthy();
  similar.mockResolvedValue({ results: [{ ...found, ending_kind: "resolution", ending: "Reverted." } as SimilarIssue] });
  show(ISSUE, false);
  const link = await screen.findByRole("link", { name: "Carts fail" });
  expect(link.getAttribute("href")).toMatch(/^\/issues\/SAH-7/);
  expect(screen.getByText(/Closed · Confirmed/)).toBeTruthy();
  expect(screen.getByText("Reverted.", { exact: false })).toBeTruthy();
});

it("leads from a joined report to the investigation, and from there to all reports", () => {
  show({ ...ISSUE, status: "closed", resolution: "The same problem as SAH-3", joined: "SAH-3" }, true);
  expect(screen.getByRole("link", { name: "SAH-3" }).getAttribute("href")).toContain("SAH-3");
  expect(screen.queryByText("Resolution:")).toBeNull();
  const report = { key: "SAH-14", title: "Payment fails", reporter: "Olga", where: "a private channel" };
  show({ ...ISSUE, joined_by: [report] }, true);
  const also = within(screen.getByRole("region", { name: "Also reported" }));
  expect(also.getByRole("link", { name: "SAH-14" })).toBeTruthy();
  expect(also.getByText(/Olga in a private channel/)).toBeTruthy();
});

it.each([
  ["Rita", "slack", "· Rita via Slack"],
  ["Omar via Slack", "slack", "· Omar via Slack"],
  ["Omar via Slack", "web", "· Omar via Slack via web"],
] as const)("says once by which way it came: %s, %s", (reporter, source, told) => {
  show({ ...ISSUE, reporter, source }, false);
  expect(screen.getByText(told)).toBeTruthy();
});
