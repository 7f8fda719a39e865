/**
 * The main job in a real browser: sign in, report a problem, watch it investigated, steer it, read the solution, stop a
 * run and resume it. It talks to a running SAHUR; whoever starts that sets
 *
 *   SAHUR_URL          its address
 *   SAHUR_USER, SAHUR_PASSWORD   a responder with a one-time password (`must_change_password`)
 *   SAHUR_REPOSITORY   name of a repository of the team; the first one by default
 *   SAHUR_REPORT       path of the report to file, about that repository; a traceback of nowhere by default
 *   SAHUR_SCREENSHOTS  folder for pictures (docs/images); none are taken without it
 *
 * A run must take some seconds, or there is nothing to reload, cut or stop in its middle: give it a model that thinks.
 */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, expectNoOverflow, picture, type Watched, watch } from "./watchers";

const USER = process.env.SAHUR_USER ?? "";
const ONE_TIME_PASSWORD = process.env.SAHUR_PASSWORD ?? "";
const NEW_PASSWORD = "a long walk before dawn";
const REPORT = process.env.SAHUR_REPORT
  ? readFileSync(process.env.SAHUR_REPORT, "utf8")
  : 'Some orders fail:\n\n```\n  File "shop/pricing.py", line 27, in total\nAttributeError: no attribute discount\n```\n';
const MESSAGE = "It began right after the last deploy.";
const PHONE = { width: 390, height: 844 };

const timeline = (page: Page) => page.getByTestId("timeline");
const runPicker = (page: Page) => page.getByRole("combobox", { name: "Run" });
const runStatus = (page: Page) => page.getByTestId("run-status");
const message = (page: Page) => page.getByTestId("message").filter({ hasText: MESSAGE });
const lastSeq = async (page: Page) => Number(await timeline(page).getAttribute("data-seq"));
const article = (page: Page, name: string) => page.getByRole("article", { name, exact: true });

test("report, watch, steer, read, stop", async ({ page, baseURL }) => {
  const watched = await watch(page, String(baseURL));
  await test.step("sign in and replace the one-time password", () => signIn(page));
  await test.step("file an issue", () => fileIssue(page));
  await test.step("watch it live", () => watchLive(page));
  await test.step("send a message", () => steer(page));
  await test.step("reload in the middle", () => reloadInTheMiddle(page));
  await test.step("lose the socket", () => loseSocket(page, watched));
  await test.step("see the message taken in", () => seeMessageTakenIn(page));
  await test.step("read the solution", () => readSolution(page));
  await test.step("nothing was lost or told twice", () => compareWithRecord(page));
  await test.step("start another run and stop it", () => stopAnotherRun(page));
  await test.step("resume it, and hold it against the first", () => resumeAndCompare(page));
  await test.step("close the issue", () => closeIssue(page));
  await test.step("find it in the list", () => findInList(page));
  await test.step("the same on a phone", () => lookOnPhone(page));
  expect(watched.foreign, "requests to third parties").toEqual([]);
  expect(watched.faults, "errors and policy violations").toEqual([]);
});

