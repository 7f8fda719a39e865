import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import ReceiptPanel from "@/components/receipt/receipt-panel";
import { api } from "@/lib/api";
import type { CallFacts, Receipt } from "@/lib/api-types";
import { ApiError } from "@/lib/problem";

const RESULT = `${"line\n".repeat(60_000)}the end`;
const facts: CallFacts = {
  id: "0199",
  run: "r1",
  issue: "SAH-1",
  run_number: 1,
  attempt: 2,
  caller: "run:r1",
  upstream: "code",
  tool: "code__read",
  status: "ok",
  result_hash: "9b",
  result_bytes: RESULT.length,
  redactions: 3,
  is_cached: true,
  is_read: true,
  repeats: null,
  duration_ms: 24,
  trace_id: "4bf92f",
  called_at: "2026-01-01T00:00:00Z",
  arguments_start: "{}",
};

const NO_NAMES = { repository: "", recheck_refusal: "" };

function part(offset: number, limit: number, more: Partial<Receipt> = {}): Receipt {
  const end = offset + limit;
  const next_offset = end < RESULT.length ? end : null;
  const result = RESULT.slice(offset, end);
  return { ...facts, arguments: {}, result, total_chars: RESULT.length, next_offset, ...NO_NAMES, ...more };
}

const onReceipt = vi.fn();

function show(mayAct = true) {
  const client = new QueryClient();
  render(
    <QueryClientProvider client={client}>
      <ReceiptPanel id="0199" mayAct={mayAct} onClose={() => undefined} onReceipt={onReceipt} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(api, "receipt").mockImplementation(async (_, offset, limit) => part(offset, limit));
  vi.spyOn(api, "receipts").mockResolvedValue({ results: [], next: null });
});

it("shows a large result a part at a time", async () => {
  const user = show();
  const more = await screen.findByRole("button", { name: "Show more" });
  expect(screen.getByText("100,000 of 300,007 characters")).toBeTruthy();
  await user.click(more);
  await user.click(await screen.findByRole("button", { name: "Show more" }));
  await user.click(await screen.findByRole("button", { name: "Show more" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Show more" })).toBeNull());
  expect(screen.getByRole("region", { name: "Whole result" }).textContent).toContain("the end");
  expect(vi.mocked(api.receipt).mock.calls.map(([, offset]) => offset)).toEqual([0, 100_000, 200_000, 300_000]);
});

it("tells who called, from where, and what was taken out", async () => {
  show();
  await screen.findByText("SAH-1 run 1, attempt 2");
  for (const told of ["4bf92f", "9b", "3"]) expect(screen.getByText(told)).toBeTruthy();
  expect(screen.getByText(/from the cache .* by SAH-1 run 1, attempt 2/)).toBeTruthy();
});

it("names the repository, and a person who called without a run", async () => {
  const alone = { run: null, issue: null, run_number: null, attempt: null, caller: "user:rita", repository: "shop-orders" };
  vi.mocked(api.receipt).mockImplementation(async (_, offset, limit) => part(offset, limit, alone));
  show();
  await screen.findByText("shop-orders");
  expect(screen.getByText("rita")).toBeTruthy();
});

it("tells whether the answer is still the same, with what has changed", async () => {
  const again = { ...facts, id: "0200", result_hash: "aa", repeats: "0199", caller: "recheck:0199 by Rita" };
  const recheck = vi.spyOn(api, "recheck");
  recheck.mockResolvedValue({ verdict: "changed", receipt: again, diff: "@@ -1,1 +1,1 @@\n-old\n+new", is_diff_cut: true });
  const user = show();
  await user.click(await screen.findByRole("button", { name: "Still true?" }));
  await screen.findByText("The answer has changed");
  expect(screen.getByText("+new")).toBeTruthy();
  expect(screen.getByText(/checked again by Rita/)).toBeTruthy();
  expect(screen.getByText(/Only the beginning/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Its receipt" }));
  expect(onReceipt).toHaveBeenCalledWith("0200");
});

it("says in the server's words why nothing was checked", async () => {
  const problem = {
    title: "",
    field: "",
    status: 503,
    code: "gateway_unavailable",
    detail: "The gateway did not answer.",
    next_step: "Start it.",
  };
  vi.spyOn(api, "recheck").mockRejectedValue(new ApiError(problem));
  const user = show();
  await user.click(await screen.findByRole("button", { name: "Still true?" }));
  await screen.findByText("The gateway did not answer.");
});

it("shows what others have checked, and no button to who may only look", async () => {
  const earlier = { ...facts, id: "0201", repeats: "0199", status: "error" as const, caller: "recheck:0199 by Olga" };
  vi.mocked(api.receipts).mockResolvedValue({ results: [earlier], next: null });
  show(false);
  await screen.findByText(/Not checked/);
  expect(screen.queryByRole("button", { name: "Still true?" })).toBeNull();
});

it("gives the reason where a call may not be made again", async () => {
  vi.mocked(api.receipt).mockImplementation(async (_, offset, limit) =>
    part(offset, limit, { recheck_refusal: "This call may change something." }),
  );
  show();
  await screen.findByText("This call may change something.");
  expect(screen.queryByRole("button", { name: "Still true?" })).toBeNull();
});
