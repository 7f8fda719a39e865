/**
 * What the stories are played on: a running SAHUR (tests/e2e/stage.py starts one). Whoever starts it sets
 *
 *   SAHUR_URL                    its address
 *   SAHUR_USER, SAHUR_PASSWORD   a responder with a one-time password (`must_change_password`)
 *   SAHUR_PEOPLES_PASSWORD       the password of rita (responder), ada (admin and staff) and vi (viewer)
 *   SAHUR_REPOSITORY             name of a repository of the team SAH
 *   SAHUR_REPORT                 path of a report about that repository
 *   SAHUR_SCREENSHOTS            folder for pictures (docs/images); none are taken without it
 *
 * A run must take some seconds, or there is nothing to reload, cut or stop in its middle: its model thinks.
 */
import { readFileSync } from "node:fs";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { type Watched, watch } from "./watchers";

export const PHONE = { width: 390, height: 844 };
export const PASSWORD = process.env.SAHUR_PEOPLES_PASSWORD ?? "";
export const REPOSITORY = process.env.SAHUR_REPOSITORY ?? "";
export const REPORT = readFileSync(process.env.SAHUR_REPORT ?? "", "utf8");

/** What the model of the stage does where a report has these words (tests/e2e/stage.py). */
export const WISHES = {
  /** Talks for a minute, until a message says `ENOUGH`. */
  talk: "Take your time and think aloud.",
  ask: "Ask whom you need to.",
  /** Wants to write these tickets, and waits for the approvals. */
  tickets: (...texts: string[]) => `It broke, please call ${texts.join(", ")}.`,
};
export const ENOUGH = "That is enough, go on.";

/** Each story ends with a look at what the page did beside what it shows. */
export const test = base.extend<{ watched: Watched }>({
  watched: [
    async ({ page, baseURL }, use) => {
      const watched = await watch(page, String(baseURL));
      await use(watched);
      expect(watched.foreign, "requests to third parties").toEqual([]);
      expect(watched.faults, "errors and policy violations").toEqual([]);
    },
    { auto: true },
  ],
});

/** Through the API: the form has a story of its own. */
export async function signIn({ request }: BrowserContext, username: string, origin: string): Promise<void> {
  const headers = { Origin: origin, Referer: `${origin}/` };
  const { csrf_token } = await (await request.get("/api/auth/me/")).json();
  const data = { username, password: PASSWORD };
  const answer = await request.post("/api/auth/login/", { data, headers: { ...headers, "X-CSRFToken": csrf_token } });
  expect(answer.status(), await answer.text()).toBe(200);
}

interface Report {
  title: string;
  body?: string;
  repository?: string;
}

/** Files an issue in the name of whoever is signed in, and gives its key. */
export async function file({ request }: BrowserContext, origin: string, report: Report): Promise<string> {
  const { csrf_token } = await (await request.get("/api/auth/me/")).json();
  const headers = { Origin: origin, Referer: `${origin}/`, "X-CSRFToken": csrf_token, "Idempotency-Key": crypto.randomUUID() };
  const answer = await request.post("/api/issues/", { data: { body: REPORT, repository: "", ...report }, headers });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()).key;
}

/** A new issue in a browser that has just signed in, and its page. */
export async function openNew(page: Page, origin: string | undefined, user: string, report: Report): Promise<string> {
  await signIn(page.context(), user, String(origin));
  const key = await file(page.context(), String(origin), report);
  await page.goto(`/issues/${key}/`);
  return key;
}
