import { expect, test } from "vitest";
import type { Upstream, UpstreamTool } from "@/lib/api/installation";
import type { Checkout, Repository } from "@/lib/api-types";
import { formErrors } from "@/lib/form-errors";
import { draftOf, EMPTY_PRICE, perMillion, priceBody, priceName, restReason } from "@/lib/model-view";
import { ApiError, toProblem } from "@/lib/problem";
import { credentialBody, indexState, isAtWork, kindFor, mainCheckout, NO_CREDENTIAL, pollChoices } from "@/lib/repository-view";
import { matchingTools, sortedUpstreams, toolsLine, upstreamState } from "@/lib/upstream-view";

const ready: Checkout = {
  revision: "",
  host: "",
  commit: "0123456789abcdef",
  state: "ready",
  is_asked_for: false,
  error: "",
  next_step: "",
  progress: "",
  percent: null,
  files_done: null,
  files_total: null,
  size_bytes: null,
  requested_at: "2026-01-01T00:00:00Z",
  checked_at: null,
  ready_at: null,
};
const repository = (...checkouts: Checkout[]): Repository => ({
  id: "1",
  team: "SAH",
  name: "shop",
  source: "https://example.com/shop.git",
  default_branch: "",
  poll_seconds: 300,
  test_command: "",
  created_at: "2026-01-01T00:00:00Z",
  credential: null,
  webhook: null,
  checkouts,
});

test("a repository's line speaks of the default branch at work, before one that failed, before one that is ready", () => {
  const failed: Checkout = { ...ready, host: "b", state: "failed" };
  const indexing: Checkout = { ...ready, host: "c", state: "indexing" };
  const other: Checkout = { ...ready, revision: "v1", state: "cloning" };
  expect(mainCheckout(repository(other, ready, failed, indexing))).toBe(indexing);
  expect(mainCheckout(repository(other, ready, failed))).toBe(failed);
  expect(mainCheckout(repository(other))).toBeUndefined();
});

test("what is being done is told with its numbers", () => {
  const state = indexState({
    ...ready,
    state: "indexing",
    progress: "reading files",
    percent: 40,
    files_done: 1200,
    files_total: 3000,
  });
  expect(state).toMatchObject({ label: "Indexing", detail: "reading files, 1,200 of 3,000 files", percent: 40 });
});

test.each([
  [{ state: "failed", error: "No access.", next_step: "Set a token." }, "bad", "Failed", "No access."],
  [{ error: "The remote is away." }, "warn", "Ready at 0123456789", "Not up to date: The remote is away."],
  [{ is_asked_for: true }, "neutral", "Waiting", "The indexer takes it up as soon as it is free."],
  [{}, "good", "Ready at 0123456789", ""],
] as const)("an index that is %o looks %s", (change, tone, label, detail) => {
  expect(indexState({ ...ready, ...change })).toMatchObject({ tone, label, detail });
});

test("a list is watched closely while any revision is at work", () => {
  expect(isAtWork(repository(ready))).toBe(false);
  expect(isAtWork(repository(ready, { ...ready, revision: "v1", is_asked_for: true }))).toBe(true);
});

test.each([
  ["git@github.com:example/shop.git", "ssh"],
  ["ssh://git@example.com/shop", "ssh"],
  ["https://user@example.com:8443/shop.git", "https"],
  ["", "https"],
])("%s is read with %s", (source, kind) => {
  expect(kindFor(source)).toBe(kind);
});

test("only the credential of the chosen kind is sent, a key to the letter", () => {
  const draft = { ...NO_CREDENTIAL, username: " ann ", token: " t ", privateKey: "-----BEGIN\n" };
  expect(credentialBody(draft)).toBeNull();
  expect(credentialBody({ ...draft, kind: "https" })).toEqual({ username: "ann", token: "t" });
  expect(credentialBody({ ...draft, kind: "ssh" })).toEqual({ private_key: "-----BEGIN\n", known_hosts: "" });
});

