import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { IssueForm } from "@/components/issues/new-issue/issue-form";
import { api } from "@/lib/api";
import type { Me, SimilarIssue } from "@/lib/api-types";
import { keepFor, kept } from "@/lib/keeping";
import { ApiError, toProblem } from "@/lib/problem";

const push = vi.fn();
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

const TEAMS = [
  { id: 1, key: "SAH", name: "Sahur", role: "responder" },
  { id: 2, key: "PAY", name: "Payments", role: "responder" },
] as Me["teams"];
const SIMILAR: SimilarIssue = {
  key: "SAH-7",
  title: "Carts fail",
  status: "closed",
  repository: null,
  created_at: "2026-11-01T00:00:00Z",
  verdict: "confirmed",
  ending: "Reverted the rates.",
  ending_kind: "resolution",
  score: 0.8,
  matched: ["KeyError", "price_of in pricing.py"],
};
const TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in a\n  File "b.py", line 2, in b\nKeyError: 1';

const create = vi.spyOn(api, "createIssue");
const similar = vi.spyOn(api, "similarToReport");

const show = () =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <IssueForm teams={TEAMS} team="SAH" />
    </QueryClientProvider>,
  );
const body = () => screen.getByLabelText<HTMLTextAreaElement>("What happens");
const file = (name: string, content: BlobPart) => new File([content], name);

beforeEach(() => {
  keepFor("rita");
  push.mockReset();
  create.mockReset().mockResolvedValue({ key: "SAH-9" } as never);
  similar.mockReset().mockResolvedValue({ results: [SIMILAR] });
  vi.spyOn(api, "repositories").mockResolvedValue({ results: [] } as never);
});

it("files once with Ctrl+Enter, however often that is pressed, and forgets the draft", async () => {
  show();
  await userEvent.type(body(), "It fails{Control>}{Enter}{Enter}{/Control}");
  await waitFor(() => expect(push).toHaveBeenCalledWith("/issues/SAH-9/"));
  expect(create).toHaveBeenCalledTimes(1);
  expect(create.mock.calls[0]?.[0]).toEqual({ team: "SAH", title: "", body: "It fails" });
  expect(kept("draft", "new-issue")).toBe("");
});

it("sends how bad it is if somebody says so", async () => {
  show();
  await userEvent.type(body(), "It fails");
  await userEvent.selectOptions(screen.getByLabelText(/Severity/), "High");
  await userEvent.click(screen.getByRole("button", { name: "File issue" }));
  await waitFor(() => expect(create).toHaveBeenCalledTimes(1));
  expect(create.mock.calls[0]?.[0]).toEqual({ team: "SAH", title: "", body: "It fails", severity: "high" });
});

it("keeps the draft and its key over a failed filing and a reload, and shows at the field what is wrong", async () => {
  create.mockRejectedValue(new ApiError(toProblem(400, { detail: "No such branch.", field: "revision" })));
  const page = show();
  await userEvent.type(body(), "It fails");
  await userEvent.click(screen.getByRole("button", { name: "File issue" }));
  expect((await screen.findByText("No such branch.")).getAttribute("role")).toBe("alert");
  expect(screen.getByLabelText(/Revision/).getAttribute("aria-invalid")).toBe("true");
  page.unmount();
  show();
  expect(body().value).toBe("It fails");
  await userEvent.click(screen.getByRole("button", { name: "File issue" }));
  await waitFor(() => expect(create).toHaveBeenCalledTimes(2));
  expect(create.mock.calls[1]?.[1]).toBe(create.mock.calls[0]?.[1]);
});

it("appends dropped text files, refuses others with what to do, and loses nothing that was typed", async () => {
  show();
  await userEvent.type(body(), "It fails");
  const files = [file("app.log", "one\ntwo"), file("shot.png", new Uint8Array([0x89, 0x50, 0xff, 0]))];
  fireEvent.drop(document.body, { dataTransfer: { types: ["Files"], files } });
  await screen.findByText("shot.png was not attached.");
  expect(screen.getByText(/not UTF-8 text.*paste the text that matters/)).toBeTruthy();
  expect(body().value).toBe("It fails\n\n**app.log**\n\n```text\none\ntwo\n```\n");
});

it("offers to attach the end of a file that does not fit", async () => {
  show();
  const log = "a line of the log\n".repeat(20_000);
  await userEvent.upload(screen.getByLabelText("Files to attach"), file("app.log", log));
  await userEvent.click(await screen.findByRole("button", { name: "Attach its end" }));
  expect(body().value.length).toBeLessThanOrEqual(200_000);
  expect(body().value).toMatch(/^\*\*app\.log\*\*/);
  expect(screen.getByText(/of 200,000 characters/)).toBeTruthy();
});

it("goes back from the preview to the text where that is refused", async () => {
  create.mockRejectedValue(new ApiError(toProblem(400, { detail: "The report is too long.", field: "body" })));
  show();
  await userEvent.type(body(), "**It** fails");
  await userEvent.click(screen.getByRole("tab", { name: "Preview" }));
  expect((await screen.findByText("It")).tagName).toBe("STRONG");
  await userEvent.click(screen.getByRole("button", { name: "File issue" }));
  await screen.findByText("The report is too long.");
  expect(screen.getByRole("tab", { name: "Write" }).getAttribute("aria-selected")).toBe("true");
});

it("offers to put a pasted trace into a code block", async () => {
  show();
  await userEvent.click(body());
  await userEvent.paste(TRACE);
  expect(body().value).toBe(TRACE);
  await userEvent.click(screen.getByRole("button", { name: "Put them in a code block" }));
  expect(body().value.trim()).toBe(`\`\`\`text\n${TRACE}\n\`\`\``);
  expect(screen.queryByRole("button", { name: "Put them in a code block" })).toBeNull();
});

it("shows similar issues after a pause in typing, and gives up questions that are outdated", async () => {
  const signals: AbortSignal[] = [];
  similar.mockImplementationOnce((_, signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  });
  show();
  await userEvent.type(body(), "Checkout fails");
  await waitFor(() => expect(similar).toHaveBeenCalledTimes(1), { timeout: 3000 });
  await userEvent.type(body(), " again");
  const link = await screen.findByRole("link", { name: /Carts fail/ }, { timeout: 3000 });
  expect(link.getAttribute("target")).toBe("_blank");
  expect(screen.getByText("1 similar issue found.").getAttribute("role")).toBe("status");
  expect(screen.getByText("Reverted the rates.", { exact: false })).toBeTruthy();
  expect(similar.mock.calls.at(-1)?.[0]).toEqual({ team: "SAH", title: "", body: "Checkout fails again" });
  expect(signals[0]?.aborted).toBe(true);
});

it("asks nothing about a report once somebody else has signed in", async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <IssueForm teams={TEAMS} team="SAH" />
    </QueryClientProvider>,
  );
  await userEvent.type(body(), "Checkout fails");
  await screen.findByRole("link", { name: /Carts fail/ }, { timeout: 3000 });
  similar.mockClear();
  // As a session does that has become another's.
  await act(async () => {
    keepFor("al");
    await client.resetQueries();
  });
  expect(similar).not.toHaveBeenCalled();
  expect(screen.queryByRole("link", { name: /Carts fail/ })).toBeNull();
});
