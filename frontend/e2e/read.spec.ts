/** Reading a run that is over: its evidence, its events one by one, what people say about it, and taking it along. */
import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { article, expectStatus, solution } from "./run-page";
import { file, REPOSITORY, signIn, test } from "./stage";
import { expectAccessible, expectNoOverflow } from "./watchers";

let key = "";

test.beforeEach(async ({ page, baseURL }) => {
  await signIn(page.context(), "rita", String(baseURL));
  key ||= await file(page.context(), String(baseURL), { title: "Desk screen crashes for Kepler", repository: REPOSITORY });
  await page.goto(`/issues/${key}/`);
  await expectStatus(page, "succeeded");
});

const sheet = (page: Page) => page.getByRole("dialog", { name: /^Evidence \d+ of/ });

test("evidence is opened by its number, its address and from one to the next @full", async ({ page }) => {
  await solution(page).getByRole("link", { name: "Evidence 1" }).first().click();
  await expect(sheet(page).getByRole("heading", { name: /^Evidence 1 of/ })).toBeVisible();
  await page.keyboard.press("]");
  await expect(page).toHaveURL(/#evidence-2$/);
  await expect(sheet(page).getByRole("heading", { name: /^Evidence 2 of/ })).toBeVisible();
  await page.reload();
  await expect(sheet(page).getByRole("heading", { name: /^Evidence 2 of/ }), "the same after a reload").toBeVisible();
  await sheet(page).getByRole("button", { name: "Still true?" }).click();
  await expect(sheet(page).getByRole("status").filter({ hasText: "Still true" })).toContainText("the same answer");
  await sheet(page).getByRole("button", { name: "Its receipt" }).first().click();
  await expect(page.getByRole("dialog", { name: "Receipt" })).toBeVisible();
  await expectAccessible(page, "a receipt");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(sheet(page)).toBeHidden();
});

test("story and trace show the same events, and each has an address @full", async ({ page }) => {
  await page.locator("body").press("v");
  const trace = page.getByRole("region", { name: "Events" });
  await expect(trace.getByText("run.queued", { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/view=trace/);
  await expectAccessible(page, "the trace");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoOverflow(page, "the trace at 390");
  await page.setViewportSize({ width: 1280, height: 800 });
  await trace.getByLabel("Kind of event").selectOption("tool_call.finished");
  await expect(page).toHaveURL(/kind=tool_call\.finished/);
  await trace.getByText("tool_call.finished", { exact: true }).first().click();
  const seq = (
    await trace
      .getByRole("link", { name: /^Link to event \d+/ })
      .first()
      .getAttribute("href")
  )?.replace(/\D/g, "");
  await page.goto(`/issues/${key}/#event-${seq}`);
  const marked = page.locator("[data-marked=true]").first();
  await expect(marked).toBeInViewport();
  await expect(page.getByRole("button", { name: "Story" })).toHaveAttribute("aria-pressed", "true");
});

test("calls open to their arguments, result and receipt @full", async ({ page }) => {
  const turns = page.getByTestId("timeline").getByRole("article");
  await turns.first().locator("summary").first().click();
  await expectAccessible(page, "an open turn");
  const call = page.getByTestId("timeline").locator("details details").first();
  if (!(await call.isVisible())) await turns.nth(1).locator("summary").first().click();
  await call.locator("summary").click();
  await call.getByRole("button", { name: "Receipt with the whole result" }).click();
  const receipt = page.getByRole("dialog", { name: "Receipt" });
  await expect(receipt.getByRole("region", { name: "Result", exact: true })).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await expect(receipt).toBeHidden();
});

test("the answer is voted on, with a word @full", async ({ page }) => {
  const feedback = page.getByRole("region", { name: "Feedback on the answer" });
  await feedback.getByRole("button", { name: /^Helpful: the answer/ }).click();
  await expect(feedback.getByRole("button", { name: /^Helpful: the answer/ })).toHaveAttribute("aria-pressed", "true");
  await feedback.getByLabel("What was right or wrong about it").fill("Found in a minute what took us a day.");
  await feedback.getByRole("button", { name: "Save comment" }).click();
  await expect(feedback).toContainText("Found in a minute");
  await page.reload();
  await expect(feedback.getByRole("button", { name: /^Helpful: the answer/ })).toHaveAttribute("aria-pressed", "true");
  await expectAccessible(page, "feedback");
});

test("a post-mortem is downloaded and printed @full", async ({ page }) => {
  await page.getByRole("button", { name: "More actions" }).click();
  await expectAccessible(page, "the menu of an issue");
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Download .md" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe(`${key.toLowerCase()}-run-1-post-mortem.md`);
  const text = readFileSync(await saved.path(), "utf8");
  expect(text).toMatch(/^# .*Desk screen crashes for Kepler/m);
  expect(text).toContain("booking/feed.py");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "More actions" })).toBeHidden();
  await expect(page.getByRole("heading", { name: /Root cause/ }).first()).toBeVisible();
});

test("an issue is closed with what came of it, and opened again @full", async ({ page }) => {
  await page.getByRole("button", { name: "Close issue" }).click();
  const dialog = page.getByRole("dialog", { name: /^Close / });
  await expectAccessible(page, "closing an issue");
  await dialog.getByLabel(/How was it resolved/).fill("Rolled back.");
  await dialog.getByRole("button", { name: "Close issue" }).click();
  await expect(page.getByText("Resolution: Rolled back.")).toBeVisible();
  await expect(article(page, "Solution")).toBeVisible();
  await page.getByRole("button", { name: "Reopen issue" }).click();
  await expect(page.getByRole("button", { name: "Close issue" })).toBeVisible();
});
