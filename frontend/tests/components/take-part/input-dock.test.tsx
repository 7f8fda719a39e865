import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
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
  closedAt: null,
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

/** The buttons that decide something. */
const decisions = () => screen.queryAllByRole<HTMLButtonElement>("button").filter((button) => button.textContent !== "JSON");

const answer = vi.spyOn(api, "answerInput");
beforeEach(() => {
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
  expect(decisions()).toEqual([]);
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

it("says what becomes of a question that is not answered", async () => {
  show({ ...approval, kind: "question", allowed_decisions: ["respond", "reject"] });
  await userEvent.click(screen.getByRole("button", { name: "Let the default hold" }));
  expect(answer.mock.calls[0]?.[1]).toMatchObject({ decision: "reject" });
});

it("offers only the decisions that are allowed", () => {
  show({ ...approval, allowed_decisions: ["approve", "reject", "respond"] });
  expect(decisions().map((button) => button.textContent)).toEqual(["Answer instead", "Reject", "Approve"]);
});

it("shows a request for admins to a responder, who cannot decide it and is told why", () => {
  show({ ...approval, answerable_by: "admin" });
  expect(decisions().every((button) => button.disabled)).toBe(true);
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

describe("several requests", () => {
  const role: Role = "responder";
  const question = { ...approval, id: "q2", kind: "question" as const, prompt: "Which region?", tool: "" };
  const dock = (inputs: OpenInput[]) => (
    <QueryClientProvider client={client}>
      <InputDock inputs={inputs} role={role} />
    </QueryClientProvider>
  );
  const client = new QueryClient();
  const answered: Partial<OpenInput> = { state: "answered", decision: "approve", answered_by: "Bo", answer: "go ahead" };

  it("are shown one at a time, and each can be looked at first", async () => {
    render(dock([approval, question]));
    expect(screen.getByText("1 of 2")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Next request" }));
    expect(screen.getByText("Which region?")).toBeTruthy();
    expect(screen.getByText("2 of 2")).toBeTruthy();
    expect(screen.queryByText("Run the tests?")).toBeNull();
  });

  it("tell at once what somebody else has answered, and keep what was being typed", async () => {
    const { rerender } = render(dock([approval, question]));
    await userEvent.type(screen.getByLabelText("Reason or remark"), "not on staging");
    rerender(dock([{ ...approval, ...answered }, question]));
    expect(screen.getByRole("status").textContent).toContain("Approved by Bo: “go ahead”.");
    expect(screen.getByText(/“not on staging”/)).toBeTruthy();
    expect(screen.getByText("Which region?")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByText(/Approved by Bo/)).toBeNull();
  });

  it("say nothing of one's own answer, nor of what was closed before one came", async () => {
    const { rerender } = render(dock([approval, { ...question, ...answered }]));
    await userEvent.click(screen.getByRole("button", { name: "Approve" }));
    rerender(
      dock([
        { ...approval, ...answered },
        { ...question, ...answered },
      ]),
    );
    expect(screen.getByRole("status").textContent).toBe("");
  });

  it("say who was first where one's own answer came too late", async () => {
    answer.mockRejectedValue(new ApiError(toProblem(409, { code: "conflict", detail: "Bo was first." })));
    const { rerender } = render(dock([approval]));
    await userEvent.click(screen.getByRole("button", { name: "Approve" }));
    expect(await screen.findByText(/Bo was first/)).toBeTruthy();
    rerender(dock([{ ...approval, ...answered }]));
    expect(screen.getByText(/Approved by Bo/)).toBeTruthy();
  });
});

describe("arguments with a schema", () => {
  const schema = {
    type: "object",
    required: ["title", "count"],
    properties: {
      title: { type: "string", description: "One line" },
      count: { type: "integer", minimum: 1 },
      level: { enum: ["low", "high"] },
      draft: { type: "boolean" },
      labels: { type: "array" },
    },
  };
  const withSchema = { ...approval, arguments: { title: "x", count: 2, labels: ["a"] }, arguments_schema: schema };

  it("are edited field by field", async () => {
    show(withSchema);
    await userEvent.click(screen.getByRole("button", { name: "Change…" }));
    fireEvent.change(screen.getByLabelText("title"), { target: { value: "A better title" } });
    fireEvent.change(screen.getByLabelText("count"), { target: { value: "3" } });
    fireEvent.change(screen.getByLabelText(/^level/), { target: { value: "high" } });
    await userEvent.click(screen.getByLabelText(/^draft/));
    await userEvent.click(screen.getByRole("button", { name: "Approve changed" }));
    expect(answer.mock.calls[0]?.[1].arguments).toEqual({
      title: "A better title",
      count: 3,
      level: "high",
      draft: true,
      labels: ["a"],
    });
  });

  it("may be edited as JSON as well, and the server's word is shown", async () => {
    answer.mockRejectedValue(new ApiError(toProblem(400, { field: "arguments", detail: "count: 0 is too small." })));
    show(withSchema);
    await userEvent.click(screen.getByRole("button", { name: "Change…" }));
    await userEvent.click(screen.getByRole("button", { name: "Edit as JSON" }));
    fireEvent.change(screen.getByLabelText("Arguments to use instead"), { target: { value: '{"title": "y", "count": 0}' } });
    await userEvent.click(screen.getByRole("button", { name: "Approve changed" }));
    expect(await screen.findByText("count: 0 is too small.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Edit field by field" }));
    expect(screen.getByLabelText<HTMLInputElement>("count").value).toBe("0");
  });
});

it("asks whether a report joins the investigation of the same problem", async () => {
  const prompt = "SAH-12 has the same issue in Sentry, and is being investigated already. Join it?";
  const asked = { ...approval, kind: "join", prompt, tool: "", default: "it is investigated by itself" } as const;
  show({ ...asked, arguments: { issue: "SAH-12", run: "r1" }, allowed_decisions: ["approve", "reject"] });
  expect(screen.getByRole("region", { name: "The same problem?" }).textContent).toContain(prompt);
  expect(decisions().map((button) => button.textContent)).toEqual(["Investigate it by itself", "Join it"]);
  expect(screen.getByRole("link", { name: "Look at SAH-12 first" }).getAttribute("href")).toMatch(/^\/issues\/SAH-12\/?$/);
  await userEvent.click(screen.getByRole("button", { name: "Join it" }));
  expect(answer).toHaveBeenCalledWith("q1", expect.objectContaining({ decision: "approve" }), expect.any(String));
});
