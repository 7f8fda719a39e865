import { defineConfig } from "@playwright/test";
import { CHROMIUM_ARGS, chromiumPath } from "./e2e/chromium";

const url = process.env.SAHUR_URL;
if (!url) {
  throw new Error("The browser stories need a running SAHUR and its people: see e2e/stage.ts, or run `make browser`.");
}

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  reporter: [["list", { printSteps: true }]],
  timeout: 150_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: url,
    headless: true,
    actionTimeout: 20_000,
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: await chromiumPath(), args: CHROMIUM_ARGS },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
