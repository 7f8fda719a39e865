// A stand-in for the server that speaks its contract (docs/architecture.md, REST and Sockets), for working on the pages
// without it: `npm run build && npm run fake`, then sign in as rita with the password "one-time". Everything is in memory.
// In the text of an issue, "approval", "question", "budget", "admin", "inconclusive", "offline", "restart" and
// "fail the run" choose what its runs go through.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { partRoutes } from "./fake-part.mjs";
import { markSeen, seenAt, VIEW_ROUTES } from "./fake-reading.mjs";
import { FakeIssue } from "./fake-runs.mjs";

const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};
const NAME = "Rita Okafor";
const user = { username: "rita", name: NAME, must_change_password: true, is_staff: false };
const account = { password: "one-time", isSignedIn: false, role: process.env.FAKE_ROLE ?? "responder" };
const issues = new Map();
const byIdempotencyKey = new Map();
const listListeners = new Set();

class Refusal extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.body = { type: `about:blank#${code}`, title: detail, status, code, detail, next_step: "", ...more };
  }
}

function addIssue(fields) {
  const issue = new FakeIssue(`SAH-${issues.size + 1}`, { reporter: NAME, ...fields });
  issue.listeners.add((changed) => {
    for (const listener of listListeners) listener(changed);
  });
  issues.set(issue.key, issue);
  issue.startRun();
  return issue;
}

const find = (map, key) =>
  map.get(key) ?? refuse(404, "not_found", "There is no such thing here, or it belongs to a team you are not in.");
const refuse = (...parts) => {
  throw new Refusal(...parts);
};
const allRuns = () => [...issues.values()].flatMap((issue) => issue.runs);
const findRun = (id) => allRuns().find((run) => run.id === id) ?? refuse(404, "not_found", "There is no such run.");
const me = () => ({
  user: account.isSignedIn ? user : null,
  teams: account.isSignedIn ? [{ id: 1, key: "SAH", name: "Shop", role: account.role }] : [],
  csrf_token: "fake-token",
});

function closeIssues({ keys, ...change }) {
  for (const key of keys) changeIssue(find(issues, key), { ...change, status: "closed" });
  return { results: keys.map((key) => ({ key, problem: null })) };
}

function listIssues(query) {
  const wanted = query.get("q")?.toLowerCase() ?? "";
  const status = query.get("status") ?? "";
  const start = Number(query.get("cursor") ?? 0);
  const found = [...issues.values()]
    .reverse()
    .filter(
      (issue) =>
        (!status || issue.status === status) && `${issue.key} ${issue.title} ${issue.body}`.toLowerCase().includes(wanted),
    );
  return {
    results: found.slice(start, start + 20).map((issue) => ({ ...issue.summary(), seen_at: seenAt(issue.key) })),
    next: found.length > start + 20 ? String(start + 20) : null,
  };
}

function createIssue(body, headers) {
  const key = headers["idempotency-key"];
  if (byIdempotencyKey.has(key)) return [200, byIdempotencyKey.get(key).full()];
  if (!body.body?.trim())
    refuse(400, "invalid_report", "The report is empty.", { field: "body", next_step: "Say what happens." });
  if (body.repository?.startsWith("file:"))
    refuse(400, "repository_refused", "Only https and ssh addresses can be read.", {
      field: "repository",
      next_step: "Use the address you would clone from.",
    });
  const issue = addIssue({ ...body, title: body.title || body.body.trim().split("\n", 1)[0] });
  byIdempotencyKey.set(key, issue);
  return [201, issue.full()];
}

function changeIssue(issue, { status, resolution = "" }) {
  Object.assign(issue, { status, resolution: status === "closed" ? resolution : "" });
  issue.activity.push({
    number: issue.activity.length + 1,
    kind: status === "closed" ? "issue.closed" : "issue.reopened",
    actor: NAME,
    detail: {},
    at: new Date().toISOString(),
  });
  issue.changed();
  return issue.full();
}

function login({ username, password }) {
  if (username !== user.username || password !== account.password)
    refuse(400, "invalid_input", "User name or password is wrong.", { next_step: "Check both and try again." });
  account.isSignedIn = true;
  return me();
}

