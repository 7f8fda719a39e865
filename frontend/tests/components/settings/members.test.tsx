import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { Members } from "@/components/settings/members";
import { SettingsContext } from "@/components/settings/settings-frame";
import { members } from "@/lib/api/members";
import type { Me, Member } from "@/lib/api-types";
import type { Role } from "@/lib/decisions";
import { ApiError, toProblem } from "@/lib/problem";

const person = (id: number, username: string, role: Role): Member => ({ id, username, name: "", role, is_active: true });

function show(role: Role, mayCreate = false) {
  const team = { id: 7, key: "SAH", name: "SAHUR", role };
  const user = { username: "adam", name: "Adam", must_change_password: false, is_staff: mayCreate };
  const me: Me = { user, teams: [team], csrf_token: "t" };
  const results = [person(1, "adam", "admin"), person(2, "rita", "responder")];
  vi.spyOn(members, "members").mockResolvedValue({ results, next: null, may_create_people: mayCreate });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <SettingsContext value={{ me, team }}>
        <Members />
      </SettingsContext>
    </QueryClientProvider>,
  );
}

/** Dialogs are loaded when they are opened; on a busy machine that takes a moment. */
const LOADED = { timeout: 10_000 };

const refusal = (detail: string) => new ApiError(toProblem(409, { detail, code: "conflict" }));

beforeEach(() => {
  vi.restoreAllMocks();
  // What the page's own test environment does not have.
  HTMLElement.prototype.showPopover ??= () => {};
  HTMLElement.prototype.hidePopover ??= () => {};
});

it("shows who is in the team to all, and the means to change it to admins only", async () => {
  show("viewer");
  expect(await screen.findByText("rita")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText(/Admins of the team can/)).toBeTruthy();
});

it("changes a role from the one that was seen", async () => {
  show("admin");
  const change = vi.spyOn(members, "changeMember").mockResolvedValue(person(2, "rita", "viewer"));
  await userEvent.click(await screen.findByRole("button", { name: "Role of rita: Responder" }));
  const menu = screen.getByRole("menu", { name: "Role of rita: Responder", hidden: true });
  await userEvent.click(within(menu).getByText("Viewer"));
  await waitFor(() => expect(change).toHaveBeenCalledWith(7, 2, { role: "viewer", was: "responder" }));
});

it("asks before one gives up one's own role, and says why it cannot be given up", async () => {
  show("admin");
  const change = vi.spyOn(members, "changeMember").mockRejectedValue(refusal("adam is the only admin of the team."));
  await userEvent.click(await screen.findByRole("button", { name: "Role of adam: Admin" }));
  await userEvent.click(within(screen.getByRole("menu", { name: "Role of adam: Admin", hidden: true })).getByText("Viewer"));
  expect(change).not.toHaveBeenCalled();
  await userEvent.click(await screen.findByRole("button", { name: "Become viewer" }, LOADED));
  expect(await screen.findByText("adam is the only admin of the team.")).toBeTruthy();
});

it("adds by user name and keeps what was typed when that is refused", async () => {
  show("admin");
  const add = vi.spyOn(members, "addMember").mockRejectedValueOnce(refusal("There is nobody with this user name here."));
  await userEvent.type(await screen.findByLabelText("User name"), " olga ");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  expect(await screen.findByText("There is nobody with this user name here.")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("User name").value).toBe(" olga ");
  expect(add).toHaveBeenCalledWith(7, { username: "olga", role: "responder" });
});

it("shows the one-time password of a new person once", async () => {
  show("admin", true);
  const made = { id: 3, username: "nina", name: "", team: "SAH", one_time_password: "aaaaaa-bbbbbb" };
  vi.spyOn(members, "createPerson").mockResolvedValue(made);
  await userEvent.click(await screen.findByRole("button", { name: "Create a person" }));
  await userEvent.type(within(await screen.findByRole("dialog", {}, LOADED)).getByLabelText("User name"), "nina");
  await userEvent.click(screen.getByRole("button", { name: "Create and add to SAHUR" }));
  expect((await screen.findByTestId("secret")).textContent).toBe("aaaaaa-bbbbbb");
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
  expect(screen.queryByText("aaaaaa-bbbbbb")).toBeNull();
});
