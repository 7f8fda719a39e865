import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { InputDock } from "@/components/input-dock";
import { api } from "@/lib/api";
import { ApiError, toProblem } from "@/lib/problem";
import type { OpenInput } from "@/lib/run-state";

const approval: OpenInput = {
  id: "q1",
  kind: "approval",
  prompt: "Run the tests?",
  tool: "sandbox__run",
  arguments: { command: "pytest -q" },
  arguments_hash: "",
  default: "",
  expires_at: null,
  allowed_decisions: [],
  answerable_by: "responder",
  decision: null,
  answer: "",
  answered_by: "",
  at: "2026-01-01T00:00:00Z",
  state: "open",
  supersededBecause: "",
};

const show = (input: OpenInput, mayAnswer = true) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <InputDock inputs={[input]} mayAnswer={mayAnswer} />
    </QueryClientProvider>,
  );

const answer = vi.spyOn(api, "answerInput");
beforeEach(() => {
  sessionStorage.clear();
  answer.mockReset().mockResolvedValue({} as never);
});

it("shows exactly what is to be approved", () => {
  show(approval);
  expect(screen.getByText("sandbox__run")).toBeTruthy();
  expect(screen.getByText("pytest -q")).toBeTruthy();
});

it("sends a decision once, however often one clicks", async () => {
  show(approval);
  await userEvent.dblClick(screen.getByRole("button", { name: "Approve" }));
  expect(answer).toHaveBeenCalledOnce();
  expect(answer.mock.calls[0]?.slice(0, 2)).toEqual(["q1", { decision: "approve", answer: "" }]);
});

it("keeps the reason where the answer was refused, and says why", async () => {
  answer.mockRejectedValue(new ApiError(toProblem(409, { detail: "Somebody else was first." })));
  show(approval);
  await userEvent.type(screen.getByLabelText("Reason or remark"), "not now");
  await userEvent.click(screen.getByRole("button", { name: "Reject" }));
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("Somebody else was first."));
  expect(screen.getByLabelText<HTMLTextAreaElement>("Reason or remark").value).toBe("not now");
});

it("asks for words where there is a question", async () => {
  show({ ...approval, kind: "question", tool: "" });
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Answer" }).disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("Your answer"), "eu-west");
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  expect(answer.mock.calls[0]?.[1]).toEqual({ decision: "respond", answer: "eu-west" });
});

it("offers no decision to a viewer", () => {
  show(approval, false);
  expect(screen.queryByRole("button")).toBeNull();
});

it("approves with changed arguments, but only with a JSON object", async () => {
  show(approval);
  await userEvent.click(screen.getByRole("button", { name: "Change…" }));
  const field = screen.getByLabelText<HTMLTextAreaElement>("Arguments to use instead");
  expect(JSON.parse(field.value)).toEqual({ command: "pytest -q" });
  fireEvent.change(field, { target: { value: '{"command": ' } });
  await userEvent.click(screen.getByRole("button", { name: "Approve changed" }));
  expect(screen.getByRole("alert").textContent).toContain("not valid JSON");
  expect(answer).not.toHaveBeenCalled();
  fireEvent.change(field, { target: { value: '{"command": "pytest -x"}' } });
  await userEvent.click(screen.getByRole("button", { name: "Approve changed" }));
  expect(answer.mock.calls[0]?.[1]).toEqual({ decision: "edit", answer: "", arguments: { command: "pytest -x" } });
});

it("approves what was asked once the changes are undone", async () => {
  show(approval);
  await userEvent.click(screen.getByRole("button", { name: "Change…" }));
  await userEvent.click(screen.getByRole("button", { name: "Undo changes" }));
  await userEvent.click(screen.getByRole("button", { name: "Approve" }));
  expect(answer.mock.calls[0]?.[1]).toEqual({ decision: "approve", answer: "" });
});

it("offers no change of arguments where there are none to approve", () => {
  show({ ...approval, kind: "budget", tool: "" });
  expect(screen.queryByRole("button", { name: "Change…" })).toBeNull();
});
