// Issues and runs in memory: what the fake server remembers, and who listens to it.
import { randomUUID } from "node:crypto";
import { allFeedback } from "./fake-part.mjs";
import { investigation } from "./fake-run.mjs";

const PACE_MS = Number(process.env.FAKE_PACE_MS ?? 120);

export class FakeRun {
  id = randomUUID();
  createdAt = new Date().toISOString();
  status = "queued";
  stage = "gather_context";
  verdict = null;
  attempt = 1;
  steps = 0;
  calls = 0;
  events = [];
  receipts = new Map();
  messages = new Map();
  inputs = new Map();
  listeners = new Set();
  hypotheses = new Map();
  isStopRequested = false;
  solution = null;

  /** `fork`: the run from which it goes on, why, and the stage of that one which is over. */
  constructor(issue, number, fork = null) {
    this.issue = issue;
    this.number = number;
    this.fork = fork;
    const text = `${issue.title} ${issue.body}`;
    this.wants = {
      approval: /approval/i.test(text),
      question: /question/i.test(text),
      failure: /fail the run/i.test(text),
      restart: /restart/i.test(text),
      budget: /budget/i.test(text),
      admin: /admin/i.test(text),
      offline: /offline/i.test(text),
      inconclusive: /inconclusive/i.test(text) || fork?.kind === "branch",
    };
    const forked_from = fork?.origin.id ?? "";
    const forked_from_number = fork?.origin.number ?? 0;
    const asked = { number, asked_by: issue.reporter, forked_from, forked_from_number, fork_kind: fork?.kind ?? null };
    this.append({ kind: "run.queued", ...asked }, 0);
    void this.work();
  }

  get isEnded() {
    return ["succeeded", "failed", "canceled"].includes(this.status);
  }

  summary() {
    const { id, number, status, stage, verdict } = this;
    const { origin, kind } = this.fork ?? {};
    const forked = { forked_from: origin?.id ?? null, fork_kind: kind ?? null };
    const spent = { ended_at: null, cost_usd: this.spent().cost_usd, has_unpriced_calls: false };
    return { id, number, status, stage, verdict, model: "fake:deep", ...forked, ...spent };
  }

  record() {
    const usage = this.spent();
    return {
      ...this.summary(),
      issue: this.issue.key,
      asked_by: this.issue.reporter,
      failure: null,
      usage,
      created_at: this.createdAt,
      queue_position: null,
      branch_stages: this.finishedStages(),
      solution: this.solution,
      evidence: [],
      input_requests: [...this.inputs.values()],
      messages: [],
      feedback: allFeedback(this),
      wanted_model: "",
      last_seq: this.events.length,
    };
  }

  /** What the models took, as the events tell it. */
  spent() {
    const told = this.events.flatMap(({ payload }) => (payload.usage ? [payload.usage] : []));
    const sum = (name) => told.reduce((total, usage) => total + (usage[name] ?? 0), 0);
    const counted = ["model_calls", "input_tokens", "output_tokens", "cached_input_tokens"].map((name) => [name, sum(name)]);
    const cost = { cost_usd: sum("cost_usd"), known_cost_usd: sum("cost_usd"), unpriced_calls: 0 };
    return { model: "fake:deep", ...Object.fromEntries(counted), ...cost, tool_calls: this.calls, seconds: 4 };
  }

  finishedStages() {
    const own = this.events.flatMap(({ payload }) => (payload.kind === "stage.finished" ? [payload.stage] : []));
    return [...new Set([...(this.fork ? ["gather_context"] : []), ...own])];
  }

  append(payload, attempt = this.attempt) {
    const seq = this.events.length + 1;
    const event = { run_id: this.id, first_seq: seq, seq, attempt, at: new Date().toISOString(), payload };
    this.events.push(event);
    if (payload.kind === "stage.started") Object.assign(this, { status: "running", stage: payload.stage });
    if (payload.kind === "run.waiting") this.status = "waiting";
    if (payload.kind === "solution.proposed") this.solution = payload.solution;
    if (/^run\.(succeeded|failed|canceled)$/.test(payload.kind)) this.status = payload.kind.slice(4);
    if (payload.verdict) this.verdict = payload.verdict;
    for (const listener of this.listeners) listener(event);
    this.issue.changed();
  }

  async pause(times) {
    await new Promise((resume) => setTimeout(resume, PACE_MS * times));
    if (this.isStopRequested) throw Object.assign(new Error("stopped"), { isStop: true });
  }

  async work() {
    try {
      await this.pause(4);
      for await (const payload of investigation(this)) this.append(payload);
    } catch (error) {
      if (error.isStop) this.append({ kind: "run.canceled", asked_by: "Rita Okafor", ...this.knownSoFar() });
      else
        this.append({
          kind: "run.failed",
          stage: error.stage ?? this.stage,
          code: "model_answer_invalid",
          cause: error.message,
          next_step: "Start another run, or choose another model.",
        });
    }
    for (const message of this.takeMessages()) this.append({ kind: "message.carried_over", message_id: message.id });
  }

