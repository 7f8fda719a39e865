/** Every `name.html` of the folder that SAHUR_HTML names becomes `name.png` in SAHUR_SCREENSHOTS: the picture of its `main`. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "@playwright/test";

const FROM = process.env.SAHUR_HTML ?? "";
const SCALE = Number(process.env.SAHUR_SCALE ?? "1.5");
const TO = process.env.SAHUR_SCREENSHOTS ?? "";

test.use({ viewport: { width: 820, height: 600 }, deviceScaleFactor: SCALE, timezoneId: "UTC" });

for (const file of readdirSync(FROM).filter((name) => name.endsWith(".html"))) {
  test(file, async ({ page }) => {
    // Nothing is fetched: what is not in the file is not in the picture.
    await page.route("**/*", (route) => (route.request().url().startsWith("file:") ? route.continue() : route.abort()));
    await page.goto(`file://${join(FROM, file)}`);
    await page.locator("main").screenshot({ path: join(TO, `${basename(file, ".html")}.png`), animations: "disabled" });
  });
}
