/** Where things stand on the page of a run. */
import { expect, type Page } from "@playwright/test";

export const timeline = (page: Page) => page.getByTestId("timeline");
export const runPicker = (page: Page) => page.getByRole("combobox", { name: "Run" });
export const runStatus = (page: Page) => page.getByTestId("run-status");
export const composer = (page: Page) => page.getByLabel("Message to the investigation");
export const messages = (page: Page, text: string) => page.getByTestId("message").filter({ hasText: text });
export const article = (page: Page, name: string) => page.getByRole("article", { name, exact: true });
export const solution = (page: Page) => article(page, "Solution");
export const request = (page: Page, name: "Approval needed" | "A question for you") => page.getByRole("region", { name });

/** The number of the last event that the page has read. */
export const lastSeq = async (page: Page) => Number(await page.locator("[data-seq]").first().getAttribute("data-seq"));

export async function expectStatus(page: Page, status: string): Promise<void> {
  await expect(runStatus(page)).toHaveAttribute("data-status", status, { timeout: 60_000 });
}

export async function expectLive(page: Page): Promise<void> {
  await expect(page.locator("[data-connection=live]").first()).toBeVisible();
  await expectStatus(page, "running");
}

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

export const top = (page: Page) => page.evaluate(() => window.scrollTo(0, 0));