  knownSoFar() {
    const found = this.events.filter(({ payload }) => payload.kind === "evidence.found");
    const standing = [...this.hypotheses.values()].filter(({ status }) => status !== "ruled_out");
    return {
      facts: found.map(({ payload }) => payload.evidence.statement),
      hypotheses: standing.map(({ statement }) => statement),
      would_look_at: "Find the change that brought it in.",
    };
  }

  addReceipt(tool, args, result, status) {
    const id = randomUUID();
    const record = {
      id,
      run: this.id,
      issue: this.issue.key,
      run_number: this.number,
      attempt: this.attempt,
      caller: `run:${this.id}`,
      upstream: tool.split("__")[0],
      tool,
      arguments: args,
      status,
      result,
      result_hash: "9b".repeat(32),
      result_bytes: result.length,
      redactions: 0,
      is_cached: false,
      is_read: true,
      repeats: null,
      duration_ms: 87,
      trace_id: "",
      called_at: new Date().toISOString(),
    };
    this.receipts.set(id, record);
    return id;
  }

  /** The same call again, with the same answer. */
  recheck(id, author) {
    const first = this.receipts.get(id);
    const again = this.receipts.get(this.addReceipt(first.tool, first.arguments, first.result, first.status));
    Object.assign(again, { repeats: id, attempt: null, caller: `recheck:${id} by ${author}` });
    return { verdict: "same", receipt: inShort(again), diff: "", is_diff_cut: false };
  }

  rechecks(id) {
    return [...this.receipts.values()].filter((record) => record.repeats === id).map(inShort);
  }

  say(text, clientId, author, isUrgent = false) {
    const known = this.messages.get(clientId);
    if (known) return known;
    const message = { id: randomUUID(), clientId, text, author, isUrgent, isTakenIn: false };
    this.messages.set(clientId, message);
    const told = { message_id: message.id, client_id: clientId, author, text, is_urgent: isUrgent };
    this.append({ kind: "message.queued", ...told }, 0);
    return message;
  }

  takeUrgent() {
    const message = [...this.messages.values()].find(({ isUrgent, isTakenIn }) => isUrgent && !isTakenIn);
    if (message) message.isTakenIn = true;
    return message;
  }

  takeMessages() {
    const waiting = [...this.messages.values()].filter((message) => !message.isTakenIn);
    for (const message of waiting) message.isTakenIn = true;
    return waiting;
  }

  ask(fields) {
    const request = {
      id: randomUUID(),
      arguments_hash: "",
      arguments_schema: {},
      allowed_decisions: [],
      answerable_by: "responder",
      superseded_reason: "",
      expires_at: new Date(Date.now() + 900_000).toISOString(),
      decision: null,
      answer: "",
      answered_by: "",
      tool: "",
      arguments: {},
      default: "",
      ...fields,
    };
    this.inputs.set(request.id, request);
    return request;
  }

  async answered(id) {
    while (!this.inputs.get(id).decision) await this.pause(1);
  }

  answer(id, { decision, answer = "", arguments: edited }, author) {
    const request = this.inputs.get(id);
    if (!request.decision) {
      Object.assign(request, { decision, answer, answered_by: author });
      if (decision === "edit") request.arguments = edited;
      this.append({ kind: "input.answered", input_request_id: id, decision, answer, answered_by: author }, 0);
    }
    return request;
  }

  stop(author) {
    if (!this.isStopRequested && !this.isEnded) this.append({ kind: "run.stop_requested", asked_by: author }, 0);
    this.isStopRequested = true;
  }
}

export class FakeIssue {
  runs = [];
  activity = [];
  status = "open";
  resolution = "";
  listeners = new Set();

  constructor(key, fields) {
    Object.assign(this, { key, createdAt: new Date().toISOString(), repository: null, revision: "", source: "web" }, fields);
  }

  changed() {
    for (const listener of this.listeners) listener(this);
  }

  startRun(fork = null) {
    const run = new FakeRun(this, this.runs.length + 1, fork);
    this.runs.unshift(run);
    if (fork) {
      const told = { fork_id: run.id, fork_number: run.number, fork_kind: fork.kind, asked_by: this.reporter };
      fork.origin.append({ kind: "run.forked", ...told }, 0);
    }
    this.changed();
    return run;
  }

  summary() {
    const { key, title, status, source, reporter, repository, createdAt } = this;
    return {
      key,
      title,
      status,
      source,
      reporter,
      repository,
      team: "SAH",
      created_at: createdAt,
      updated_at: createdAt,
      news_at: createdAt,
      run: this.runs[0]?.summary() ?? null,
    };
  }

  full() {
    const { body, resolution, revision, activity } = this;
    return { ...this.summary(), body, resolution, revision, runs: this.runs.map((run) => run.summary()), activity };
  }
}

/** As lists show it. */
function inShort({ arguments: args, result: _, ...facts }) {
  return { ...facts, issue: null, arguments_start: JSON.stringify(args).slice(0, 300) };
}
