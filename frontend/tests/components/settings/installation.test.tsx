import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { PriceDialog } from "@/components/settings/models/price-dialog";
import { AddRepository } from "@/components/settings/repositories/add-repository";
import { WebhookTab } from "@/components/settings/repositories/webhook-tab";
import { installation } from "@/lib/api/installation";
import { repositorySettings } from "@/lib/api/repository-settings";
import type { Repository } from "@/lib/api-types";
import { ApiError, toProblem } from "@/lib/problem";

const onClose = vi.fn();
beforeEach(() => {
  vi.restoreAllMocks();
  onClose.mockReset();
});
const show = (page: ReactNode) => render(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

it("adds a repository with the credential that its address takes, and stays open when it is refused", async () => {
  const refusal = new ApiError(toProblem(400, { detail: "The host refused the key.", field: "private_key" }));
  const add = vi.spyOn(repositorySettings, "add").mockRejectedValue(refusal);
  show(<AddRepository team={{ id: 1, key: "SAH", name: "SAHUR", role: "admin" }} onClose={onClose} />);
  await userEvent.type(screen.getByLabelText("Address"), "git@example.com:shop.git");
  await userEvent.selectOptions(screen.getByLabelText("Credential"), "A private key");
  await userEvent.type(screen.getByLabelText("Private key"), "only for tests");
  await press("Add repository");
  expect((await screen.findByRole("alert")).textContent).toBe("The host refused the key.");
  expect(add.mock.lastCall?.[0]).toMatchObject({
    team: "SAH",
    source: "git@example.com:shop.git",
    credential: { private_key: "only for tests", known_hosts: "" },
  });
  expect(onClose).not.toHaveBeenCalled();
});

it("shows a webhook's secret from the answer that made it, and asks before it makes another", async () => {
  const webhook = { url: "https://sahur.example/webhooks/git/1/", set_at: "2026-01-01T00:00:00Z", used_at: null };
  const create = vi.spyOn(repositorySettings, "createWebhook").mockResolvedValue({ ...webhook, secret: "only-for-tests" });
  const repository = { id: "1", name: "shop", webhook } as Repository;
  show(<WebhookTab repository={repository} />);
  expect(screen.queryByText("only-for-tests")).toBeNull();
  await press("New secret");
  expect(create).not.toHaveBeenCalled();
  await press("Make a new secret");
  expect(await screen.findByText("only-for-tests")).toBeTruthy();
});

it("sends a price under its name, and tells at the field why it was refused", async () => {
  const refusal = new ApiError(toProblem(400, { detail: "Cached input never costs more.", field: "cached_input" }));
  const set = vi.spyOn(installation, "setPrice").mockRejectedValueOnce(refusal);
  set.mockResolvedValue({ name: "gpt-9", input: 1, output: 2, cached_input: null, changed_at: "2026-01-01T00:00:00Z" });
  show(<PriceDialog first={{ name: "gpt-9", input: "1", output: "2", cached: "5" }} isNew={false} onClose={onClose} />);
  await press("Save price");
  expect((await screen.findByRole("alert")).textContent).toBe("Cached input never costs more.");
  await userEvent.clear(screen.getByLabelText("Cached input"));
  await press("Save price");
  expect(set).toHaveBeenLastCalledWith("gpt-9", { input: 1, output: 2, cached_input: null });
  expect(onClose).toHaveBeenCalled();
});
