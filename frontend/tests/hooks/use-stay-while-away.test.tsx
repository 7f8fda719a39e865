import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { useStayWhileAway } from "@/hooks/use-stay-while-away";
import { currentNotices } from "@/lib/notices";
import { noteAnswer } from "@/lib/reach";

const push = vi.fn();
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

const followed = vi.fn((event: Event) => event.preventDefault());

function Page() {
  useStayWhileAway();
  return (
    <a href="/overview/" onClick={(event) => followed(event.nativeEvent)}>
      Overview
    </a>
  );
}

afterEach(() => {
  noteAnswer(true);
  vi.clearAllMocks();
});

it("leaves links alone as long as the server answers", async () => {
  render(<Page />);
  await userEvent.click(screen.getByRole("link"));
  expect(followed).toHaveBeenCalled();
});

it("keeps the page while the server is away, says so, and leads on once it is back", async () => {
  noteAnswer(false);
  const fetch = vi.fn().mockRejectedValueOnce(new TypeError("away")).mockResolvedValue(new Response("{}"));
  vi.stubGlobal("fetch", fetch);
  render(<Page />);
  await userEvent.click(screen.getByRole("link"));
  await waitFor(() => expect(currentNotices().at(-1)?.text).toMatch(/cannot be reached/));
  expect([followed, push].every((spy) => spy.mock.calls.length === 0)).toBe(true);
  await userEvent.click(screen.getByRole("link"));
  await waitFor(() => expect(push).toHaveBeenCalledWith("/overview/"));
});