async function signIn(page: Page): Promise<void> {
  await page.goto("/");
  await expect(page).toHaveURL(/\/login\//);
  await expectAccessible(page, "sign-in");
  await page.getByLabel("User name").fill(USER);
  await page.getByLabel("Password").fill(ONE_TIME_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Choose your password" })).toBeVisible();
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Save and go on" }).click();
  await expect(page.getByRole("heading", { name: "Issues", level: 1 })).toBeVisible();
}

async function fileIssue(page: Page): Promise<void> {
  await page.getByRole("link", { name: "New issue" }).click();
  await page.getByRole("button", { name: "File issue" }).waitFor();
  await page.getByLabel("What happens").fill(REPORT);
  await page.getByLabel("Title").fill("Some requests answer 500 since the last deploy");
  await page.reload();
  await expect(page.getByLabel("Title"), "the draft after a reload").toHaveValue(/answer 500/);
  const first = page.locator("#repositories option").first();
  const repository = process.env.SAHUR_REPOSITORY ?? (await first.getAttribute("value"));
  await page.getByLabel("Repository").fill(String(repository));
  await expectAccessible(page, "new issue");
  await page.getByRole("button", { name: "File issue" }).click();
  await expect(page).toHaveURL(/\/issues\/[A-Z0-9]+-\d+\//);
}

async function watchLive(page: Page): Promise<void> {
  await expect(timeline(page).getByRole("article").first()).toBeVisible();
  await expect(page.locator("[data-connection=live]").first()).toBeVisible();
  await expect(runStatus(page)).toHaveAttribute("data-status", "running");
}

async function steer(page: Page): Promise<void> {
  await page.getByLabel("Message to the investigation").fill(MESSAGE);
  await page.keyboard.press("Enter");
  await expect(message(page)).toHaveAttribute("data-state", /^(queued|taken_in)$/);
}

async function reloadInTheMiddle(page: Page): Promise<void> {
  const before = await lastSeq(page);
  expect(before).toBeGreaterThan(0);
  await expect(runStatus(page), "still in the middle").toHaveAttribute("data-status", "running");
  await page.reload();
  await expect.poll(() => lastSeq(page), { message: "events after the reload" }).toBeGreaterThanOrEqual(before);
  await expect(message(page), "the message after the reload").toHaveCount(1);
}

async function loseSocket(page: Page, watched: Watched): Promise<void> {
  const sockets = watched.resumedAfter.length;
  const before = await lastSeq(page);
  await expect(runStatus(page), "still in the middle").toHaveAttribute("data-status", "running");
  await watched.dropRunSocket();
  await expect.poll(() => watched.resumedAfter.length, { message: "a new socket" }).toBeGreaterThan(sockets);
  expect(watched.resumedAfter.at(-1), "the new socket goes on from the last event").toBeGreaterThanOrEqual(before);
  expect(before).toBeGreaterThan(0);
  await expectAccessible(page, "a run that goes on");
}

async function seeMessageTakenIn(page: Page): Promise<void> {
  await expect(message(page)).toHaveAttribute("data-state", "taken_in");
  await expect(message(page)).toContainText(/Taken in at step \d+/);
  await expect(message(page), "told once").toHaveCount(1);
  await page.evaluate(() => window.scrollTo(0, 0));
  await picture(page, "issue-live");
}

async function readSolution(page: Page): Promise<void> {
  const solution = article(page, "Solution");
  await expect(solution).toBeVisible({ timeout: 60_000 });
  await expect(runStatus(page)).toHaveAttribute("data-status", "succeeded", { timeout: 60_000 });
  await expect(solution.getByRole("region", { name: "Next step" })).not.toBeEmpty();
  await page.evaluate(() => window.scrollTo(0, 0));
  const citation = solution.getByRole("link", { name: /^Evidence \d+$/ }).first();
  const number = (await citation.getAttribute("href"))?.replace("#evidence-", "");
  await picture(page, "solution");
  await expectAccessible(page, "a solution, light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page, "a solution, dark");
  await picture(page, "solution-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await citation.click();
  const evidence = page.locator(`#evidence-${number}`);
  await expect(evidence).toBeInViewport();
  await evidence.getByRole("button", { name: `Receipt of evidence ${number}` }).click();
  const receipt = page.getByRole("dialog", { name: "Receipt" });
  await expect(receipt.getByRole("region", { name: "Whole result" })).not.toBeEmpty();
  await receipt.getByRole("button", { name: "Still true?" }).click();
  await expect(receipt.getByRole("status")).toContainText("Still true: the same answer");
  await expectAccessible(page, "a receipt");
  await page.keyboard.press("Escape");
  await expect(receipt).toBeHidden();
}

/** What the page has folded, against what the server has stored. */
async function compareWithRecord(page: Page): Promise<void> {
  const key = /issues\/([\w-]+)\//.exec(page.url())?.[1];
  const issue = await (await page.request.get(`/api/issues/${key}/`)).json();
  const run = await (await page.request.get(`/api/runs/${issue.run.id}/`)).json();
  await expect.poll(() => lastSeq(page)).toBe(run.last_seq);
  await page.reload();
  await expect.poll(() => lastSeq(page)).toBe(run.last_seq);
  await expect(message(page)).toHaveCount(1);
  await expect(article(page, "Solution")).toBeVisible();
}

async function stopAnotherRun(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start another run" }).click();
  await expect(runPicker(page)).toHaveValue("2");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(runStatus(page)).toHaveAttribute("data-status", "canceled");
  await expect(article(page, "Stopped")).toContainText("Stopped by");
}

async function resumeAndCompare(page: Page): Promise<void> {
  await article(page, "Stopped").getByRole("button", { name: "Resume" }).click();
  await expect(runPicker(page)).toHaveValue("3");
  await expect(page.getByText("resumed from run 2", { exact: true })).toBeVisible();
  await expect(article(page, "Solution")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Compare with run 1" }).click();
  const comparison = page.getByRole("dialog", { name: "Run 1 and run 3" });
  await expect(comparison.getByRole("region", { name: "Root cause" })).toBeVisible();
  await expectAccessible(page, "a comparison");
  await page.keyboard.press("Escape");
  await runPicker(page).selectOption("1");
  await expect(article(page, "Solution")).toBeVisible();
}

async function closeIssue(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Close issue" }).click();
  const dialog = page.getByRole("dialog", { name: /^Close / });
  await dialog.getByLabel(/How was it resolved/).fill("Rolled back.");
  await dialog.getByRole("button", { name: "Close issue" }).click();
  await expect(page.getByText("Resolution: Rolled back.")).toBeVisible();
  await page.getByRole("button", { name: "Reopen issue" }).click();
  await expect(page.getByRole("button", { name: "Close issue" })).toBeVisible();
}

async function findInList(page: Page): Promise<void> {
  await page.getByRole("link", { name: "SAHUR" }).click();
  const row = page.getByRole("link", { name: /answer 500/ });
  await expect(row).toBeVisible();
  await expectAccessible(page, "the list");
  await picture(page, "list");
  await page.getByLabel("Search issues").fill("nothing has these words");
  await expect(page.getByRole("heading", { name: "No issue matches" })).toBeVisible();
  await page.getByLabel("Search issues").fill("answer 500");
  await expect(row).toBeVisible();
}

async function lookOnPhone(page: Page): Promise<void> {
  await page.setViewportSize(PHONE);
  await expectNoOverflow(page, "the list");
  await page.getByRole("link", { name: /answer 500/ }).click();
  await runPicker(page).selectOption("1");
  await expect(article(page, "Solution")).toBeVisible();
  await expectNoOverflow(page, "an issue");
  await expectAccessible(page, "an issue on a phone");
  await page.evaluate(() => window.scrollTo(0, 0));
  await picture(page, "phone");
  await page.goto("/issues/new/");
  await expect(page.getByLabel("What happens")).toBeVisible();
  await expectNoOverflow(page, "new issue");
}
