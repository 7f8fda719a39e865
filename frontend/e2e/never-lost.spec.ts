/** Whatever happens to the network, the session or the tab: nothing that was said is lost, and nothing counts twice. */
import { expect } from "@playwright/test";
import { composer, expectLive, expectStatus, lastSeq, messages, runStatus, say } from "./run-page";
import { ENOUGH, openNew, PASSWORD, test, WISHES } from "./stage";
import { expectAccessible } from "./watchers";

const SLOW = { body: `The screen is dark. ${WISHES.talk}` };

test("what is said while offline arrives once @full", async ({ page, baseURL, watched }) => {
  const key = await openNew(page, baseURL, "rita", { title: "Said while offline", ...SLOW });
  await expectLive(page);
  await watched.disconnect();
  await expect(page.getByText(/^Offline\. Shown up to/)).toBeVisible();
  await expectAccessible(page, "offline");
  await say(page, ENOUGH);
  await expect(messages(page, ENOUGH)).toHaveAttribute("data-state", "sending");
  await watched.reconnect();
  await expect(messages(page, ENOUGH)).toHaveAttribute("data-state", /^(queued|taken_in)$/);
  await page.getByRole("button", { name: /^Use now: / }).click();
  await expectStatus(page, "succeeded");
  await expect(messages(page, ENOUGH)).toHaveCount(1);
  const { run } = await (await page.request.get(`/api/issues/${key}/`)).json();
  const record = await (await page.request.get(`/api/runs/${run.id}/`)).json();
  await expect.poll(() => lastSeq(page), { message: "all events" }).toBe(record.last_seq);
});

test("a socket that is cut goes on after the last event @full", async ({ page, baseURL, watched }) => {
  await openNew(page, baseURL, "rita", { title: "Cut in the middle", repository: "booking" });
  await expectLive(page);
  for (const times of [1, 2, 3]) {
    await expect.poll(() => lastSeq(page)).toBeGreaterThan(times * 3);
    const before = await lastSeq(page);
    await watched.dropRunSocket();
    await expect.poll(() => watched.resumedAfter.length, { message: `socket ${times + 1}` }).toBeGreaterThan(times);
    expect(watched.resumedAfter.at(-1)).toBeGreaterThanOrEqual(before);
  }
  await expectStatus(page, "succeeded");
});

test("a session that ends takes no draft with it @full", async ({ page, context, baseURL }) => {
  await openNew(page, baseURL, "rita", { title: "The session ends", ...SLOW });
  await expectLive(page);
  await composer(page).fill(ENOUGH);
  await context.clearCookies();
  await composer(page).press("Control+Enter");
  const again = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(again).toBeVisible({ timeout: 40_000 });
  await expectAccessible(page, "signing in again");
  await expect(messages(page, ENOUGH)).toHaveCount(1);
  await again.getByLabel("Password").fill(PASSWORD);
  await again.getByRole("button", { name: "Sign in" }).click();
  await expect(again).toBeHidden();
  await expect(messages(page, ENOUGH)).toHaveAttribute("data-state", "taken_in", { timeout: 30_000 });
  await expect(messages(page, ENOUGH)).toHaveCount(1);
  await expectStatus(page, "succeeded");
});

test("two tabs show the same, drafts too, and signing out is for both @full", async ({ page, context, baseURL }) => {
  const key = await openNew(page, baseURL, "rita", { title: "In two tabs", ...SLOW });
  await expectLive(page);
  const other = await context.newPage();
  await other.goto(`/issues/${key}/`);
  await expectLive(other);
  await composer(page).fill("A half");
  await expect(composer(other)).toHaveValue("A half");
  await composer(other).fill(ENOUGH);
  await composer(other).press("Control+Enter");
  await expect(composer(page)).toHaveValue("");
  for (const tab of [page, other]) await expect(messages(tab, ENOUGH)).toHaveAttribute("data-state", "taken_in");
  for (const tab of [page, other]) await expectStatus(tab, "succeeded");
  expect(await lastSeq(page)).toBe(await lastSeq(other));
  await other.getByRole("button", { name: /^Account of/ }).click();
  await other.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(other).toHaveURL(/\/login\//);
  await expect(page).toHaveURL(/\/login\//);
  await expect(runStatus(page)).toHaveCount(0);
});
