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

async function* say(run, step, text) {
  for (const piece of text.match(/.{1,14}/gs) ?? []) {
    await run.pause(0.3);
    yield { kind: "text.streamed", step_id: step, text: piece };
  }
  const usage = { model: "fake:deep", model_calls: 1, input_tokens: 2310, output_tokens: 140, cost_usd: 0.004 };
  yield { kind: "model_call.finished", step_id: step, role: "deep", duration_ms: 900, usage };
}

async function* step(run, title, body, summary = "") {
  const step_id = `step-${++run.steps}`;
  yield { kind: "step.started", step_id, position: run.steps, title };
  for (const message of run.takeMessages()) yield { kind: "message.taken_in", message_id: message.id, step: run.steps };
  yield* body(step_id);
  yield { kind: "step.finished", step_id, summary };
}

async function* stage(run, name, body) {
  yield { kind: "stage.started", stage: name };
  await run.pause(1);
  yield* body();
  yield { kind: "stage.finished", stage: name };
}

async function* gather(run) {
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
  if (run.wants.question) yield* ask(run, QUESTION);
  if (run.wants.approval) yield* askApproval(run);
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
  yield { kind: "solution.proposed", solution: solution(run.wants.approval) };
}

const solution = (used_llm) => ({
  verdict: "confirmed",
  summary:
    "Checkout fails for every cart without a coupon, because `total` reads the discount of a coupon that is not there [1].",
  root_cause:
    "Commit 9d0e77c1 “Simplify pricing” removed the early return for carts without a coupon [3]. Since then `coupon.discount` is read from `None` [2].",
  claims: [
    { statement: "The error is raised in `total`, not in its caller.", evidence: [1, 2] },
    { statement: "The check for a missing coupon was there until 9d0e77c1.", evidence: [3] },
  ],
  locations: [{ path, function: "total", line: 27 }],
  suspect_commit: {
    sha: "9d0e77c1f4b2a8c6",
    summary: "Simplify pricing",
    author: "Mara Lind",
    committed_at: "2026-11-19T16:20:00Z",
  },
  ruled_out: ["A broken coupon table: the failing carts have no coupon at all [1]."],
  would_decide: [],
  next_step: "Put the early return back in `total` and deploy; carts with a coupon are not affected.",
  proposed_fix:
    "--- a/shop/pricing.py\n+++ b/shop/pricing.py\n@@ -24,4 +24,6 @@\n     subtotal = sum(item.price * item.count for item in cart)\n+    if coupon is None:\n+        return subtotal\n     return subtotal * (1 - coupon.discount / 100)",
  dropped_claims: 1,
  used_llm,
  usage: {
    model: "fake:deep",
    model_calls: used_llm ? 7 : 0,
    input_tokens: 18400,
    output_tokens: 1150,
    cost_usd: used_llm ? 0.0312 : null,
  },
});

/** The whole run; throws `{stage}` where it fails. */
export async function* investigation(run) {
  yield* stage(run, "gather_context", () => gather(run));
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
  yield { kind: "run.succeeded", verdict: "confirmed" };
}
