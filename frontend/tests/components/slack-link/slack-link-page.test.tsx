import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { Ticket } from "@/components/slack-link/slack-link-page";
import { type SlackLinkPreview, type SlackPerson, slack } from "@/lib/api/slack";
import { ApiError } from "@/lib/problem";

vi.mock("next/navigation", () => ({
  useRouter: () => ({ prefetch: vi.fn() }),
  useSearchParams: () => new URLSearchParams("ticket=abc"),
}));

const ME = {
  user: { username: "rita", name: "Rita Okafor", must_change_password: false, is_staff: false },
  teams: [],
  csrf_token: "t",
};
const RITA: SlackLinkPreview = {
  workspace: "T1",
  workspace_name: "Acme",
  user: "U1",
  name: "Rita",
  standing: "free",
  role: "responder",
};

beforeEach(() => {
  vi.restoreAllMocks();
});
const show = () =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Ticket me={ME} />
    </QueryClientProvider>,
  );

it("names the person, the workspace and the account, and links nobody before that is confirmed", async () => {
  vi.spyOn(slack, "preview").mockResolvedValue(RITA);
  const link = vi.spyOn(slack, "link").mockResolvedValue({} as SlackPerson);
  show();
  expect(await screen.findByText("Is Rita in Slack you?")).toBeTruthy();
  for (const told of ["U1", "Acme", "T1", "Rita Okafor", "report, steer and answer"]) expect(screen.getByText(told)).toBeTruthy();
  expect(link).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Yes, link me" }));
  expect(link.mock.calls[0]?.[0]).toBe("abc");
  expect(await screen.findByText("You are linked")).toBeTruthy();
});

it("offers nothing where somebody else is linked", async () => {
  vi.spyOn(slack, "preview").mockResolvedValue({ ...RITA, standing: "taken" });
  show();
  expect(await screen.findByText("Rita is linked to another account")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

it("says why a link cannot be used", async () => {
  const problem = {
    status: 400,
    code: "invalid_input",
    title: "Refused",
    detail: "Too old.",
    next_step: "Type `/sahur link` again.",
  };
  vi.spyOn(slack, "preview").mockRejectedValue(new ApiError({ ...problem, type: "", trace_id: "", field: "ticket" } as never));
  show();
  expect(await screen.findByText("This link cannot be used")).toBeTruthy();
  expect(screen.getByText("/sahur link").tagName).toBe("CODE");
});
