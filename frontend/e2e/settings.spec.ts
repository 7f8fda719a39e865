/** The settings, as an admin and as somebody who may only look. */
import { expect, type Page } from "@playwright/test";
import { composer, expectStatus } from "./run-page";
import { file, openNew, signIn, test, WISHES } from "./stage";
import { expectAccessible, expectNoOverflow } from "./watchers";

const open = async (page: Page, slug: string, heading: string) => {
  await page.goto(`/settings/${slug}/?team=SAH`);
  await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
};

test("an API token is shown once, and revoked @full", async ({ page, baseURL }) => {
  await signIn(page.context(), "ada", String(baseURL));
  await open(page, "tokens", "API tokens");
  await page.getByRole("button", { name: "Create a token" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Create a token" });
  await dialog.getByLabel("Name", { exact: true }).fill("nightly report");
  await expectAccessible(page, "creating a token");
  await dialog.getByRole("button", { name: /^Create/ }).click();
  const secret = page.getByTestId("secret");
  await expect(secret).toBeVisible();
  await expectAccessible(page, "a new token");
  const bearer = { Authorization: `Bearer ${await secret.textContent()}` };
  const alone = await page
    .context()
    .browser()
    ?.newContext({ baseURL: String(baseURL), extraHTTPHeaders: bearer });
  expect((await alone?.request.get("/api/issues/"))?.status(), "the key works").toBe(200);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Revoke nightly report" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Revoke/ })
    .click();
  await expect(page.getByRole("button", { name: "Revoke nightly report" })).toBeHidden();
  expect((await alone?.request.get("/api/issues/"))?.status(), "not any more").toBe(401);
  await alone?.close();
});

test("a member is added, gets another role, and is removed @full", async ({ page, baseURL }) => {
  await signIn(page.context(), "ada", String(baseURL));
  await open(page, "members", "Members");
  await page.getByLabel("User name").fill("olga");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Role of olga: Responder" }).click();
  await expectAccessible(page, "choosing a role");
  await page.getByRole("menuitemradio", { name: /^Viewer/ }).click();
  await expect(page.getByRole("button", { name: "Role of olga: Viewer" })).toBeVisible();
  await page.getByRole("button", { name: "Remove olga" }).click();
  await page.getByRole("dialog", { name: "Remove olga" }).getByRole("button", { name: "Remove from the team" }).click();
  await expect(page.getByRole("button", { name: "Remove olga" })).toBeHidden();
  await open(page, "audit", "Audit log");
  await expect(page.getByText("olga").first()).toBeVisible();
});

test("a model gets a price, and loses it @full", async ({ page, baseURL }) => {
  await signIn(page.context(), "ada", String(baseURL));
  await open(page, "models", "Models and prices");
  await page.getByRole("button", { name: "Set a price" }).click();
  const dialog = page.getByRole("dialog", { name: "Set a price" });
  await dialog.getByLabel("Model").fill("my-own-model");
  await dialog.getByLabel("Input", { exact: true }).fill("1.5");
  await dialog.getByLabel("Output").fill("6");
  await expectAccessible(page, "setting a price");
  await dialog.getByRole("button", { name: "Save price" }).click();
  await expect(page.getByText("The price of my-own-model holds within half a minute.")).toBeVisible();
  await page.getByRole("button", { name: "Remove the price of my-own-model" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Remove/ })
    .click();
  await expect(page.getByRole("button", { name: "Remove the price of my-own-model" })).toBeHidden();
});

test("limits are set, kept and lifted @full", async ({ page, baseURL }) => {
  await signIn(page.context(), "ada", String(baseURL));
  await open(page, "budgets", "Budgets");
  await page.getByLabel("Tool calls", { exact: true }).first().selectOption({ label: "Own limit" });
  await page.getByRole("textbox", { name: "Tool calls, calls" }).fill("400");
  await page.getByRole("button", { name: "Save the limits" }).click();
  await expect(page.getByRole("status").filter({ hasText: /limits/i })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("textbox", { name: "Tool calls, calls" })).toHaveValue("400");
  await page.getByLabel("Tool calls", { exact: true }).first().selectOption({ index: 0 });
  await page.getByRole("button", { name: "Save the limits" }).click();
});

test("whoever may only look finds nothing to change @full", async ({ page, context, baseURL, browser }) => {
  const responder = await browser.newContext({ baseURL: String(baseURL) });
  const busy = await responder.newPage();
  const key = await openNew(busy, baseURL, "rita", { title: "Looked at only", body: `The screen is dark. ${WISHES.talk}` });
  await signIn(context, "vi", String(baseURL));
  await page.goto("/");
  await expect(page.getByRole("link", { name: /Looked at only/ })).toBeVisible();
  await expect(page.getByRole("link", { name: "New issue" })).toHaveCount(0);
  await page.goto(`/issues/${key}/`);
  await expectStatus(page, "running");
  await expectAccessible(page, "a run for a viewer");
  await expect(composer(page)).toHaveCount(0);
  for (const name of ["Stop", "Close issue", "Start another run", "Branch…"]) {
    await expect(page.getByRole("button", { name, exact: true }), name).toHaveCount(0);
  }
  await open(page, "members", "Members");
  await expect(page.getByRole("table", { name: "Members" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^(Add|Remove|Role of)/ })).toHaveCount(0);
  await open(page, "repositories", "Repositories");
  await expect(page.getByRole("heading", { name: "booking" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Add repository" })).toHaveCount(0);
  await page.goto("/settings/audit/");
  await expect(page.getByText("This page is for admins of a team.")).toBeVisible();
  await expectAccessible(page, "a page that is not for everybody");
  const refused = await file(context, String(baseURL), { title: "Not mine to file" }).catch((error) => String(error));
  expect(refused, "the server refuses it, too").toContain("403");
  await busy.getByRole("button", { name: "Stop", exact: true }).click();
  await responder.close();
});

const PAGES = ["teams", "tokens", "members", "budgets", "repositories", "audit", "upstreams", "models", "slack"];

test("every page of the settings is accessible and fits, in both colors @full", async ({ page, baseURL }) => {
  test.setTimeout(400_000);
  await signIn(page.context(), "ada", String(baseURL));
  for (const address of ["/overview/", "/settings/", ...PAGES.map((slug) => `/settings/${slug}/?team=SAH`), "/nothing-here/"]) {
    await test.step(address, async () => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(address);
      await expect(page.locator("h1")).toBeVisible();
      await expect(page.locator("[aria-busy=true], .skeleton")).toHaveCount(0);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page, `${address}, ${colorScheme}`);
      }
      for (const width of [1024, 390]) {
        await page.setViewportSize({ width, height: 844 });
        await expectNoOverflow(page, `${address} at ${width}`);
      }
      await expectAccessible(page, `${address} on a phone`);
    });
  }
});