function changePassword({ old_password, new_password }) {
  if (old_password !== account.password) refuse(400, "invalid_input", "The old password is wrong.", { field: "old_password" });
  if (new_password.length < 12)
    refuse(400, "invalid_input", "This password is too short: it has fewer than 12 characters.", { field: "new_password" });
  Object.assign(account, { password: new_password });
  user.must_change_password = false;
  return me();
}

const sendMessage = (run, { text, client_id, urgent = false }) => {
  if (run.isEnded) refuse(409, "conflict", "The run has ended.", { next_step: "Start another run to go on." });
  const message = run.say(text, client_id, NAME, urgent);
  return {
    id: message.id,
    author: NAME,
    text,
    status: "queued",
    client_id,
    is_urgent: urgent,
    taken_in_at_step: null,
    created_at: new Date().toISOString(),
  };
};

/** A further run that goes on from this one, and hears `message` first. */
function forkRun(run, kind, { message = "", client_id }) {
  const known = run.issue.runs.find(
    ({ fork }) => fork?.origin === run && (kind === "resume" ? fork.kind === kind : fork.clientId === client_id),
  );
  const forked = known ?? run.issue.startRun({ origin: run, kind, clientId: client_id });
  if (message && !known) forked.say(message, client_id, NAME);
  return [201, forked.record()];
}

const side = ({ solution }) => ({
  verdict: solution?.verdict ?? null,
  summary: solution?.summary ?? "",
  root_cause: solution?.root_cause ?? "",
  suspect_commit: solution?.suspect_commit ?? null,
  next_step: solution?.next_step ?? "",
});

function parted(first, second, name) {
  const both = first.filter((each) => second.some((other) => name(other) === name(each)));
  const only = (some, others) => some.filter((each) => !others.some((other) => name(other) === name(each)));
  return { both, only_first: only(first, second), only_second: only(second, first) };
}

function compareRuns(first, second) {
  const payloads = (run, kind) => run.events.map(({ payload }) => payload).filter((payload) => payload.kind === kind);
  const facts = (run) => payloads(run, "evidence.found").map((payload) => payload.evidence);
  const calls = (run) =>
    payloads(run, "tool_call.started").map(({ tool, arguments: args }) => ({
      tool,
      arguments: args,
      status: "ok",
      receipt_id: "",
    }));
  const of = (run, part) => run.solution?.[part] ?? [];
  const compared = (run) => ({ ...run.summary(), usage: run.record().usage });
  const sides = [side(first), side(second)];
  return {
    first: compared(first),
    second: compared(second),
    difference: {
      first: sides[0],
      second: sides[1],
      differs: ["verdict", "root_cause", "suspect_commit"].filter(
        (name) => JSON.stringify(sides[0][name]) !== JSON.stringify(sides[1][name]),
      ),
      locations: parted(of(first, "locations"), of(second, "locations"), ({ path }) => path),
      claims: parted(of(first, "claims"), of(second, "claims"), ({ statement }) => statement),
      evidence: parted(facts(first), facts(second), ({ statement }) => statement),
      tool_calls: parted(calls(first), calls(second), ({ tool, arguments: args }) => `${tool} ${JSON.stringify(args)}`),
    },
  };
}

const NO_LIMITS = { tokens: null, cost_usd: null, tool_calls: null, seconds: null };
const SPENT = { tokens: 391200, cost_usd: 16.4, unpriced_calls: 0, model_calls: 141, tool_calls: 512, seconds: 3400 };
const budget = () => ({
  ask_at: 0.8,
  asks: true,
  run: { ...NO_LIMITS, cost_usd: 0.3 },
  day: { ...NO_LIMITS, cost_usd: 20, tokens: 2_000_000 },
  spent_today: SPENT,
});
const usageOfDay = (day, model, model_calls, cost_usd, unpriced_calls = 0) => {
  const [input_tokens, output_tokens, cached_input_tokens] = [model_calls * 2600, model_calls * 170, model_calls * 1800];
  return {
    day,
    model,
    model_calls,
    input_tokens,
    output_tokens,
    cached_input_tokens,
    cost_usd,
    unpriced_calls,
    tool_calls: 0,
    seconds: 0,
  };
};
const usage = () => ({
  results: [
    usageOfDay("2026-11-23", "fake:deep", 120, 15.9),
    usageOfDay("2026-11-23", "fake:fast", 21, 0.5),
    usageOfDay("2026-11-22", "fake:deep", 88, 11.2),
    usageOfDay("2026-11-22", "elsewhere:new", 4, 0, 4),
  ],
  total: SPENT,
});

