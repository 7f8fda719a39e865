/**
 * Pictures of every page with real content, into the folder that SAHUR_SCREENSHOTS names:
 *
 *   make pictures
 *
 * takes those of the documentation (docs/images). With SAHUR_SCREENSHOTS_ALL=1 each page is taken at 1440, 1024 and 390
 * pixels in light and dark, as `list-1024-dark.png`: to be looked at, not kept. The settings come last, in a round of their
 * own: their repositories are then named as if a server had them.
 */
import { expect, type Locator, type Page } from "@playwright/test";
import { composer, expectLive, expectStatus, request, say, solution, top } from "./run-page";
import { file, PHONE, REPORT, signIn, test, WISHES } from "./stage";

const FOLDER = process.env.SAHUR_SCREENSHOTS ?? "";
const ALL = Boolean(process.env.SAHUR_SCREENSHOTS_ALL);
const DESKTOP = { width: 1120, height: 700 };
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];
const TITLE = "Desk screen crashes when asking for room Kepler";

test.skip(!FOLDER, "SAHUR_SCREENSHOTS names no folder");
test.setTimeout(600_000);
test.use({ viewport: DESKTOP, timezoneId: "UTC" });

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${FOLDER}/${name}.png`, animations: "disabled", caret: "hide" });
}

/** Once for the documentation, or at every size and in both colors; from the top, or from where `from` begins. */
async function picture(page: Page, name: string, from?: Locator): Promise<void> {
  const scroll = () => (from ? from.evaluate((element) => element.scrollIntoView()) : top(page));
  if (!ALL) {
    await scroll();
    return take(page, name);
  }
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await scroll();
      await page.waitForTimeout(150);
      await take(page, `${name}-${size.width}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESKTOP);
}

test("pictures of a run, from the report to the answer @pictures", async ({ page, baseURL }) => {
  await signIn(page.context(), "rita", String(baseURL));
  const origin = String(baseURL);
  const waiting = await file(page.context(), origin, {
    title: "Room screens show yesterday's bookings",
    body: WISHES.tickets("Restart the feed importer on desk 4", "Tell the front desk to book by phone"),
  });
  await page.goto("/issues/new/");
  await page.getByLabel("Title").fill("Desk screen is blank for Kepler on Monday");
  await page.getByLabel("What happens").fill(REPORT);
  await page.getByLabel("Repository").fill("booking");
  await expect(page.getByRole("complementary").getByRole("link").first()).toBeVisible();
  await picture(page, "new-issue");
  await page.goto(`/issues/${waiting}/`);
  await expect(request(page, "Approval needed")).toBeVisible();
  await picture(page, "approval");
  const key = await file(page.context(), origin, { title: TITLE, repository: "booking" });
  await page.goto(`/issues/${key}/`);
  await expectLive(page);
  await say(page, "It began right after the last release.");
  await expect(page.getByTestId("timeline").getByRole("article").nth(2)).toBeVisible();
  await composer(page).fill("Only rooms with whole-day entries");
  await picture(page, "issue-live");
  await expectStatus(page, "succeeded");
  await page.goto(`/issues/${key}/`);
  await expect(solution(page)).toBeVisible();
  await picture(page, "solution");
  await page.emulateMedia({ colorScheme: "dark" });
  await take(page, "solution-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(PHONE);
  await top(page);
  await take(page, "phone");
  await page.setViewportSize(DESKTOP);
  await solution(page).getByRole("link", { name: "Evidence 1" }).first().click();
  await expect(page.getByRole("dialog").getByRole("region", { name: "Result", exact: true })).not.toBeEmpty();
  await picture(page, "evidence");
  await page.keyboard.press("Escape");
  await page.goto(`/issues/${key}/?view=trace`);
  await expect(solution(page)).toBeVisible();
  await expect(page.getByRole("region", { name: "Events" })).toBeVisible();
  await picture(page, "trace", page.getByRole("region", { name: "Timeline" }));
  await page.goto(`/issues/${key}/`);
  await expect(solution(page)).toBeVisible();
  await picture(page, "story", page.getByRole("region", { name: "Timeline" }));
});

test("pictures of the list, the overview and the frame @pictures", async ({ page, baseURL }) => {
  await signIn(page.context(), "ada", String(baseURL));
  await page.goto("/");
  await expect(page.getByRole("list", { name: "Issues" }).getByRole("link").first()).toBeVisible();
  await readAllBut(page, 1, 4);
  await picture(page, "list");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
  await picture(page, "palette");
  await page.keyboard.press("Escape");
  await page.goto("/overview/");
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  await expect(page.locator("[aria-busy=true], .skeleton")).toHaveCount(0);
  await picture(page, "overview");
});

/** Some rows look as after a night's sleep, most have been read. */
async function readAllBut(page: Page, ...rows: number[]): Promise<void> {
  await page.getByRole("checkbox", { name: "Select all that are shown" }).check();
  await page.getByRole("button", { name: "Mark read" }).click();
  await expect(page.getByRole("region", { name: "Selected issues" })).toBeHidden();
  for (const at of rows) {
    const row = page.getByRole("list", { name: "Issues" }).getByRole("link").nth(at);
    await row.focus();
    await page.keyboard.press("u");
    await expect(row).toHaveText(/^Unread: /);
    await row.blur();
  }
  await page.mouse.move(0, 0);
}

test("pictures of the settings @afterwards", async ({ page, baseURL }) => {
  await signIn(page.context(), "ada", String(baseURL));
  for (const slug of ["", "teams", "tokens", "members", "budgets", "repositories", "audit", "upstreams", "models", "slack"]) {
    await page.goto(slug ? `/settings/${slug}/?team=SAH` : "/settings/");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("[aria-busy=true], .skeleton")).toHaveCount(0);
    if (slug !== "slack") await picture(page, `settings${slug ? `-${slug}` : ""}`);
  }
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByRole("status").filter({ hasText: "missing" })).toBeVisible();
  await page.mouse.move(0, 0);
  await picture(page, "settings-slack", page.getByRole("region", { name: "Check" }));
});
