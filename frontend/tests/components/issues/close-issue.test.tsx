import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { CloseIssue } from "@/components/issues/close-issue";
import { api } from "@/lib/api";
import type { Issue } from "@/lib/api-types";
import { ApiError, toProblem } from "@/lib/problem";

const onClose = vi.fn();
const change = vi.spyOn(api, "changeIssue");
beforeEach(() => {
  sessionStorage.clear();
  onClose.mockReset();
  change.mockReset().mockResolvedValue({} as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CloseIssue issue={{ key: "SAH-1" } as Issue} onClose={onClose} />
    </QueryClientProvider>,
  );
});
const close = () => userEvent.click(screen.getByRole("button", { name: "Close issue" }));

it("closes with nothing said but the resolution", async () => {
  await userEvent.type(screen.getByLabelText(/How was it resolved/), "Put the check back.");
  await close();
  expect(change).toHaveBeenCalledWith("SAH-1", { status: "closed", resolution: "Put the check back.", outcome: null });
  expect(onClose).toHaveBeenCalled();
});

it("asks for the real cause only where the answer was wrong, and shows at the commit what is wrong with it", async () => {
  expect(screen.queryByLabelText(/The commit that caused it/)).toBeNull();
  await userEvent.click(screen.getByRole("radio", { name: "No" }));
  const commit = screen.getByLabelText(/The commit that caused it/);
  await userEvent.type(commit, "not-a-sha");
  change.mockRejectedValue(new ApiError(toProblem(400, { detail: "This is no sha.", field: "outcome.commit" })));
  await close();
  expect((await screen.findByRole("alert")).textContent).toBe("This is no sha.");
  expect(commit.getAttribute("aria-invalid")).toBe("true");
  expect(onClose).not.toHaveBeenCalled();
});
