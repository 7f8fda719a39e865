/** Which Chromium to drive: the one named, the system's, or the one that npm ships (Linux x86-64, no root needed). */
import { existsSync } from "node:fs";
import chromium from "@sparticuz/chromium";

const SYSTEM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome-stable", "/usr/bin/google-chrome"];

export async function chromiumPath(): Promise<string> {
  const named = process.env.SAHUR_CHROMIUM;
  if (named) return named;
  return SYSTEM.find((path) => existsSync(path)) ?? (await chromium.executablePath());
}

/** Without a sandbox: containers and root have none. It only ever opens our own pages. */
export const CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];
