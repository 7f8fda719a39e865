import sp from "@sparticuz/chromium";
import { chromium } from "playwright-core";

const base = process.env.SAHUR_URL ?? "http://127.0.0.1:8931";
const b = await chromium.launch({
  executablePath: await sp.executablePath(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const ctx = await b.newContext({ viewport: { width: 1280, height: 800 } });
const p = await ctx.newPage();
p.on("console", (m) => console.log("console", m.type(), m.text()));
p.on("pageerror", (e) => console.log("pageerror", e));
const shot = (n, o = {}) => p.screenshot({ path: `/tmp/shots/${n}.png`, ...o });
await p.goto(base + "/");
await p.waitForURL(/login/);
await shot("login");
await p.getByLabel("User name").fill("rita");
await p.getByLabel("Password").fill("one-time");
await p.getByRole("button", { name: "Sign in" }).click();
await p.waitForTimeout(600);
if (await p.getByLabel("New password").count()) {
  await shot("password");
  await p.getByLabel("New password").fill("correct horse battery");
  await p.getByRole("button", { name: /Save/ }).click();
} else {
  console.log("no pw form");
}
await p.waitForTimeout(800);
await shot("empty");
const file = async (title, body) => {
  await p.goto(base + "/issues/new/");
  await p.getByLabel("Title").fill(title);
  await p.getByLabel("What happens").fill(body);
  await p.getByLabel("Repository").fill("shop");
  return p;
};
await file(
  "Checkout answers 500 for carts without a coupon",
  "Since this morning checkout fails.\n\n```\nAttributeError: 'NoneType' object has no attribute 'discount'\n```\n",
);
await shot("new");
await p.getByRole("button", { name: "File issue" }).click();
await p.waitForURL(/SAH-/);
await p.waitForTimeout(3500);
await shot("live1");
await p.getByLabel("Message to the investigation").fill("It began after the 16:20 deploy.");
await p.keyboard.press("Enter");
await p.waitForTimeout(200);
await shot("live2");
await p.waitForTimeout(9000);
await shot("live3", { fullPage: true });
await p.waitForSelector("[data-status=succeeded]", { timeout: 60000 });
await p.waitForTimeout(300);
await shot("done");
await shot("done-full", { fullPage: true });
await p.getByRole("button", { name: /Receipt of evidence 2/ }).click();
await p.waitForTimeout(500);
await shot("receipt");
await p.keyboard.press("Escape");
await p.emulateMedia({ colorScheme: "dark" });
await p.waitForTimeout(200);
await shot("dark");
await file("Nightly export needs approval to restart", "x");
await p.getByRole("button", { name: "File issue" }).click();
await p.waitForURL(/SAH-2/);
await p.waitForSelector("[data-status=waiting]", { timeout: 60000 });
await p.waitForTimeout(300);
await shot("approval");
await p.emulateMedia({ colorScheme: "light" });
await p.setViewportSize({ width: 390, height: 844 });
await p.waitForTimeout(300);
await shot("phone-approval");
await p.getByRole("button", { name: "Approve" }).click();
await p.waitForSelector("[data-status=succeeded]", { timeout: 60000 });
await p.evaluate(() => scrollTo(0, 0));
await p.waitForTimeout(300);
await shot("phone-done");
await shot("phone-full", { fullPage: true });
await file("Please fail the run", "fail the run");
await p.getByRole("button", { name: "File issue" }).click();
await p.waitForURL(/SAH-3/);
await p.setViewportSize({ width: 1280, height: 800 });
await p.waitForSelector("[data-status=failed]", { timeout: 60000 });
await p.evaluate(() => scrollTo(0, 0));
await shot("failed");
await p.goto(base + "/");
await p.waitForTimeout(800);
await shot("list");
await p.setViewportSize({ width: 390, height: 844 });
await p.waitForTimeout(300);
await shot("phone-list");
console.log("overflow", await p.evaluate(() => document.documentElement.scrollWidth > innerWidth));
await b.close();
