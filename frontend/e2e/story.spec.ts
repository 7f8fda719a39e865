/**
 * The main job, told once through: sign in, report a problem, watch it investigated, steer it, lose the line, read the answer
 * and its evidence, stop a run and resume it, close the issue. The other stories go into the corners.
 */
import { expect, type Page } from "@playwright/test";
import {
  article,
  composer,
  expectLive,
  expectStatus,
  lastSeq,
  messages,
  runPicker,
  runStatus,
  say,
  solution,
  timeline,
} from "./run-page";
import { REPORT, REPOSITORY, test } from "./stage";
import { expectAccessible, type Watched } from "./watchers";

const USER = process.env.SAHUR_USER ?? "";
const ONE_TIME_PASSWORD = process.env.SAHUR_PASSWORD ?? "";
const NEW_PASSWORD = "a long walk before dawn";
const MESSAGE = "It began right after the last deploy.";

test("report, watch, steer, read, stop", async ({ page, watched }) => {
  await test.step("sign in and replace the one-time password", () => signInFirst(page));
  await test.step("file an issue", () => fileIssue(page));
  await test.step("watch it live", () => expectLive(page));
  await test.step("send a message", () => steer(page));
  await test.step("reload in the middle", () => reloadInTheMiddle(page));
  await test.step("lose the socket", () => loseSocket(page, watched));
  await test.step("see the message taken in", () => seeMessageTakenIn(page));
  await test.step("read the solution", () => readSolution(page));
  await test.step("open the evidence of a claim and ask whether it is still true", () => checkEvidence(page));
  await test.step("nothing was lost or told twice", () => compareWithRecord(page));
  await test.step("start another run and stop it", () => stopAnotherRun(page));
  await test.step("resume it", () => resume(page));
  await test.step("close the issue", () => closeIssue(page));
  await test.step("find it in the list", () => findInList(page));
});

async function signInFirst(page: Page): Promise<void> {
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
  await page.getByLabel("What happens").fill(REPORT);
  await page.getByLabel("Title").fill("Some requests answer 500 since the last deploy");
  await page.reload();
  await expect(page.getByLabel("Title"), "the draft after a reload").toHaveValue(/answer 500/);
  await page.getByLabel("Repository").fill(REPOSITORY);
  await expectAccessible(page, "new issue");
  await page.getByRole("button", { name: "File issue" }).click();
  await expect(page).toHaveURL(/\/issues\/[A-Z0-9]+-\d+\//);
  await expect(timeline(page).getByRole("article").first()).toBeVisible();
}

async function steer(page: Page): Promise<void> {
  await say(page, MESSAGE);
  await expect(composer(page)).toHaveValue("");
  await expect(messages(page, MESSAGE)).toHaveAttribute("data-state", /^(queued|taken_in)$/);
}

async function reloadInTheMiddle(page: Page): Promise<void> {
  const before = await lastSeq(page);
  expect(before).toBeGreaterThan(0);
  await expect(runStatus(page), "still in the middle").toHaveAttribute("data-status", "running");
  await page.reload();
  await expect.poll(() => lastSeq(page), { message: "events after the reload" }).toBeGreaterThanOrEqual(before);
  await expect(messages(page, MESSAGE), "the message after the reload").toHaveCount(1);
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
  await expect(messages(page, MESSAGE)).toHaveAttribute("data-state", "taken_in");
  await expect(messages(page, MESSAGE)).toContainText(/Taken in at step \d+/);
  await expect(messages(page, MESSAGE), "told once").toHaveCount(1);
}

async function readSolution(page: Page): Promise<void> {
  await expectStatus(page, "succeeded");
  await expect(solution(page).getByRole("region", { name: "Next step" })).not.toBeEmpty();
  await expectAccessible(page, "a solution, light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page, "a solution, dark");
  await page.emulateMedia({ colorScheme: "light" });
}

async function checkEvidence(page: Page): Promise<void> {
  const citation = solution(page)
    .getByRole("link", { name: /^Evidence \d+$/ })
    .first();
  const address = String(await citation.getAttribute("href"));
  await citation.click();
  await expect(page).toHaveURL(new RegExp(`${address}$`));
  const sheet = page.getByRole("dialog", { name: new RegExp(`^Evidence ${address.replace("#evidence-", "")} of`) });
  await expect(sheet.getByRole("region", { name: "Result", exact: true })).not.toBeEmpty();
  await sheet.getByRole("button", { name: "Still true?" }).click();
  await expect(sheet.getByRole("status")).toContainText("Still true: the same answer");
  await expectAccessible(page, "evidence");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(page).not.toHaveURL(/#/);
}

/** What the page has folded, against what the server has stored. */
async function compareWithRecord(page: Page): Promise<void> {
  const key = /issues\/([\w-]+)\//.exec(page.url())?.[1];
  const issue = await (await page.request.get(`/api/issues/${key}/`)).json();
  const run = await (await page.request.get(`/api/runs/${issue.run.id}/`)).json();
  await expect.poll(() => lastSeq(page)).toBe(run.last_seq);
  await page.reload();
  await expect.poll(() => lastSeq(page)).toBe(run.last_seq);
  await expect(messages(page, MESSAGE)).toHaveCount(1);
  await expect(solution(page)).toBeVisible();
}

async function stopAnotherRun(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start another run" }).click();
  await expect(runPicker(page)).toHaveValue("2");
  await expectStatus(page, "running");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expectStatus(page, "canceled");
  await expect(article(page, "Stopped")).toContainText("Stopped by");
}

async function resume(page: Page): Promise<void> {
  await article(page, "Stopped").getByRole("button", { name: "Resume" }).click();
  await expect(runPicker(page)).toHaveValue("3");
  await expect(page.getByText("resumed from run 2", { exact: true })).toBeVisible();
  await expectStatus(page, "succeeded");
}

async function closeIssue(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Close issue" }).click();
  const dialog = page.getByRole("dialog", { name: /^Close / });
  await dialog.getByLabel(/How was it resolved/).fill("Rolled back.");
  await dialog.getByRole("button", { name: "Close issue" }).click();
  await expect(page.getByText("Resolution: Rolled back.")).toBeVisible();
}

async function findInList(page: Page): Promise<void> {
  await page.getByRole("link", { name: "SAHUR" }).click();
  const row = page.getByRole("link", { name: /answer 500/ }).first();
  await expect(row).toBeVisible();
  await expectAccessible(page, "the list");
  await page.getByLabel("Search issues").fill("nothing has these words");
  await expect(page.getByRole("heading", { name: "No issue matches" })).toBeVisible();
  await page.getByLabel("Search issues").fill("answer 500");
  await expect(row).toBeVisible();
  await expect(page).toHaveURL(/q=answer/);
}
