// @vitest-environment node
import { expect, it } from "vitest";
import type { Issue, Run } from "@/lib/api-types";
import type { Evidence, Solution } from "@/lib/event-types.gen";
import { applyEvents } from "@/lib/events";
import { code, inline, link, paragraphs } from "@/lib/markdown-text";
import { postMortem, postMortemName } from "@/lib/post-mortem";
import { initialRunState } from "@/lib/run-state";
import { callFinished, callStarted, events, messageQueued, stageStarted, stepStarted } from "../events";

const EVIDENCE: Evidence = {
  id: "e1",
  number: 3,
  statement: "rates has no key `rate`",
  excerpt: "",
  receipt_id: "r-33",
  tool: "code__read",
  path: "shop/pricing.py",
  line: 22,
  commit: "abc1234",
};
const SOLUTION: Solution = {
  verdict: "confirmed",
  summary: "Checkout fails for carts with a gift card.",
  root_cause: "The rename of `rate` left one reader behind.",
  claims: [
    { statement: "The rename of `rate` left one reader behind.", evidence: [3], kind: "root_cause" },
    { statement: "Carts without gift cards work", evidence: [3], kind: "symptom" },
    { statement: "It is not the database", evidence: [9], kind: "ruled_out" },
  ],
  locations: [{ path: "shop/pricing.py", function: "price_of", line: 22 }],
  suspect_commit: { sha: "abc1234", summary: "Rename rate", author: "Bo", committed_at: null },
  unresolved: ["Who else reads it"],
  would_decide: ["The log of billing"],
  next_step: "Apply the patch.",
  owners: [{ name: "Bo", source: "blame", paths: [] }],
  proposed_fix: "Read the new name.",
  patch: { diff: "--- a/x\n+++ b/x\n```\n", commit: "abc1234", paths: ["x"], receipt_id: "", test_run: null },
  dropped_claims: 0,
  budget: null,
  used_llm: true,
  usage: { model: "gpt", model_calls: 1, input_tokens: 1, output_tokens: 1, cached_input_tokens: 0, cost_usd: 0.02 },
};
const STATE = applyEvents(
  initialRunState,
  events([
    { kind: "run.queued", number: 2, asked_by: "Ada", forked_from: "", forked_from_number: null, fork_kind: null } as never,
    stageStarted("analyze"),
    stepStarted("s1"),
    callStarted("s1", "c1"),
    callFinished("s1", "c1"),
    messageQueued("m1", ""),
    { kind: "evidence.found", evidence: EVIDENCE },
    { kind: "solution.proposed", solution: SOLUTION },
    { kind: "run.succeeded", verdict: "confirmed" },
  ]),
);
const ISSUE = {
  key: "SAH-12",
  title: "Checkout <b>500</b>",
  status: "closed",
  source: "web",
  reporter: "Rita_R",
  repository: "shop",
  revision: "main",
  created_at: "2026-01-01T11:59:00Z",
  resolution: "Reverted the rename.",
  body: "It fails.\n```\n# not a heading\n```",
  activity: [{ number: 2, kind: "issue.closed", actor: "Bo", detail: {}, at: "2026-01-02T08:00:00Z" }],
} as unknown as Issue;
const RUN = { usage: { ...STATE.usage, model: "gpt", model_calls: 4, known_cost_usd: 0.02, tool_calls: 7, seconds: 12 } } as Run;
const INPUT = { issue: ISSUE, run: RUN, state: STATE, origin: "https://sahur.example" };
const written = postMortem(INPUT);
const sectionOf = (title: string) => written.split(`\n## ${title}\n`)[1]?.split("\n## ")[0]?.trim();

