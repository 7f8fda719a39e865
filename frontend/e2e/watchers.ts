/** What a page does beside what it shows: whom it talks to, what it is refused, how its sockets come and go. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** The browser itself tells these where a request was refused or a socket was cut, which the stories do on purpose. */
const EXPECTED = /Failed to load resource|WebSocket connection|WebSocket is closed/;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export interface Watched {
  /** Requests to any other place than the server of the story. */
  foreign: string[];
  /** Errors of scripts and violations of the content security policy. */
  faults: string[];
  /** The `after` of each socket of a run, in the order of opening. */
  resumedAfter: number[];
  /** Cuts the run's socket on both sides, as a restarted proxy would. */
  dropRunSocket: () => Promise<void>;
  /** No socket of a run goes through any more, and REST neither, until `reconnect`: setOffline leaves open sockets alone. */
  disconnect: () => Promise<void>;
  reconnect: () => Promise<void>;
}

export async function watch(page: Page, origin: string): Promise<Watched> {
  const watched: Watched = {
    foreign: [],
    faults: [],
    resumedAfter: [],
    dropRunSocket: async () => undefined,
    disconnect: async () => undefined,
    reconnect: () => page.context().setOffline(false),
  };
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && host !== new URL(origin).host) watched.foreign.push(request.url());
  });
  page.on("pageerror", (error) => watched.faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) watched.faults.push(message.text());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error("CSP", event.violatedDirective, event.blockedURI),
    );
  });
  await watchSockets(page, watched);
  return watched;
}

async function watchSockets(page: Page, watched: Watched): Promise<void> {
  let isOffline = false;
  await page.routeWebSocket(/\/ws\/runs\//, async (socket) => {
    if (isOffline) return socket.close({ code: 1012, reason: "no network" });
    watched.resumedAfter.push(Number(new URL(socket.url()).searchParams.get("after")));
    const server = socket.connectToServer();
    watched.dropRunSocket = async () => {
      await server.close({ code: 1001, reason: "going away" });
      await socket.close({ code: 1012, reason: "restart" });
    };
  });
  watched.disconnect = async () => {
    isOffline = true;
    await page.context().setOffline(true);
    await watched.dropRunSocket();
  };
  watched.reconnect = async () => {
    isOffline = false;
    await page.context().setOffline(false);
  };
}

/** No violation of WCAG 2 A and AA in what the page shows right now. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const told = violations.flatMap(({ id, nodes }) =>
    nodes.filter(isNotCovered).map(({ target }) => `${id}: ${target.join(" ")}`),
  );
  expect.soft(told, `accessibility of ${where}`).toEqual([]);
}

/** Where a bar that stays in view lies over half a row, the row is not too small: it is scrolled out when it gets the focus. */
const isNotCovered = ({ any }: { any: readonly { data?: { messageKey?: string } | null }[] }): boolean =>
  !any.some(({ data }) => data?.messageKey?.startsWith("partiallyObscured"));

/** The page is not wider than the screen. */
export async function expectNoOverflow(page: Page, where: string): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(excess, `horizontal overflow of ${where}`).toBeLessThanOrEqual(0);
}
