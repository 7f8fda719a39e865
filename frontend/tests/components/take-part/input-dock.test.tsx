import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { InputDock } from "@/components/take-part/input-dock";
import { api } from "@/lib/api";
import type { Role } from "@/lib/decisions";
import { ApiError, toProblem } from "@/lib/problem";
import type { OpenInput } from "@/lib/run-state";

const approval: OpenInput = {
  id: "q1",
  kind: "approval",
  prompt: "Run the tests?",
  tool: "sandbox__run",
  arguments: { command: "pytest -q" },
  arguments_hash: "9b",
  arguments_schema: {},
  default: "",
  expires_at: null,
  allowed_decisions: [],
  answerable_by: "responder",
  decision: null,
  answer: "",
  answered_by: "",
  at: "2026-01-01T00:00:00Z",
  state: "open",
  superseded_reason: "",
};

const budget: OpenInput = {
  ...approval,
  kind: "budget",
  prompt: "0.24 of 0.30 USD spent: go on?",
  tool: "",
  arguments: { scope: "run", measure: "cost_usd", spent: 0.24, limit: 0.3, raise_by: 0.15 },
  arguments_schema: { type: "object", properties: { measure: { const: "cost_usd" }, raise_by: { type: "number", maximum: 3 } } },
  allowed_decisions: ["approve", "edit", "reject"],
};

const show = (input: OpenInput, role: Role | null = "responder") =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <InputDock inputs={[input]} role={role} />
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
  expect(answer.mock.calls[0]?.slice(0, 2)).toEqual(["q1", { decision: "approve", answer: "", arguments_hash: "9b" }]);
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
  expect(answer.mock.calls[0]?.[1]).toEqual({ decision: "respond", answer: "eu-west", arguments_hash: "9b" });
});

it("offers no decision to a viewer", () => {
  show(approval, "viewer");
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText(/Only people who may respond/)).toBeTruthy();
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
  expect(answer.mock.calls[0]?.[1]).toEqual({
    decision: "edit",
    answer: "",
    arguments_hash: "9b",
    arguments: { command: "pytest -x" },
  });
});

it("approves what was asked once the changes are undone", async () => {
  show(approval);
  await userEvent.click(screen.getByRole("button", { name: "Change…" }));
  await userEvent.click(screen.getByRole("button", { name: "Undo changes" }));
  await userEvent.click(screen.getByRole("button", { name: "Approve" }));
  expect(answer.mock.calls[0]?.[1]).toEqual({ decision: "approve", answer: "", arguments_hash: "9b" });
});

it("offers only the decisions that are allowed", () => {
  show({ ...approval, allowed_decisions: ["approve", "reject", "respond"] });
  const names = screen.getAllByRole("button").map((button) => button.textContent);
  expect(names).toEqual(["Answer instead", "Reject", "Approve"]);
});

it("shows a request for admins to a responder, who cannot decide it and is told why", () => {
  show({ ...approval, answerable_by: "admin" });
  expect(screen.getAllByRole<HTMLButtonElement>("button").every((button) => button.disabled)).toBe(true);
  expect(screen.getByText("Only an admin of the team can answer this.")).toBeTruthy();
});

it("lets an admin decide what is for admins", async () => {
  show({ ...approval, answerable_by: "admin" }, "admin");
  await userEvent.click(screen.getByRole("button", { name: "Approve" }));
  expect(answer).toHaveBeenCalledOnce();
});

it("shows at the arguments what the server says is wrong with them", async () => {
  answer.mockRejectedValue(new ApiError(toProblem(400, { detail: "timeout: not a number.", field: "arguments" })));
  show(approval);
  await userEvent.click(screen.getByRole("button", { name: "Change…" }));
  await userEvent.click(screen.getByRole("button", { name: "Approve changed" }));
  const field = screen.getByLabelText("Arguments to use instead");
  await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
  expect(screen.getAllByRole("alert").map((note) => note.textContent)).toEqual(["timeout: not a number."]);
});

it("grants another amount of a budget than was asked for", async () => {
  show(budget);
  await userEvent.click(screen.getByRole("button", { name: "Change…" }));
  fireEvent.change(screen.getByLabelText("How many US dollars more"), { target: { value: "0.5" } });
  await userEvent.click(screen.getByRole("button", { name: "Grant this much" }));
  expect(answer.mock.calls[0]?.[1]).toEqual({ decision: "edit", answer: "", arguments_hash: "9b", arguments: { raise_by: 0.5 } });
});