test("an interval that was set elsewhere is offered too", () => {
  expect(pollChoices(300).filter(({ seconds }) => seconds === 300)).toHaveLength(1);
  expect(pollChoices(1234)[0]).toEqual({ seconds: 1234, label: "Every 1,234 seconds" });
});

test("a refusal stands at the field that it names, else below the form", () => {
  const refusal = new ApiError(toProblem(400, { detail: "Too long.", next_step: "Shorten it.", field: "credential.token" }));
  expect(formErrors(refusal, ["name", "token"])).toMatchObject({ rest: null });
  expect(formErrors(refusal, ["name", "token"]).at("token")).toBe("Too long. Shorten it.");
  expect(formErrors(refusal, ["name"]).rest).toBe(refusal);
});

test.each([
  [3, "$3"],
  [0.3, "$0.30"],
  [0.075, "$0.075"],
  [0, "$0"],
])("%s dollars per million tokens are written %s", (usd, text) => {
  expect(perMillion(usd)).toBe(text);
});

test("a price goes through its form unchanged, and an empty field of cached input is no price of 0", () => {
  const price = { name: "gpt-9", input: 1.25, output: 10, cached_input: null };
  expect(priceBody(draftOf(price))).toEqual(price);
  expect(priceBody({ ...EMPTY_PRICE, name: " gpt-9 ", input: "0", output: "0", cached: "0" })).toMatchObject({
    name: "gpt-9",
    cached_input: 0,
  });
});

test.each([
  ["openai:gpt-9", "gpt-9"],
  ["openrouter/openai/gpt-9", "gpt-9"],
  ["ollama:llama3:8b", "llama3:8b"],
  ["gpt-9", "gpt-9"],
])("the price of %s is kept as %s", (model, name) => {
  expect(priceName(model)).toBe(name);
});

test("a reason that this page does not know is told all the same", () => {
  expect(restReason("rate_limited")).toContain("rate limit");
  expect(restReason("of tomorrow")).toBe("Its last call failed.");
});

const tool = (name: string, permission: UpstreamTool["permission"]): UpstreamTool => ({
  name,
  description: `Does ${name}`,
  risk: "read",
  permission,
  reason: "",
  has_changed: false,
});
const upstream = (name: string, part: Partial<Upstream> = {}): Upstream => ({
  name,
  kind: "http",
  state: "ready",
  breaker: "closed",
  is_well: true,
  problem: "",
  last_failure: "",
  last_failed_at: null,
  protocol: "",
  resource_count: 0,
  prompt_count: 0,
  under_way: 0,
  calls: 0,
  errors: 0,
  last_called_at: null,
  rules: {
    allow: ["*"],
    ask: [],
    deny: [],
    risk: {},
    timeout_seconds: 60,
    max_concurrency: 16,
    cache_seconds: 0,
    session: "shared",
    hosts: [],
  },
  tools: [],
  ...part,
});

test("one that is connected but left alone by its breaker does not look ready", () => {
  expect(upstreamState(upstream("a")).label).toBe("Ready");
  expect(upstreamState(upstream("a", { breaker: "open" }))).toEqual({ tone: "bad", label: "Left alone" });
  expect(upstreamState(upstream("a", { state: "down", breaker: "open" })).label).toBe("Down");
});

test("upstreams that need somebody come first, our own last", () => {
  const found = sortedUpstreams([
    upstream("code", { kind: "own" }),
    upstream("sentry"),
    upstream("github", { state: "down" }),
    upstream("files", { breaker: "half_open" }),
    upstream("linear", { state: "disabled" }),
  ]);
  expect(found.map(({ name }) => name)).toEqual(["github", "files", "linear", "sentry", "code"]);
});

test("tools are counted by what may be done with them, and found by all the words", () => {
  const tools = [tool("read_file", "allow"), tool("read_all", "allow"), tool("drop", "deny")];
  expect(toolsLine(tools)).toBe("3 tools: 2 allowed, 1 denied");
  expect(toolsLine([])).toBe("No tools");
  expect(matchingTools(tools, "READ all").map(({ name }) => name)).toEqual(["read_all"]);
  expect(matchingTools(tools, " ")).toHaveLength(3);
});
