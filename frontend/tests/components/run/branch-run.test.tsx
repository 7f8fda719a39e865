import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { BranchRun } from "@/components/run/branch-run";
import { api } from "@/lib/api";
import type { Run } from "@/lib/api-types";
import { ApiError, toProblem } from "@/lib/problem";

const push = vi.hoisted(() => vi.fn());
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

const show = (branch_stages: Run["branch_stages"]) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <BranchRun run={{ id: "run-1", number: 1, issue: "SAH-1", branch_stages } as Run} />
    </QueryClientProvider>,
  );

const branch = vi.spyOn(api, "branchRun");
// Loaded when it is needed; a busy machine takes longer for that than the tests wait.
beforeAll(() => import("@/components/run/branch-dialog"));
beforeEach(() => {
  push.mockReset();
  branch.mockReset().mockResolvedValue({ number: 2 } as never);
});

it("is not offered before there is anything to go on from", () => {
  show([]);
  expect(screen.queryByRole("button")).toBeNull();
});

it("starts another line with what was asked, from the stage that was chosen, and shows it", async () => {
  show(["gather_context", "analyze"]);
  await userEvent.click(screen.getByRole("button", { name: "Branch…" }));
  expect((await screen.findByRole<HTMLInputElement>("radio", { name: /Gather context/ })).checked).toBe(true);
  await userEvent.type(screen.getByLabelText("What if…"), "it is not the deploy?");
  await userEvent.click(screen.getByRole("radio", { name: /Analyze/ }));
  await userEvent.click(screen.getByRole("button", { name: "Start this line" }));
  expect(branch).toHaveBeenCalledExactlyOnceWith("run-1", "it is not the deploy?", "analyze", expect.any(String));
  expect(push).toHaveBeenCalledWith("/issues/SAH-1/?run=2");
});

it("keeps what was typed where it is refused, and sends it again as the same request", async () => {
  branch.mockRejectedValueOnce(new ApiError(toProblem(409, { detail: "Too many runs." })));
  show(["gather_context"]);
  await userEvent.click(screen.getByRole("button", { name: "Branch…" }));
  await userEvent.type(await screen.findByLabelText("What if…"), "it is the cache?");
  await userEvent.click(screen.getByRole("button", { name: "Start this line" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Too many runs.");
  await userEvent.click(screen.getByRole("button", { name: "Start this line" }));
  expect(branch.mock.calls[0]).toEqual(branch.mock.calls[1]);
});
