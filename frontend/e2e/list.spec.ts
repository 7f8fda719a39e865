/** The list of issues: searched, filtered, kept as views, read and unread, closed together; and finding one's way by keys. */
import { expect, type Page } from "@playwright/test";
import { file, signIn, test } from "./stage";
import { expectAccessible, expectNoOverflow } from "./watchers";

const BODY = "Words that nobody looks into: the printer hums.";

async function openList(page: Page, baseURL: string | undefined, ...titles: string[]): Promise<string[]> {
  await signIn(page.context(), "rita", String(baseURL));
  const keys: string[] = [];
  for (const title of titles) keys.push(await file(page.context(), String(baseURL), { title, body: BODY }));
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Issues", level: 1 })).toBeVisible();
  return keys;
}

const row = (page: Page, title: string) => page.getByRole("list", { name: "Issues" }).getByRole("link", { name: title });

test("filters stand in the address, and a view keeps them @full", async ({ page, baseURL }) => {
  await openList(page, baseURL, "The printer hums in room one");
  await page.getByLabel("Search issues").fill("printer hums");
  await expect(page).toHaveURL(/q=printer/);
  await page.getByText("Open", { exact: true }).click();
  await expect(page).toHaveURL(/status=open/);
  await page.reload();
  await expect(page.getByLabel("Search issues")).toHaveValue("printer hums");
  await expect(row(page, "The printer hums in room one")).toBeVisible();
  await page.getByRole("button", { name: "Save view" }).click();
  const dialog = page.getByRole("dialog", { name: "Save view" });
  await dialog.getByLabel("Name").fill("Printers");
  await expectAccessible(page, "saving a view");
  await dialog.getByRole("button", { name: "Save view" }).click();
  const views = page.getByRole("navigation", { name: "Views" });
  await views.getByRole("link", { name: "All issues" }).click();
  await expect(page).not.toHaveURL(/q=/);
  await views.getByRole("link", { name: "Printers" }).click();
  await expect(page).toHaveURL(/q=printer.*status=open|status=open.*q=printer/);
  await page.getByLabel("Search issues").fill("nothing has these words");
  await expect(page.getByRole("heading", { name: "No issue matches" })).toBeVisible();
  await expectAccessible(page, "a list without a match");
  await page.getByRole("button", { name: "Reset filters" }).first().click();
  await expect(page).not.toHaveURL(/q=/);
});

test("what was not looked at yet is unread @full", async ({ page, baseURL, browser }) => {
  const admin = await browser.newContext({ baseURL: String(baseURL) });
  await signIn(admin, "ada", String(baseURL));
  await openList(page, baseURL);
  const [title, later] = ["The lamp of the scanner is weak", "The scanner beeps all day"];
  const key = await file(admin, String(baseURL), { title, body: BODY });
  await expect(row(page, `Unread: ${title}`), "it comes in by itself").toBeVisible();
  await row(page, title).click();
  await expect(page.getByRole("heading", { name: title })).toBeVisible();
  await page.goBack();
  await expect(row(page, title)).toBeVisible();
  await expect(row(page, `Unread: ${title}`)).toHaveCount(0);
  await page.locator(`[data-issue=${key}]`).focus();
  await page.keyboard.press("u");
  await expect(row(page, `Unread: ${title}`)).toBeVisible();
  await page.getByRole("checkbox", { name: "Unread" }).check();
  await expect(page).toHaveURL(/unread=true/);
  await expect(row(page, title)).toBeVisible();
  await page.mouse.move(640, 400);
  await row(page, title).hover();
  await file(admin, String(baseURL), { title: later, body: BODY });
  await expect(page.getByRole("button", { name: /^\d+ new issues?$/ }), "nothing moves below the pointer").toBeVisible();
  await page.getByRole("button", { name: /^\d+ new issues?$/ }).click();
  await expect(row(page, later)).toBeVisible();
  await admin.close();
});

test("several are closed at once @full", async ({ page, baseURL }) => {
  const [one, two] = await openList(page, baseURL, "The kettle trips the fuse", "The kettle is cold");
  await page.getByRole("checkbox", { name: `Select ${one}` }).check();
  await page.locator(`[data-issue=${two}]`).focus();
  await page.keyboard.press("x");
  const bar = page.getByRole("region", { name: "Selected issues" });
  await expect(bar).toContainText("2 selected");
  await expectAccessible(page, "a selection");
  await bar.getByRole("button", { name: "Close…" }).click();
  const dialog = page.getByRole("dialog", { name: "Close 2 issues" });
  await dialog.getByLabel(/How were they resolved/).fill("A new kettle.");
  await expectAccessible(page, "closing two issues");
  await dialog.getByRole("button", { name: "Close 2 issues" }).click();
  await expect(page.getByText("2 issues closed.")).toBeVisible();
  await expect(row(page, "Closed: The kettle is cold")).toBeVisible();
});

test("keys lead everywhere, and a sheet tells them @full", async ({ page, baseURL }) => {
  const [key] = await openList(page, baseURL, "The window does not shut");
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog").filter({ has: page.getByRole("combobox", { name: "Command, page, or issue" }) });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await expect(palette.getByRole("option").first()).toBeVisible();
  await expectAccessible(page, "the palette");
  await page.keyboard.type(String(key).toLowerCase().replace("-", ""));
  await expect(palette.getByRole("option", { name: new RegExp(String(key)) })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "The window does not shut" })).toBeVisible();
  await page.locator("body").press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet).toContainText("Use keys that are a single character");
  await expectAccessible(page, "the sheet of keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await expect(page).toHaveURL(/\/overview\//);
  await page.keyboard.press("t");
  await expect(page.locator("html")).toHaveAttribute("data-theme", /dark|light/);
  await expectAccessible(page, "the other colors");
});

test("the list fits at every width @full", async ({ page, baseURL }) => {
  await openList(page, baseURL);
  for (const width of [1440, 1024, 768, 390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await expectNoOverflow(page, `the list at ${width}`);
  }
});
