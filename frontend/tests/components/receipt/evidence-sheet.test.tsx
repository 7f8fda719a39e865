import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import EvidenceSheet from "@/components/receipt/evidence-sheet";
import { api } from "@/lib/api";
import type { Receipt, Repository } from "@/lib/api-types";
import type { Evidence } from "@/lib/event-types.gen";

const fact = (number: number): Evidence => ({
  id: `e${number}`,
  number,
  statement: `Fact ${number}`,
  excerpt: "   13  def total():\n   14      return price",
  receipt_id: `r${number}`,
  tool: "code__read",
  path: "shop/a.py",
  line: 14,
  commit: "5f4137aca6d2",
});
const EVIDENCE = [fact(1), fact(2), fact(4)];
const onShow = vi.fn();

function show(number: number) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <EvidenceSheet
        evidence={EVIDENCE}
        number={number}
        repository="shop"
        mayAct={false}
        onShow={onShow}
        onReceipt={() => undefined}
        onClose={() => undefined}
      />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(api, "receipt").mockReturnValue(new Promise<Receipt>(() => undefined));
  const shop = { name: "shop", source: "https://github.com/acme/shop.git" } as Repository;
  vi.spyOn(api, "repositories").mockResolvedValue({ results: [shop] } as Awaited<ReturnType<typeof api.repositories>>);
});

it("shows the fact, and marks its line in the code", () => {
  show(2);
  const dialog = within(screen.getByRole("dialog", { name: "Evidence 2 of 3" }));
  expect(dialog.getByText("Fact 2")).toBeTruthy();
  expect(dialog.getByRole("region", { name: "Excerpt of evidence 2" }).querySelector("[aria-current]")?.textContent).toContain(
    "14",
  );
});

it("shows what a commit has changed as a change", () => {
  EVIDENCE[0] = { ...fact(1), excerpt: "-return price\n+return price - discount" };
  show(1);
  const lines = screen.getByRole("region", { name: "Excerpt of evidence 1" }).querySelectorAll("code");
  EVIDENCE[0] = fact(1);
  expect([...lines].map(({ textContent }) => textContent)).toEqual(["-return price", "+return price - discount"]);
  expect(lines[0]?.className).not.toBe(lines[1]?.className);
});

it("leads to the line where the repository is hosted", async () => {
  show(1);
  const link = await screen.findByRole("link", { name: "github.com" });
  expect(link.getAttribute("href")).toBe("https://github.com/acme/shop/blob/5f4137aca6d2/shop/a.py#L14");
});

it("goes to the next fact there is, whatever its number, and not past the last one", async () => {
  const user = show(2);
  await user.click(screen.getByRole("button", { name: "Next evidence" }));
  expect(onShow).toHaveBeenCalledWith(4);
});

it("says so where the address names none", () => {
  show(3);
  expect(screen.getByText("This run has found no evidence with this number.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Previous evidence" }).hasAttribute("disabled")).toBe(true);
});
