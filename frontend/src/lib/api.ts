/** Every request that the page makes, one function per endpoint. Same origin; session cookie and CSRF token. */
import type { Answer, EventPage, Issue, IssueSummary, Me, Message, NewIssue, Page, Receipt, Repository, Run } from "./api-types";
import { ApiError, toProblem, unreachable } from "./problem";

type Method = "GET" | "POST" | "PATCH" | "DELETE";
interface Options {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

// Kept in memory only: the cookie can then be HttpOnly, and no other tab's sign-in can leave a stale one in storage.
let csrfToken = "";

async function request<T>(method: Method, path: string, { body, query, headers, signal }: Options = {}): Promise<T> {
  const filled = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
  const init: RequestInit = { method, signal, credentials: "same-origin", headers: { Accept: "application/json", ...headers } };
  if (method !== "GET") init.headers = { ...init.headers, "X-CSRFToken": csrfToken };
  if (body !== undefined) {
    init.headers = { ...init.headers, "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(search ? `${path}?${search}` : path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  });
  const isJson = /json/.test(response.headers.get("Content-Type") ?? "");
  const answer: unknown = isJson ? await response.json() : null;
  if (!response.ok) throw new ApiError(toProblem(response.status, answer));
  return answer as T;
}

async function session(answer: Promise<Me>): Promise<Me> {
  const me = await answer;
  csrfToken = me.csrf_token;
  return me;
}

const segment = encodeURIComponent;

export const api = {
  me: () => session(request<Me>("GET", "/api/auth/me/")),
  login: (username: string, password: string) =>
    session(request<Me>("POST", "/api/auth/login/", { body: { username, password } })),
  logout: () => session(request<Me>("POST", "/api/auth/logout/")),
  changePassword: (old_password: string, new_password: string) =>
    session(request<Me>("POST", "/api/auth/password/", { body: { old_password, new_password } })),

  issues: (query: { status?: string; q?: string; team?: string; cursor?: string }, signal?: AbortSignal) =>
    request<Page<IssueSummary>>("GET", "/api/issues/", { query, signal }),
  issue: (key: string) => request<Issue>("GET", `/api/issues/${segment(key)}/`),
  /** The same `idempotencyKey` files the same issue once, however often it is sent. */
  createIssue: (body: NewIssue, idempotencyKey: string) =>
    request<Issue>("POST", "/api/issues/", { body, headers: { "Idempotency-Key": idempotencyKey } }),
  changeIssue: (key: string, body: { status: "open" | "closed"; resolution?: string }) =>
    request<Issue>("PATCH", `/api/issues/${segment(key)}/`, { body }),

  run: (id: string) => request<Run>("GET", `/api/runs/${segment(id)}/`),
  startRun: (key: string, client_id: string) =>
    request<Run>("POST", `/api/issues/${segment(key)}/runs/`, { body: { client_id } }),
  stopRun: (id: string, client_id: string) => request<Run>("POST", `/api/runs/${segment(id)}/stop/`, { body: { client_id } }),
  events: (runId: string, after: number) =>
    request<EventPage>("GET", `/api/runs/${segment(runId)}/events/`, { query: { after, limit: 200 } }),
  sendMessage: (runId: string, text: string, client_id: string) =>
    request<Message>("POST", `/api/runs/${segment(runId)}/messages/`, { body: { text, client_id } }),
  answerInput: (id: string, answer: Answer, client_id: string) =>
    request<unknown>("POST", `/api/inputs/${segment(id)}/answer/`, { body: { ...answer, client_id } }),

  receipt: (id: string) => request<Receipt>("GET", `/api/receipts/${segment(id)}/`),
  repositories: () => request<Page<Repository>>("GET", "/api/repositories/"),
};