const runWith = (receiptId) =>
  allRuns().find((run) => run.receipts.has(receiptId)) ?? refuse(404, "not_found", "There is no such receipt.");

const listRechecks = (id) => ({ results: id ? runWith(id).rechecks(id).reverse() : [], next: null });

function partOf(record, query) {
  const offset = Number(query.get("offset") ?? 0);
  const end = offset + Number(query.get("limit") ?? record.result.length);
  const total = record.result.length;
  const part = { result: record.result.slice(offset, end), total_chars: total, next_offset: end < total ? end : null };
  return { ...record, ...part, repository: "", recheck_refusal: "" };
}

const ROUTES = [
  ["GET", /^\/api\/auth\/me\/$/, () => me()],
  ["POST", /^\/api\/auth\/login\/$/, (_, { body }) => login(body)],
  ["POST", /^\/api\/auth\/logout\/$/, () => Object.assign(account, { isSignedIn: false }) && me()],
  ["POST", /^\/api\/auth\/password\/$/, (_, { body }) => changePassword(body)],
  ["GET", /^\/api\/issues\/$/, (_, { query }) => listIssues(query)],
  ["POST", /^\/api\/issues\/seen\/$/, (_, { body }) => markSeen(body)],
  ["POST", /^\/api\/issues\/close\/$/, (_, { body }) => closeIssues(body)],
  ...VIEW_ROUTES,
  ...partRoutes((id) => findRun(id), NAME),
  ["POST", /^\/api\/issues\/$/, (_, { body, headers }) => createIssue(body, headers)],
  ["GET", /^\/api\/issues\/([\w-]+)\/$/, ([key]) => find(issues, key).full()],
  ["PATCH", /^\/api\/issues\/([\w-]+)\/$/, ([key], { body }) => changeIssue(find(issues, key), body)],
  ["POST", /^\/api\/issues\/([\w-]+)\/runs\/$/, ([key]) => [201, find(issues, key).startRun().record()]],
  ["GET", /^\/api\/runs\/([\w-]+)\/$/, ([id]) => findRun(id).record()],
  ["GET", /^\/api\/runs\/([\w-]+)\/events\/$/, ([id], { query }) => eventPage(findRun(id), Number(query.get("after") ?? 0))],
  ["POST", /^\/api\/runs\/([\w-]+)\/messages\/$/, ([id], { body }) => [202, sendMessage(findRun(id), body)]],
  ["POST", /^\/api\/runs\/([\w-]+)\/stop\/$/, ([id]) => [202, findRun(id).stop(NAME) ?? findRun(id).record()]],
  ["POST", /^\/api\/runs\/([\w-]+)\/resume\/$/, ([id], { body }) => forkRun(findRun(id), "resume", body)],
  ["POST", /^\/api\/runs\/([\w-]+)\/branch\/$/, ([id], { body }) => forkRun(findRun(id), "branch", body)],
  ["GET", /^\/api\/runs\/([\w-]+)\/difference\/$/, ([id], { query }) => compareRuns(findRun(id), findRun(query.get("with")))],
  ["GET", /^\/api\/teams\/\d+\/budget\/$/, () => budget()],
  ["GET", /^\/api\/teams\/\d+\/usage\/$/, () => usage()],
  ["POST", /^\/api\/issues\/([\w-]+)\/case\/$/, ([key]) => ({ name: key.toLowerCase(), title: find(issues, key).title })],
  [
    "POST",
    /^\/api\/inputs\/([\w-]+)\/answer\/$/,
    ([id], { body }) =>
      allRuns()
        .find((run) => run.inputs.has(id))
        .answer(id, body, NAME),
  ],
  ["GET", /^\/api\/receipts\/$/, (_, { query }) => listRechecks(query.get("repeats"))],
  ["GET", /^\/api\/receipts\/([\w-]+)\/$/, ([id], { query }) => partOf(runWith(id).receipts.get(id), query)],
  ["POST", /^\/api\/receipts\/([\w-]+)\/recheck\/$/, ([id]) => runWith(id).recheck(id, NAME)],
  [
    "GET",
    /^\/api\/repositories\/$/,
    () => ({
      results: [
        {
          id: "r1",
          team: "SAH",
          name: "shop",
          source: "https://git.example.org/shop.git",
          created_at: "2026-01-01T00:00:00Z",
          checkouts: [],
        },
      ],
      next: null,
    }),
  ],
];

