import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { IssueList } from "@/components/issues/issue-list";
import { api } from "@/lib/api";
import { views } from "@/lib/api/views";
import type { IssuePage, ListedIssue, Me } from "@/lib/api-types";
import { ApiError, toProblem } from "@/lib/problem";
import { FakeWebSocket, FakeWebSocketClass } from "../../fake-web-socket";

const me = {
  user: { username: "rita", name: "Rita", must_change_password: false, is_staff: false },
  teams: [{ id: 1, key: "SAH", name: "Shop", role: "responder" }],
  csrf_token: "",
} as Me;
vi.mock("@/components/shell/app-shell", () => ({
  AppShell: ({ children }: { children: (me: Me) => React.ReactNode }) => children(me),
}));
vi.mock("next/navigation", () => ({
  usePathname: () => "/",
  useSearchParams: () => new URLSearchParams(location.search),
}));

const issue = (number: number, more: Partial<ListedIssue> = {}): ListedIssue => ({
  key: `SAH-${number}`,
  title: `Problem ${number}`,
  status: "open",
  source: "web",
  reporter: "Rita",
  repository: null,
  team: "SAH",
  joined: null,
  created_at: `2026-01-01T00:0${number}:00Z`,
  updated_at: `2026-01-01T00:0${number}:00Z`,
  news_at: `2026-01-01T00:0${number}:00Z`,
  seen_at: "2026-01-02T00:00:00Z",
  run: null,
  ...more,
});
const page = (...results: ListedIssue[]): IssuePage => ({ results, next: null });

const list = vi.spyOn(api, "issues");
const close = vi.spyOn(api, "closeIssues");
const mark = vi.spyOn(api, "markSeen");
beforeEach(() => {
  FakeWebSocket.opened = [];
  vi.stubGlobal("WebSocket", FakeWebSocketClass);
  history.replaceState(null, "", "/");
  list.mockReset().mockResolvedValue(page(issue(2, { news_at: "2026-01-03T00:00:00Z" }), issue(1)));
  close.mockReset();
  mark.mockReset().mockResolvedValue({ results: [{ key: "SAH-2", seen_at: "2026-01-04T00:00:00Z" }] });
  vi.spyOn(views, "views").mockResolvedValue({
    results: [{ id: "v1", name: "Waiting", query: "run_status=waiting", created_at: "2026-01-01T00:00:00Z" }],
  });
  vi.spyOn(api, "repositories").mockResolvedValue({ results: [], next: null } as never);
});

async function show(): Promise<HTMLElement[]> {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <IssueList />
    </QueryClientProvider>,
  );
  const rows = await screen.findByRole("list", { name: "Issues" });
  return within(rows).getAllByRole("listitem");
}
const tell = (...issues: ListedIssue[]) =>
  act(() => {
    if (FakeWebSocket.last.readyState === 0) FakeWebSocket.last.accept();
    FakeWebSocket.last.say({ type: "issues.changed", issues });
  });

it("says of each row whether it is unread, and marks it by a key", async () => {
  const rows = await show();
  expect(rows.map((row) => row.textContent?.includes("Unread"))).toEqual([true, false]);
  fireEvent.keyDown(document.body, { key: "j" });
  expect(document.activeElement?.getAttribute("data-issue")).toBe("SAH-2");
  fireEvent.keyDown(document.activeElement as Element, { key: "u" });
  await waitFor(() => expect(mark).toHaveBeenCalledWith(["SAH-2"], true, undefined));
  await waitFor(() => expect(screen.queryByText("Unread:", { exact: false })).toBeNull());
});

it("changes rows where they stand, and shows what is new only when asked", async () => {
  await show();
  tell(issue(1, { title: "Another title" }));
  expect(screen.getByText("Another title")).toBeTruthy();
  screen.getByRole("link", { name: /Problem 2/ }).focus();
  tell(issue(3));
  const button = await screen.findByRole("button", { name: "1 new issue" });
  expect(screen.queryByText("Problem 3")).toBeNull();
  list.mockResolvedValue(page(issue(3), issue(2), issue(1)));
  await userEvent.click(button);
  expect(await screen.findByText("Problem 3")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "1 new issue" })).toBeNull();
});

it("asks for what the filters say, keeps them in the address, and says what to do where nothing fits", async () => {
  await show();
  list.mockResolvedValue(page());
  await userEvent.selectOptions(screen.getByLabelText("Result"), "failed");
  expect(await screen.findByText("No issue matches")).toBeTruthy();
  expect(list.mock.lastCall?.[0]).toEqual({ run_status: "failed", cursor: undefined });
  expect(location.search).toBe("?run_status=failed");
  list.mockResolvedValue(page(issue(1)));
  await userEvent.click(screen.getAllByRole("button", { name: "Reset filters" })[0] as HTMLElement);
  expect(await screen.findByText("Problem 1")).toBeTruthy();
  expect(location.search).toBe("");
});

it("opens a saved view with one click", async () => {
  await show();
  await userEvent.click(await screen.findByRole("link", { name: "Waiting" }));
  await waitFor(() => expect(list.mock.lastCall?.[0]).toEqual({ run_status: "waiting", cursor: undefined }));
  expect(screen.getByRole("link", { name: "Waiting" }).getAttribute("aria-current")).toBe("page");
});

it("closes the selected issues at once, and keeps what could not be closed selected with its reason", async () => {
  await show();
  await userEvent.click(screen.getByRole("checkbox", { name: "Select all that are shown" }));
  await userEvent.click(await screen.findByRole("button", { name: "Close…" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.type(within(dialog).getByLabelText(/How were they resolved/), "Rolled back");
  const refused = toProblem(403, { detail: "Not yours.", next_step: "Ask an admin." });
  close.mockResolvedValue({
    results: [
      { key: "SAH-2", problem: null },
      { key: "SAH-1", problem: refused as never },
    ],
  });
  await userEvent.click(within(dialog).getByRole("button", { name: "Close 2 issues" }));
  expect(close).toHaveBeenCalledWith({ keys: ["SAH-2", "SAH-1"], resolution: "Rolled back", outcome: null });
  expect((await within(dialog).findByRole("alert")).textContent).toContain("SAH-1 Not yours. Ask an admin.");
  expect(screen.getByText("1 selected")).toBeTruthy();
  close.mockRejectedValue(new ApiError(toProblem(0, { detail: "No connection." })));
  await userEvent.click(within(dialog).getByRole("button", { name: "Try again" }));
  expect(await within(dialog).findByText("No connection.")).toBeTruthy();
  expect((within(dialog).getByLabelText(/How were they resolved/) as HTMLTextAreaElement).value).toBe("Rolled back");
});
