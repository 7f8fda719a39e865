/** The same on a phone: file, watch, say something, read the answer and its evidence, find one's way. */
import { expect, type Page } from "@playwright/test";
import { composer, expectStatus, messages, say, solution } from "./run-page";
import { PHONE, REPORT, REPOSITORY, signIn, test } from "./stage";
import { expectAccessible, expectNoOverflow } from "./watchers";

test.use({ viewport: PHONE, hasTouch: true, isMobile: true });

test("report, watch and read on a phone", async ({ page, baseURL }) => {
  await signIn(page.context(), "rita", String(baseURL));
  await test.step("report a problem", () => report(page));
  await test.step("say something", () => takePart(page));
  await test.step("read the answer", () => read(page));
  await test.step("go to the list and set a filter", () => list(page));
  await test.step("find the other pages", () => otherPages(page));
});

async function lookAt(page: Page, where: string): Promise<void> {
  await expectNoOverflow(page, `${where} on a phone`);
  await expectAccessible(page, `${where} on a phone`);
}

async function report(page: Page): Promise<void> {
  await page.goto("/issues/new/");
  await page.getByLabel("What happens").fill(REPORT);
  await page.getByLabel("Title").fill("The desk screen shows nothing for Kepler");
  await page.getByLabel("Repository").fill(REPOSITORY);
  await lookAt(page, "new issue");
  await page.getByRole("button", { name: "File issue" }).tap();
  await expect(page).toHaveURL(/\/issues\/[A-Z0-9]+-\d+\//);
}

async function takePart(page: Page): Promise<void> {
  await expectStatus(page, "running");
  await expect(composer(page)).toBeInViewport();
  await say(page, "Only the desk screens, not the phones.");
  await expect(messages(page, "Only the desk screens")).toHaveCount(1);
  await lookAt(page, "a run that goes on");
}

async function read(page: Page): Promise<void> {
  await expectStatus(page, "succeeded");
  await expect(solution(page)).toBeVisible();
  await lookAt(page, "an answer");
  await solution(page)
    .getByRole("link", { name: /^Evidence \d+$/ })
    .first()
    .tap();
  const sheet = page.getByRole("dialog", { name: /^Evidence \d+ of/ });
  await expect(sheet.getByRole("region", { name: "Result", exact: true })).not.toBeEmpty();
  await lookAt(page, "evidence");
  await page.goBack();
  await expect(sheet).toBeHidden();
}

async function list(page: Page): Promise<void> {
  await page.getByRole("link", { name: "SAHUR" }).tap();
  await expect(page.getByRole("link", { name: /shows nothing for Kepler/ }).first()).toBeVisible();
  await lookAt(page, "the list");
  await page.getByRole("button", { name: /^Filters/ }).tap();
  await page.getByText("Closed", { exact: true }).tap();
  await expect(page).toHaveURL(/status=closed/);
  await lookAt(page, "the list with filters");
}

async function otherPages(page: Page): Promise<void> {
  for (const name of ["Overview", "Settings"]) {
    await page.getByRole("button", { name: /^Pages/ }).tap();
    await page.getByRole("menuitem", { name }).tap();
    await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
    await lookAt(page, name);
  }
}