it("has every part, with what only people know left open", () => {
  expect([...written.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
    ...["Summary", "Impact", "Root cause", "Ruled out", "Still open", "Fix", "Resolution", "Timeline", "Evidence"],
    ...["Cost and time", "Lessons and follow-ups", "The report as it was filed"],
  ]);
  expect(written).toMatch(/^# Post-mortem draft: SAH-12 Checkout \\<b\\>500\\<\/b\\>\n/);
  expect(sectionOf("Still open")).toBe("- Who else reads it\n- To be sure: The log of billing");
  expect(sectionOf("Impact")).toMatch(/^_To be filled in/);
  expect(postMortemName(INPUT)).toBe("sah-12-run-2-post-mortem.md");
});

it("cites evidence that is there by links that work elsewhere, and leaves unknown numbers as text", () => {
  const address = "https://sahur.example/issues/SAH-12/?run=2#evidence-3";
  expect(sectionOf("Root cause")).toContain(`left one reader behind. [\\[3\\]](<${address}>)`);
  expect(sectionOf("Ruled out")).toBe("- It is not the database \\[9\\]");
  expect(sectionOf("Evidence")).toContain("**\\[3\\]** rates has no key `rate` (`shop/pricing.py:22` at `abc1234`");
  expect(sectionOf("Evidence")).toContain(`receipt \`r-33\`: [${address.replace(":", "\\:")}](<${address}>)`);
});

it("tells what the run did and what people said in the order of time", () => {
  const lines = sectionOf("Timeline")?.split("\n").filter(Boolean) ?? [];
  const starts = lines.map((line) => line.replace(/^- \d\d:\d\d:\d\d /, "").slice(0, 24));
  expect(starts).toEqual([
    "**2026-01-01, UTC**",
    "Reported by Rita_R via w",
    "Run 2 began, asked for b",
    "**Step s1** (1 tool call",
    "Rita said: look at the d",
    "Run 2 gave its answer.",
    "**2026-01-02, UTC**",
    "Bo closed the issue.",
  ]);
  expect(lines[1]).toMatch(/^- 11:59:00 /);
});

it("tells how a report came to join another issue, and what was decided", () => {
  const at = "2026-01-01T12:00:00Z";
  const asked = { kind: "join", prompt: "The same?", state: "answered", decision: "approve", answered_by: "Bo", answer: "", at };
  const state = { ...STATE, timeline: [{ type: "input", id: "q" }], inputs: { q: asked } } as unknown as typeof STATE;
  const activity = [
    { number: 1, kind: "issue.opened", actor: "Rita_R", detail: {}, at },
    { number: 2, kind: "issue.joined", actor: "Bo", detail: { issue: "SAH-2" }, at },
  ];
  const told = postMortem({ ...INPUT, state, issue: { ...ISSUE, activity } });
  expect(told).toContain("Asked: The same? Joined by Bo.");
  expect(told).toContain("Bo joined it to SAH-2, the same problem.");
  expect(told).not.toContain("R reported it");
});

it("keeps no words for a message that was taken back", () => {
  const [message] = Object.values(STATE.messages);
  const messages = { [message?.id ?? ""]: { ...message, text: "", state: "withdrawn" } } as typeof STATE.messages;
  expect(postMortem({ ...INPUT, state: { ...STATE, messages } })).toContain(
    "Rita took a message back before anybody had read it.",
  );
});

it("tells on paper also each call of a tool", () => {
  expect(written).not.toContain("Read `a.py`");
  expect(postMortem({ ...INPUT, detail: "whole" })).toContain("  - Read `a.py` (ok, 12 ms)");
});

it("keeps a patch and the report in blocks that their own text cannot close", () => {
  expect(sectionOf("Fix")).toContain("````diff\n--- a/x\n+++ b/x\n```\n````");
  expect(sectionOf("The report as it was filed")).toContain("# not a heading");
  expect(sectionOf("The report as it was filed")?.startsWith("````markdown\n")).toBe(true);
});

it("says what it cost, how it was closed, and what it is without an answer", () => {
  expect(sectionOf("Cost and time")).toContain("- Model: `gpt`, 4 calls\n- Tool calls: 7\n- Cost: $0.02");
  expect(sectionOf("Resolution")).toBe("Closed 2026-01-02 08:00:00 UTC by Bo.\n\nReverted the rename.");
  const early = postMortem({ ...INPUT, issue: { ...ISSUE, status: "open" }, run: null, state: initialRunState });
  expect(early).toContain("The run has no answer yet.");
  expect(early).toContain("The issue is still open.");
  expect(early).not.toContain("## Evidence");
});

it.each([
  ["# heading", "\\# heading"],
  ["1. item", "1\\. item"],
  ["- a\n- b", "\\- a - b"],
  ["![x](http://evil/p.png)", "\\!\\[x\\](http\\://evil/p.png)"],
  ["https://evil.example WWW.evil.example a@b.co", "https\\://evil.example WWW\\.evil.example a\\@b.co"],
  ["@ada, see #12 or a#b", "\\@ada, see \\#12 or a#b"],
  ["# 1", "\\# 1"],
  ["#1", "\\#1"],
  ["\u202egnp.exe zero\u200bwidth", "\\\\u{202e}gnp.exe zero\\\\u{200b}width"],
  ["`a\u202eb`", "`a\\u{202e}b`"],
  ["<script>a|b</script>", "\\<script\\>a\\|b\\</script\\>"],
  ["snake_case and __init__", "snake_case and \\_\\_init\\_\\_"],
  ["`code *as* is` *not*", "`code *as* is` \\*not\\*"],
  ["a & b ~~c~~ \\", "a \\& b \\~\\~c\\~\\~ \\\\"],
])("writes %j as text", (text, expected) => {
  expect(inline(text)).toBe(expected);
});

it("links only to the web, and quotes code however many backticks it has", () => {
  expect(link("x", "javascript:alert(1)")).toBe("x");
  expect(link("a]b", "https://h/ <>")).toBe("[a\\]b](<https://h/%20%3C%3E>)");
  expect(code("a ` b\nc")).toBe("`` a ` b c ``");
  expect(paragraphs("a\nb\n\n# c")).toBe("a  \nb\n\n\\# c");
});
