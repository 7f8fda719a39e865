/** How requests are made: same origin, session cookie, CSRF token; failures become `ApiError`. No endpoint lives here. */
import createClient, { type Middleware } from "openapi-fetch";
import type { Me } from "../api-types";
import { ApiError, toProblem, unreachable } from "../problem";
import { noteAnswer } from "../reach";
import type { paths } from "../schema.gen";

// Kept in memory only: the cookie can then be HttpOnly, and no other tab's sign-in can leave a stale one in storage.
let csrfToken = "";

const sendToken: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRFToken", csrfToken);
    return request;
  },
  onResponse() {
    noteAnswer(true);
  },
  onError({ error }) {
    // Given up by the page itself, not by the network.
    if (error instanceof DOMException && error.name === "AbortError") return;
    noteAnswer(false);
    return unreachable();
  },
};

// `fetch` is looked up for each request, so that it can be replaced after this module was read.
export const client = createClient<paths>({ credentials: "same-origin", fetch: (request) => fetch(request) });
client.use(sendToken);

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

const refusals = new Set<() => void>();

/** Calls back whenever the server takes this page for nobody's, or for somebody else's. Gives back how to stop that. */
export function onSignedOut(listener: () => void): () => void {
  refusals.add(listener);
  return () => refusals.delete(listener);
}

/** The body of a good answer; anything else is thrown as `ApiError`. */
export async function bodyOf<T>(answered: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await answered;
  if (response.ok) return data as T;
  const problem = toProblem(response.status, error);
  // Whoever signs in in another tab gets a token of their own, and this page's is worth nothing any more.
  if (response.status === 401 || problem.code === "csrf_failed") for (const tell of refusals) tell();
  throw new ApiError(problem);
}

/** An answer that says who is signed in also brings the token for what is sent next. */
export async function sessionOf(answered: Promise<Answered<Me>>): Promise<Me> {
  const me = await bodyOf(answered);
  csrfToken = me.csrf_token;
  return me;
}
