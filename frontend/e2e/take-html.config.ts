/** Takes pictures of HTML files, by the browser of the stories: `SAHUR_HTML=<folder> npx playwright test -c e2e/take-html.config.ts`. */
import { defineConfig } from "@playwright/test";
import { CHROMIUM_ARGS, chromiumPath } from "./chromium";

export default defineConfig({
  testDir: ".",
  testMatch: "take-html.ts",
  outputDir: "../test-results",
  workers: 1,
  reporter: "line",
  use: {
    headless: true,
    launchOptions: { executablePath: await chromiumPath(), args: [...CHROMIUM_ARGS, "--disable-lcd-text"] },
  },
});
