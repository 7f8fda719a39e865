// The script of a fake investigation: payloads in the order of a real run, with the pauses of one.
// It waits for a person where a real run would, takes messages in before its next model call, and can be stopped.

const path = "shop/pricing.py";
const traceback = `Traceback (most recent call last):
  File "shop/api.py", line 41, in checkout
    total = pricing.total(cart, coupon)
  File "shop/pricing.py", line 27, in total
    return subtotal * (1 - coupon.discount / 100)
AttributeError: 'NoneType' object has no attribute 'discount'`;

const evidence = (number, receipt_id, statement, more) => ({
  kind: "evidence.found",
  evidence: {
    id: `e${number}`,
    number,
    statement,
    excerpt: "",
    receipt_id,
    tool: "code__read",
    path: "",
    line: null,
    commit: "",
    ...more,
  },
});

/** One tool call: started, some time later finished. */
async function* call(run, step, tool, args, excerpt, status = "ok") {
  const tool_call_id = `call-${++run.calls}`;
  const receipt_id = status === "denied" ? "" : run.addReceipt(tool, args, excerpt, status);
  yield { kind: "tool_call.started", step_id: step, tool_call_id, tool, arguments: args };
  await run.pause(2.5);
  const duration_ms = 40 + ((run.calls * 137) % 900);
  yield { kind: "tool_call.finished", step_id: step, tool_call_id, tool, status, excerpt, receipt_id, duration_ms };
  return receipt_id;
}

const usageOf = (more) => ({
  model: "fake:deep",
  model_calls: 1,
  input_tokens: 2310,
  output_tokens: 140,
  cached_input_tokens: 1800,
  cost_usd: 0.004,
  ...more,
});

async function* say(run, step, text) {
  for (const piece of text.match(/.{1,14}/gs) ?? []) {
    await run.pause(0.3);
    const urgent = run.takeUrgent();
    if (urgent) {
      const usage = usageOf({ output_tokens: 0, cost_usd: null });
      yield { kind: "model_call.interrupted", step_id: step, asked_by: urgent.author, usage };
      yield { kind: "message.taken_in", message_id: urgent.id, step: run.steps, author: urgent.author };
      return yield* say(run, step, `With what ${urgent.author} said: ${text}`);
    }
    yield { kind: "text.streamed", step_id: step, text: piece };
  }
  const usage = usageOf();
  yield { kind: "model_call.finished", step_id: step, role: "deep", duration_ms: 900, usage };
}

async function* step(run, title, body, summary = "") {
  const step_id = `step-${++run.steps}`;
  yield { kind: "step.started", step_id, position: run.steps, title };
  for (const { id, author } of run.takeMessages()) yield { kind: "message.taken_in", message_id: id, step: run.steps, author };
  yield* body(step_id);
  yield { kind: "step.finished", step_id, summary };
}

async function* stage(run, name, body) {
  yield { kind: "stage.started", stage: name };
  await run.pause(1);
  yield* body();
  yield { kind: "stage.finished", stage: name };
}

const hypothesis = (run, id, statement, more = {}) => {
  const told = { id, statement, status: "stated", because: "", evidence: [], source: "model", ...more };
  run.hypotheses.set(id, told);
  return { kind: "hypothesis.stated", hypothesis: told };
};

async function* gather(run) {
  yield hypothesis(run, "triage", "Carts without a coupon break the price calculation.", {
    because: "From the report alone.",
    source: "triage",
  });
  yield* step(
    run,
    "Read the report",
    (id) => say(run, id, "The report holds a traceback that ends in `shop/pricing.py`. First the code that raised it."),
    "Checkout fails for carts without a coupon",
  );
  yield* step(run, "Locate the fault", async function* (id) {
    const receipt = yield* call(
      run,
      id,
      "code__locate",
      { report: traceback },
      `1. ${path}:27 total (0.92)\n2. shop/api.py:41 checkout (0.55)`,
    );
    yield evidence(1, receipt, "The traceback ends in `total` at shop/pricing.py:27.", {
      path,
      line: 27,
      commit: "4f1c2ab93d7e51c0aa",
      excerpt: traceback,
      tool: "code__locate",
    });
  });
  yield hypothesis(run, "localization", "The place to look at first is `total` (shop/pricing.py).", {
    because: "the traceback ends there; changed two days ago",
    evidence: [1],
    source: "localization",
  });
}