const eventPage = (run, after) => ({
  events: run.events.slice(after, after + 200),
  last_seq: run.events.length,
  is_ended: run.isEnded,
});

function answerApi(request, url, text) {
  for (const [method, pattern, handler] of ROUTES) {
    const match = method === request.method && pattern.exec(url.pathname);
    if (!match) continue;
    if (!account.isSignedIn && !url.pathname.startsWith("/api/auth/"))
      refuse(401, "not_signed_in", "Nobody is signed in.", { next_step: "Sign in." });
    const result = handler(match.slice(1), {
      body: text ? JSON.parse(text) : {},
      query: url.searchParams,
      headers: request.headers,
    });
    return Array.isArray(result) ? result : [200, result];
  }
  return refuse(404, "not_found", "There is no such address.");
}

function servePage(url, response) {
  const key = /^\/issues\/(?!new\/)[A-Za-z0-9-]+\/(.*)$/.exec(url.pathname);
  const path = normalize(key ? `/issues/_/${key[1]}` : url.pathname);
  const file = [join(OUT, path), join(OUT, path, "index.html")].find(
    (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
  );
  const body = readFileSync(file ?? join(OUT, "404.html"));
  const headers = { "Content-Type": TYPES[extname(file ?? "404.html")] ?? "application/octet-stream" };
  if (headers["Content-Type"].startsWith("text/html")) headers["Content-Security-Policy"] = policy(body.toString());
  response.writeHead(file ? 200 : 404, headers).end(body);
}

function policy(html) {
  const scripts = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  return `default-src 'self'; script-src 'self' ${[...new Set(scripts)].join(" ")}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://fake");
  if (!url.pathname.startsWith("/api/")) return servePage(url, response);
  const parts = await request.toArray();
  try {
    const [status, body] = answerApi(request, url, Buffer.concat(parts).toString());
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    response.writeHead(error.body.status, { "Content-Type": "application/problem+json" }).end(JSON.stringify(error.body));
  }
});

const sockets = new WebSocketServer({ server, handleProtocols: () => "sahur.v1" });
sockets.on("connection", (socket, request) => {
  const url = new URL(request.url, "http://fake");
  const send = (frame) => socket.send(JSON.stringify(frame));
  if (!account.isSignedIn) return socket.close(4401, "Nobody is signed in.");
  const ping = setInterval(() => send({ type: "ping" }), 15_000);
  socket.on("close", () => clearInterval(ping));
  const runId = /^\/ws\/runs\/([\w-]+)\/$/.exec(url.pathname)?.[1];
  if (runId) return followRun(socket, send, runId, Number(url.searchParams.get("after") ?? 0));
  const key = /^\/ws\/issues\/([\w-]+)\/$/.exec(url.pathname)?.[1];
  const listener = (issue) => (!key || issue.key === key) && send({ type: "issues.changed", issues: [issue.summary()] });
  listListeners.add(listener);
  socket.on("close", () => listListeners.delete(listener));
});

function followRun(socket, send, runId, after) {
  const run = allRuns().find((candidate) => candidate.id === runId);
  if (!run) return socket.close(4404, "There is no such run.");
  const listener = (event) => send({ type: "events", events: [event] });
  send({ type: "events", events: run.events.slice(after) });
  send({ type: "replay.done", last_seq: run.events.length });
  run.listeners.add(listener);
  socket.on("close", () => run.listeners.delete(listener));
  socket.on("message", (data) => {
    const frame = JSON.parse(data.toString());
    try {
      send({ type: "ack", client_id: frame.client_id, result: sendMessage(run, frame) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send({ type: "error", client_id: frame.client_id, problem: error.body });
    }
  });
}

const port = Number(process.env.PORT ?? 0);
server.listen(port, "127.0.0.1", () => console.log(`fake server on http://127.0.0.1:${server.address().port}`));
