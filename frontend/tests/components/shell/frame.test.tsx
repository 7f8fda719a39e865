import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { Boundary } from "@/components/shell/boundary";
import { CommandPalette } from "@/components/shell/command-palette";
import { KeysSheet } from "@/components/shell/keys-sheet";
import { SignIn } from "@/components/shell/sign-in";
import { useCommands } from "@/hooks/use-commands";
import { api } from "@/lib/api";
import type { IssuePage, Me } from "@/lib/api-types";
import { COMMANDS } from "@/lib/commands";

const { push, theme } = vi.hoisted(() => ({ push: vi.fn<(href: string) => void>(), theme: vi.fn<() => void>() }));
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }), useSearchParams: () => new URLSearchParams() }));

const me = { user: { username: "ada" }, teams: [{ id: 1, key: "SAH", name: "Shop", role: "viewer" }] } as unknown as Me;
const found = { results: [{ key: "SAH-7", title: "Totals are wrong" }], next: null } as unknown as IssuePage;

function Offering() {
  useCommands({ theme, palette: () => undefined });
  return null;
}

function openPalette() {
  const onClose = vi.fn<() => void>();
  render(<Offering />);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CommandPalette me={me} onClose={onClose} />
    </QueryClientProvider>,
  );
  return { onClose, field: screen.getByRole("combobox"), user: userEvent.setup() };
}

const chosen = () => screen.getByRole("option", { selected: true }).textContent;

beforeEach(() => {
  push.mockClear();
  theme.mockClear();
  Element.prototype.scrollIntoView = () => undefined;
  vi.spyOn(api, "issues").mockResolvedValue(found);
});

it("offers what can be done now, and does it with Enter", async () => {
  const { field, user, onClose } = openPalette();
  expect(document.activeElement).toBe(field);
  await user.type(field, "light");
  expect(chosen()).toContain("Change between light and dark");
  await user.keyboard("{Enter}");
  expect([theme.mock.calls.length, onClose.mock.calls.length]).toEqual([1, 1]);
});

it("opens an issue by its key, and finds others by their words", async () => {
  const { field, user } = openPalette();
  await user.type(field, "12");
  expect(chosen()).toBe("Open issue SAH-12");
  await user.clear(field);
  await user.type(field, "totals");
  await waitFor(() => expect(chosen()).toContain("Totals are wrong"));
  await user.keyboard("{Enter}");
  expect(push).toHaveBeenCalledWith("/issues/SAH-7/");
});

it("says that nothing was found, and does nothing then", async () => {
  vi.spyOn(api, "issues").mockResolvedValue({ ...found, results: [] });
  const { field, user, onClose } = openPalette();
  await user.type(field, "zzz{Enter}");
  await waitFor(() => expect(screen.getByText("Nothing found.")).toBeTruthy());
  expect(onClose).not.toHaveBeenCalled();
});

it("has every key of the registry in the sheet", () => {
  render(<KeysSheet onClose={() => undefined} />);
  const sheet = within(screen.getByRole("dialog"));
  for (const { title, keys } of COMMANDS) expect(sheet.queryAllByText(title).length > 0).toBe(keys.length > 0);
});

let isBroken = true;
function Part() {
  if (isBroken) throw new Error("no such row");
  return <p>Whole</p>;
}

it("keeps a part that breaks from taking the page with it, and shows it again on request", async () => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
  render(
    <>
      <Boundary what="The list">
        <Part />
      </Boundary>
      <p>The rest</p>
    </>,
  );
  expect((await screen.findByRole("alert")).textContent).toContain("The list cannot be shown");
  expect(screen.getByText("The rest")).toBeTruthy();
  isBroken = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(screen.getByText("Whole")).toBeTruthy();
});

it("shows the first password of one's own to who asks, and takes it as it is shown", async () => {
  vi.spyOn(api, "me").mockResolvedValue({ ...me, user: { username: "nina", must_change_password: true } } as Me);
  const change = vi.spyOn(api, "changePassword").mockReturnValue(new Promise(() => undefined));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignIn />
    </QueryClientProvider>,
  );
  const typed = await screen.findByLabelText<HTMLInputElement>("New password");
  await userEvent.type(screen.getByLabelText("One-time password"), "aaaaaa");
  await userEvent.type(typed, "a long walk");
  expect(typed.type).toBe("password");
  await userEvent.click(screen.getByLabelText("Show what I type"));
  expect(typed.type).toBe("text");
  await userEvent.click(screen.getByRole("button", { name: "Save and go on" }));
  expect(change).toHaveBeenCalledWith("aaaaaa", "a long walk");
});