async function* analyze(run) {
  yield* step(run, "Look at the code that failed", async function* (id) {
    yield* say(
      run,
      id,
      "`total` uses `coupon.discount` without asking whether there is a coupon.\n\n- Was it always so?\n- Who calls it with `None`?",
    );
    const code =
      "21  def total(cart, coupon):\n22      subtotal = sum(item.price * item.count for item in cart)\n...\n27      return subtotal * (1 - coupon.discount / 100)";
    const receipt = yield* call(run, id, "code__read", { path, start_line: 20, end_line: 29, revision: "main" }, code);
    yield evidence(2, receipt, "`total` reads `coupon.discount` without a check for `None`.", {
      path,
      line: 27,
      commit: "4f1c2ab93d7e51c0aa",
      excerpt: code,
    });
    yield* call(
      run,
      id,
      "code__search",
      { query: "pricing.total(", path: "shop" },
      "shop/api.py:41: total = pricing.total(cart, coupon)",
    );
    yield* call(run, id, "code__search", { query: "default_coupon" }, "", "no_data");
  });
  yield hypothesis(run, "localization", "The place to look at first is `total` (shop/pricing.py).", {
    status: "strengthened",
    because: "It reads the discount without a check",
    evidence: [2],
    source: "localization",
  });
  yield hypothesis(run, "coupon table", "The coupon table is broken.", {
    status: "ruled_out",
    because: "The failing carts have no coupon at all",
    evidence: [1],
  });
  if (run.wants.restart) {
    yield* step(run, "Compare with yesterday", (id) => say(run, id, "This thought is lost with its worker."));
    run.attempt += 1;
    yield { kind: "attempt.restarted", stage: "analyze", lost_attempt: run.attempt - 1 };
  }
  yield { kind: "notice.raised", level: "warning", message: "A model call is tried again: the vendor is busy.", next_step: "" };
  yield* step(run, "Find the change that brought it in", async function* (id) {
    yield* call(run, id, "code__log", { path, limit: 20 }, "9d0e77c1 Simplify pricing\n51ab0c92 Round to cents");
    const receipt = yield* call(
      run,
      id,
      "code__show",
      { commit: "9d0e77c1f4" },
      "-    if coupon is None:\n-        return subtotal\n     return subtotal * (1 - coupon.discount / 100)",
    );
    yield evidence(3, receipt, "Commit 9d0e77c1 removed the check for a missing coupon.", {
      commit: "9d0e77c1f4b2a8",
      excerpt: "-    if coupon is None:\n-        return subtotal",
      tool: "code__show",
    });
  });
  if (run.wants.budget) yield* askBudget(run);
  if (run.wants.question) yield* ask(run, QUESTION);
  if (run.wants.approval) yield* askApproval(run);
}

async function* askBudget(run) {
  const told = { scope: "run", measure: "cost_usd", spent: 0.3, limit: 0.3 };
  yield { kind: "budget.reached", budget: { rung: 1, ...told }, consequence: "It is asked whether to go on." };
  yield* ask(run, {
    kind: "budget",
    prompt: "0.30 of 0.30 USD spent; the best next check is reading the log of refunds, about 0.08 USD: go on?",
    arguments: { ...told, raise_by: 0.15 },
    arguments_schema: { type: "object", properties: { raise_by: { type: "number", maximum: 3 } } },
    allowed_decisions: ["approve", "edit", "reject"],
    answerable_by: run.wants.admin ? "admin" : "responder",
    default: "The run concludes now with what it has.",
  });
}

const QUESTION = {
  kind: "question",
  prompt: "Which region saw the first failures: eu-west or us-east? Their deploys were an hour apart.",
  default: "both are looked at",
};

/** Waits for a person; the request with the answer in it. */
async function* ask(run, fields) {
  const request = run.ask(fields);
  yield { kind: "input.requested", input_request: request };
  yield { kind: "run.waiting", input_request_ids: [request.id] };
  await run.answered(request.id);
  yield { kind: "stage.started", stage: "analyze" };
  return request;
}

async function* askApproval(run) {
  const args = { command: "pytest tests/test_pricing.py -q", timeout_seconds: 60 };
  const request = yield* ask(run, {
    kind: "approval",
    prompt: "Run the tests of pricing to confirm the cause?",
    tool: "sandbox__run",
    arguments: args,
    default: "go on without",
  });
  if (request.decision !== "reject")
    yield* step(run, "Run the tests", (id) => call(run, id, request.tool, request.arguments, "1 failed, 11 passed in 0.4 s"));
}

async function* propose(run) {
  yield* step(run, "Write the solution", (id) =>
    say(run, id, "The evidence agrees: the check was removed, and carts without a coupon reach the line."),
  );
  if (run.wants.failure)
    throw Object.assign(new Error("The model did not answer in a form that can be used, three times."), {
      stage: "propose_solution",
    });
  yield { kind: "solution.proposed", solution: run.wants.inconclusive ? inconclusive() : solution(!run.wants.offline) };
}

