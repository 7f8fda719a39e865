/** Taking part in a run: what people decide, what they say and when it is used, and how a run is stopped. */
import { expect, type Page } from "@playwright/test";
import { article, expectLive, expectStatus, messages, request, runPicker, runStatus, say } from "./run-page";
import { ENOUGH, openNew, signIn, test, WISHES } from "./stage";
import { expectAccessible, expectNoOverflow } from "./watchers";

const answersSent = (page: Page) => {
  const sent: string[] = [];
  page.on("request", (each) => {
    if (each.method() === "POST" && each.url().endsWith("/answer/")) sent.push(String(each.postData()));
  });
  return sent;
};

test("approve one call, change another, reject a third @full", async ({ page, baseURL }) => {
  const sent = answersSent(page);
  await openNew(page, baseURL, "rita", {
    title: "Tickets for the desk screens",
    body: WISHES.tickets("roll back the desk screens", "tell the front desk", "order new screens"),
  });
  const card = request(page, "Approval needed");
  await expect(card).toContainText("1 of 3");
  await expect(card).toContainText("foreign__create_ticket");
  await expectAccessible(page, "an approval");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoOverflow(page, "an approval at 390");
  await page.setViewportSize({ width: 1280, height: 800 });

  await test.step("a double click decides once", async () => {
    await expect(card).toContainText("roll back the desk screens");
    await card.getByRole("button", { name: "Approve" }).dblclick();
    await expect(card).toContainText("1 of 2");
    expect(sent.length, "answers sent").toBeLessThanOrEqual(2);
    expect(new Set(sent.map((body) => JSON.parse(body).client_id)).size, "as one and the same").toBe(1);
  });
  await test.step("another one with changed arguments", async () => {
    await expect(card).toContainText("tell the front desk");
    await card.getByRole("button", { name: "Change…" }).click();
    await expectAccessible(page, "changing arguments");
    await card.getByLabel("text").fill("tell the front desk and the porter");
    await card.getByRole("button", { name: "Approve changed" }).click();
    await expect(card).toContainText("order new screens");
  });
  await test.step("the last one not, with the reason", async () => {
    await card.getByLabel("Reason or remark").fill("There is no budget for it.");
    await card.getByRole("button", { name: "Reject" }).click();
    await expect(card).toBeHidden();
  });
  await expectStatus(page, "succeeded");
  const told = page.getByRole("region", { name: "Timeline" });
  await expect(told).toContainText("Approved by Rita Okonkwo");
  await expect(told).toContainText("Approved with changes by Rita Okonkwo");
  await expect(told).toContainText("Rejected by Rita Okonkwo: There is no budget for it.");
});

test("what needs an admin is shown to others, and decided by one @full", async ({ page, baseURL, browser }) => {
  const key = await openNew(page, baseURL, "rita", { title: "Everything must go", body: WISHES.tickets("delete") });
  const card = request(page, "Approval needed");
  await expect(card).toContainText("Only an admin of the team can answer this.");
  await expect(card.getByRole("button", { name: "Approve" })).toBeDisabled();
  const admin = await browser.newContext({ baseURL: String(baseURL) });
  await signIn(admin, "ada", String(baseURL));
  const hers = await admin.newPage();
  await hers.goto(`/issues/${key}/`);
  await request(hers, "Approval needed").getByRole("button", { name: "Reject" }).click();
  await expect(page.getByText("Rejected by Ada Lindqvist").first()).toBeVisible();
  await expect(card).toBeHidden();
  await admin.close();
});

test("a question is answered @full", async ({ page, baseURL }) => {
  await openNew(page, baseURL, "rita", { title: "Which release is it", body: `The screen is dark. ${WISHES.ask}` });
  const card = request(page, "A question for you");
  await expect(card).toContainText("Which release runs on the desk screens?");
  await expectAccessible(page, "a question");
  await expect(card.getByRole("button", { name: "Answer" })).toBeDisabled();
  await card.getByLabel("Your answer").fill("4.2, since Tuesday");
  await page.reload();
  await expect(card.getByLabel("Your answer"), "the draft after a reload").toHaveValue("4.2, since Tuesday");
  await card.getByRole("button", { name: "Answer" }).click();
  await expect(card).toBeHidden();
  await expect(page.getByText("Answered by Rita Okonkwo: 4.2, since Tuesday").first()).toBeVisible();
  await expectStatus(page, "succeeded");
});

test("a message that cannot wait interrupts the model @full", async ({ page, baseURL }) => {
  const key = await openNew(page, baseURL, "rita", { title: "It talks and talks", body: `The screen is dark. ${WISHES.talk}` });
  await expect(page.getByText("I think about one thing after the other").filter({ visible: true })).not.toHaveCount(0);
  await say(page, ENOUGH);
  const waiting = page.getByRole("region", { name: "Waiting for the model" });
  await expect(waiting).toContainText(ENOUGH);
  await expectAccessible(page, "a message that waits");
  await waiting.getByRole("button", { name: `Use now: ${ENOUGH}` }).click();
  await expect(messages(page, ENOUGH)).toHaveAttribute("data-state", "taken_in");
  await expectStatus(page, "succeeded");
  await page.goto(`/issues/${key}/?view=trace&kind=model_call.interrupted`);
  await expect(page.getByRole("region", { name: "Events" }).getByText("1 of")).toBeVisible();
});

test("a run is stopped in two phases, and goes on from there @full", async ({ page, baseURL }) => {
  await openNew(page, baseURL, "rita", { title: "Stop in the middle", body: `The screen is dark. ${WISHES.talk}` });
  await expectLive(page);
  await expect(page.getByText("I think about one thing after the other").filter({ visible: true })).not.toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.locator("body").press("Shift+S");
  await expect(page.getByText("Stopping…").first()).toBeVisible();
  await expectStatus(page, "canceled");
  await expect(article(page, "Stopped")).toContainText("Stopped by Rita Okonkwo");
  await expectAccessible(page, "a stopped run");
  await article(page, "Stopped").getByRole("button", { name: "Resume" }).click();
  await expect(runPicker(page)).toHaveValue("2");
  await expectStatus(page, "running");
  await say(page, ENOUGH);
  await page.getByRole("button", { name: /^Use now: / }).click();
  await expectStatus(page, "succeeded");
});

test("a further run hears first what was said for it, and is compared @full", async ({ page, baseURL }) => {
  await openNew(page, baseURL, "rita", { title: "Once more, please", repository: "booking" });
  await expectStatus(page, "succeeded");
  await page.getByLabel("What the further run should hear first").fill("The porter says it was on Monday.");
  await page.getByRole("button", { name: "Start another run" }).click();
  await expect(runPicker(page)).toHaveValue("2");
  await expect(messages(page, "The porter says")).toHaveAttribute("data-state", "taken_in");
  await expectStatus(page, "succeeded");
  await page.getByRole("button", { name: "Compare with run 1" }).click();
  const comparison = page.getByRole("dialog", { name: "Run 1 and run 2" });
  await expect(comparison.getByRole("region", { name: "Root cause" })).toBeVisible();
  await expectAccessible(page, "a comparison");
  await page.keyboard.press("Escape");
  await expect(runStatus(page)).toHaveAttribute("data-status", "succeeded");
});
