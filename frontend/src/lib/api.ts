/** Every request that the pages make, one function per endpoint. Same origin; session cookie and CSRF token. */
import createClient, { type Middleware } from "openapi-fetch";
import type { Answer, EventPage, IssueChange, Me, NewIssue, RunDifference } from "./api-types";
import type { Stage } from "./event-types.gen";
import { ApiError, toProblem, unreachable } from "./problem";
import type { paths } from "./schema.gen";

// Kept in memory only: the cookie can then be HttpOnly, and no other tab's sign-in can leave a stale one in storage.
let csrfToken = "";

const sendToken: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRFToken", csrfToken);
    return request;
  },
  onError({ error }) {
    // Given up by the page itself, not by the network.
    if (error instanceof DOMException && error.name === "AbortError") return;
    return unreachable();
  },
};

// `fetch` is looked up for each request, so that it can be replaced after this module was read.
const client = createClient<paths>({ credentials: "same-origin", fetch: (request) => fetch(request) });
client.use(sendToken);

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; anything else is thrown as `ApiError`. */
async function bodyOf<T>(answered: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await answered;
  if (!response.ok) throw new ApiError(toProblem(response.status, error));
  return data as T;
}

async function session(answered: Promise<Answered<Me>>): Promise<Me> {
  const me = await bodyOf(answered);
  csrfToken = me.csrf_token;
  return me;
}

interface IssueQuery {
  status?: "open" | "closed";
  q?: string;
  cursor?: string;
}

interface ReceiptQuery {
  repeats?: string;
  limit?: number;
}

export const api = {
  me: () => session(client.GET("/api/auth/me/")),
  login: (username: string, password: string) => session(client.POST("/api/auth/login/", { body: { username, password } })),
  logout: () => session(client.POST("/api/auth/logout/")),
  changePassword: (old_password: string, new_password: string) =>
    session(client.POST("/api/auth/password/", { body: { old_password, new_password } })),

  issues: (query: IssueQuery, signal?: AbortSignal) => bodyOf(client.GET("/api/issues/", { params: { query }, signal })),
  issue: (key: string) => bodyOf(client.GET("/api/issues/{key}/", { params: { path: { key } } })),
  /** The same `idempotencyKey` files the same issue once, however often it is sent. */
  createIssue: (body: NewIssue, idempotencyKey: string) =>
    bodyOf(client.POST("/api/issues/", { body, params: { header: { "Idempotency-Key": idempotencyKey } } })),
  changeIssue: (key: string, body: IssueChange) =>
    bodyOf(client.PATCH("/api/issues/{key}/", { params: { path: { key } }, body })),
  /** The issue as a case for evaluations, to be saved as a file. */
  exportCase: (key: string) => bodyOf(client.POST("/api/issues/{key}/case/", { params: { path: { key } } })),

  run: (id: string) => bodyOf(client.GET("/api/runs/{run_id}/", { params: { path: { run_id: id } } })),
  startRun: (key: string, client_id: string) =>
    bodyOf(client.POST("/api/issues/{key}/runs/", { params: { path: { key } }, body: { client_id } })),
  stopRun: (id: string, client_id: string) =>
    bodyOf(client.POST("/api/runs/{run_id}/stop/", { params: { path: { run_id: id } }, body: { client_id } })),
  /** Go on from where a stopped or failed run was, as a further run. */
  resumeRun: (id: string, client_id: string) =>
    bodyOf(client.POST("/api/runs/{run_id}/resume/", { params: { path: { run_id: id } }, body: { client_id } })),
  /** Try another line from the end of a stage. */
  branchRun: (id: string, message: string, from_stage: Stage, client_id: string) =>
    bodyOf(
      client.POST("/api/runs/{run_id}/branch/", {
        params: { path: { run_id: id } },
        body: { message, from_stage, client_id },
      }),
    ),
  compareRuns: (first: string, second: string) =>
    bodyOf(
      client.GET("/api/runs/{run_id}/difference/", { params: { path: { run_id: first }, query: { with: second } } }),
    ) as Promise<RunDifference>,
  events: (runId: string, after: number) =>
    bodyOf(
      client.GET("/api/runs/{run_id}/events/", { params: { path: { run_id: runId }, query: { after } } }),
    ) as Promise<EventPage>,
  /** `urgent`: the model's call under way is given up, so that the message is used at once. */
  sendMessage: (runId: string, text: string, client_id: string, urgent = false) =>
    bodyOf(
      client.POST("/api/runs/{run_id}/messages/", { params: { path: { run_id: runId } }, body: { text, client_id, urgent } }),
    ),
  answerInput: (id: string, answer: Answer, client_id: string) =>
    bodyOf(
      client.POST("/api/inputs/{input_request_id}/answer/", {
        params: { path: { input_request_id: id } },
        body: { ...answer, client_id },
      }),
    ),

  receipts: (query: ReceiptQuery) => bodyOf(client.GET("/api/receipts/", { params: { query } })),
  /** With at most `limit` characters of its result, from `offset` on. */
  receipt: (id: string, offset: number, limit: number) =>
    bodyOf(client.GET("/api/receipts/{receipt_id}/", { params: { path: { receipt_id: id }, query: { offset, limit } } })),
  recheck: (id: string) => bodyOf(client.POST("/api/receipts/{receipt_id}/recheck/", { params: { path: { receipt_id: id } } })),
  teamBudget: (teamId: number) => bodyOf(client.GET("/api/teams/{team_id}/budget/", { params: { path: { team_id: teamId } } })),
  /** Of the last thirty days (UTC), by day and model. */
  teamUsage: (teamId: number) => bodyOf(client.GET("/api/teams/{team_id}/usage/", { params: { path: { team_id: teamId } } })),
  repositories: () => bodyOf(client.GET("/api/repositories/")),
};