const inconclusive = () => ({
  ...solution(true),
  verdict: "inconclusive",
  summary: "Some orders fail in `total` since Thursday, but nothing shows yet why only some of them reach it [1].",
  root_cause: "",
  claims: [
    { kind: "symptom", statement: "The error is raised in `total`.", evidence: [1, 2] },
    { kind: "ruled_out", statement: "A broken coupon table: the failing carts have no coupon at all.", evidence: [1] },
  ],
  suspect_commit: null,
  unresolved: ["Why carts of the mobile app never fail.", "Whether refunds fail, too."],
  would_decide: ["The request log of checkout between 16:00 and 17:00 on Thursday, with the version of the client."],
  next_step: "Look at the request log of checkout for the failing orders, and compare the versions of the clients.",
  proposed_fix: "",
  patch: null,
  dropped_claims: 3,
  budget: { rung: 2, scope: "run", measure: "cost_usd", spent: 0.3, limit: 0.3 },
});

const DIFF = `--- a/shop/pricing.py
+++ b/shop/pricing.py
@@ -24,4 +24,6 @@
     subtotal = sum(item.price * item.count for item in cart)
+    if coupon is None:
+        return subtotal
     return subtotal * (1 - coupon.discount / 100)
`;

const solution = (used_llm) => ({
  verdict: "confirmed",
  summary:
    "Checkout fails for every cart without a coupon, because `total` reads the discount of a coupon that is not there [1].",
  root_cause:
    "Commit 9d0e77c1 “Simplify pricing” removed the early return for carts without a coupon [3]. Since then `coupon.discount` is read from `None` [2].",
  claims: [
    { kind: "symptom", statement: "The error is raised in `total`, not in its caller.", evidence: [1, 2] },
    { kind: "root_cause", statement: "The check for a missing coupon was there until 9d0e77c1.", evidence: [3] },
    { kind: "contributing_factor", statement: "No test has a cart without a coupon.", evidence: [2] },
    { kind: "ruled_out", statement: "A broken coupon table: the failing carts have no coupon at all.", evidence: [1] },
  ],
  locations: [{ path, function: "total", line: 27 }],
  suspect_commit: {
    sha: "9d0e77c1f4b2a8c6",
    summary: "Simplify pricing",
    author: "Mara Lind",
    committed_at: "2026-11-19T16:20:00Z",
  },
  unresolved: ["Whether refunds go through the same line."],
  would_decide: [],
  owners: [
    { name: "Mara Lind", source: "blame", paths: ["shop/pricing.py"] },
    { name: "@shop/checkout", source: "code_owners", paths: ["shop/"] },
  ],
  next_step: "Put the early return back in `total` and deploy; carts with a coupon are not affected.",
  proposed_fix: "Put the early return for carts without a coupon back into `total`.",
  patch: {
    diff: DIFF,
    commit: "4f1c2ab93d7e51c0aa4f1c2ab93d7e51c0aa0000",
    paths: ["shop/pricing.py"],
    receipt_id: "",
    test_run: {
      command: "pytest tests/test_pricing.py -q",
      passed: true,
      exit_code: 0,
      output: "............                                                     [100%]\n12 passed in 0.41s",
      receipt_id: "",
    },
  },
  budget: null,
  dropped_claims: 1,
  used_llm,
  usage: {
    model: "fake:deep",
    model_calls: used_llm ? 7 : 0,
    input_tokens: 18400,
    output_tokens: 1150,
    cached_input_tokens: 9200,
    cost_usd: used_llm ? 0.0312 : null,
  },
});

/** The whole run; throws `{stage}` where it fails. */
export async function* investigation(run) {
  if (run.fork) yield* continued(run);
  else yield* stage(run, "gather_context", () => gather(run));
  yield* stage(run, "analyze", () => analyze(run));
  yield* stage(run, "propose_solution", () => propose(run));
  yield* stage(run, "publish", async function* () {
    await run.pause(1);
    yield {
      kind: "effect.finished",
      effect_id: "effect-1",
      effect: "slack.card_update",
      status: "done",
      detail: "#checkout-alerts",
    };
  });
  yield { kind: "run.succeeded", verdict: run.solution.verdict };
}

/** What a fork has of the run that it goes on from. */
async function* continued(run) {
  const { origin } = run.fork;
  const kept = origin.events.map(({ payload }) => payload);
  const facts = kept.filter(({ kind, evidence: fact }) => kind === "evidence.found" && fact.number === 1);
  const message = `This run goes on from run ${origin.number}: it has its tool calls and its facts.`;
  yield { kind: "notice.raised", level: "info", message, next_step: "" };
  yield* facts;
  yield* kept.filter(({ kind }) => kind === "hypothesis.stated").slice(0, 2);
}
