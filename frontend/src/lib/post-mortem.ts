/**
 * A post-mortem draft in Markdown, from what an issue and one of its runs tell. Pure: no clock, no network. What only people
 * know (who was affected, what is learned from it) is left open for them; what SAHUR says carries its evidence.
 */
import { issueAddress } from "./addresses";
import type { Issue, Run } from "./api-types";
import { claimsOf } from "./claims";
import type { Claim, Evidence, Solution } from "./event-types.gen";
import { duration, VERDICT_NAMES, withSource } from "./format";
import { code, inline, link, paragraphs } from "./markdown-text";
import { clockOf, dayOf, type Entry, storyOf, timeOf } from "./post-mortem-story";
import { fenced } from "./report-text";
import type { RunState } from "./run-state";
import { decidesTitle } from "./solution-titles";
import { costText, isOffline } from "./usage";

export interface PostMortemInput {
  issue: Issue;
  /** The record of the run shown, with what it cost. Null before it was read. */
  run: Run | null;
  /** What its events tell. */
  state: RunState;
  /** Of this site, without a slash at its end: links must work outside of it. */
  origin: string;
  /** `whole`: with every call of a tool, for paper. */
  detail?: "draft" | "whole";
}

/** The whole document. */
export function postMortem(input: PostMortemInput): string {
  const { issue, state } = input;
  const parts = [
    `# Post-mortem draft: ${inline(`${issue.key} ${issue.title}`)}`,
    headOf(input),
    section("Summary", summaryOf(state)),
    section("Impact", "_To be filled in: who was affected, from when to when, and how badly._"),
    section("Root cause", rootCauseOf(input)),
    section("Ruled out", bullets(ruledOut(input))),
    section("Still open", bullets(stillOpen(state.solution))),
    section("Fix", fixOf(input)),
    section("Resolution", resolutionOf(issue)),
    section("Timeline", timelineOf(storyOf(input))),
    section("Evidence", bullets(state.evidence.map((fact) => evidenceLine(fact, input)))),
    section("Cost and time", bullets(costOf(input))),
    section("Lessons and follow-ups", "_To be filled in: what to change so that it does not come back, and who does it._"),
    section("The report as it was filed", fenced(issue.body, "markdown")),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** A name for the file: `sah-12-run-2-post-mortem.md`. */
export const postMortemName = ({ issue, state }: Pick<PostMortemInput, "issue" | "state">): string =>
  `${issue.key.toLowerCase()}-run-${state.number ?? 1}-post-mortem.md`;

function section(title: string, body: string): string {
  return body && `## ${title}\n\n${body}`;
}

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");

// --- What it is about --------------------------------------------------------------------------------------------

function headOf({ issue, run, state, origin }: PostMortemInput): string {
  const verdict = state.verdict ? VERDICT_NAMES[state.verdict] : "none";
  const lines = [
    `**Issue:** ${link(issue.key, origin + issueAddress(issue.key))}, ${issue.status}`,
    `**Reported:** ${timeOf(issue.created_at)} by ${inline(withSource(issue.reporter, issue.source))}`,
    ...(issue.repository ? [`**Code:** ${code(issue.repository + (issue.revision ? ` @ ${issue.revision}` : ""))}`] : []),
    `**Investigated by:** SAHUR, run ${state.number ?? run?.number ?? 1}, asked by ${inline(state.askedBy)}`,
    `**Verdict:** ${verdict}, computed from the evidence`,
  ];
  return bullets(lines);
}

function summaryOf({ solution, failure, canceled }: RunState): string {
  if (solution) return paragraphs(solution.summary);
  if (failure) return `The run failed: ${inline(failure.cause)}`;
  if (canceled?.joined) return `The same problem is investigated as ${canceled.joined}.`;
  if (canceled) return `The run was stopped by ${inline(canceled.by)} before it had an answer.`;
  return "The run has no answer yet.";
}

function rootCauseOf(input: PostMortemInput): string {
  const { solution } = input.state;
  if (!solution) return "Not known.";
  const told = solution.root_cause ? paragraphs(solution.root_cause) : "Not known.";
  const kinds = ["root_cause", "contributing_factor", "symptom", "observation"] as const;
  const claims = kinds.flatMap((kind) => claimsOf(solution.claims, kind, kind === "root_cause" ? solution.root_cause : ""));
  const cited = new Set(claimsOf(solution.claims, "root_cause").flatMap(({ evidence }) => evidence));
  const proof = [...cited].map((number) => citation(number, input)).join(" ");
  return [
    proof ? `${told} ${proof}` : told,
    bullets(claims.map((claim) => `${KIND_LABELS[claim.kind] ?? ""}${claimLine(claim, input)}`)),
    bullets(placesOf(solution)),
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** What needs a word in a list that is mostly evidence for the root cause. */
const KIND_LABELS: Partial<Record<Claim["kind"], string>> = {
  contributing_factor: "**Contributing factor:** ",
  symptom: "**Symptom:** ",
};

const claimLine = ({ statement, evidence }: Claim, input: PostMortemInput): string =>
  [inline(statement), ...evidence.map((number) => citation(number, input))].join(" ");

function placesOf({ locations, suspect_commit: commit, owners }: Solution): string[] {
  const places = locations.map(
    ({ path, line, function: name }) => `${code(line === null ? path : `${path}:${line}`)}${name && ` in ${code(name)}`}`,
  );
  return [
    ...(places.length > 0 ? [`Where: ${places.join(", ")}`] : []),
    ...(commit
      ? [`Suspect commit: ${code(commit.sha)} ${inline(commit.summary)}${commit.author && `, by ${inline(commit.author)}`}`]
      : []),
    ...(owners.length > 0 ? [`Who knows the place: ${[...new Set(owners.map(({ name }) => inline(name)))].join(", ")}`] : []),
  ];
}

function ruledOut(input: PostMortemInput): string[] {
  const { solution, hypotheses } = input.state;
  const claims = solution ? claimsOf(solution.claims, "ruled_out") : [];
  const said = new Set(claims.map(({ statement }) => statement));
  const gone = hypotheses.filter(({ status, statement }) => status === "ruled_out" && !said.has(statement));
  return [
    ...claims.map((claim) => claimLine(claim, input)),
    ...gone.map(({ statement, because, evidence }) =>
      claimLine({ statement: because ? `${statement} Because: ${because}` : statement, evidence, kind: "ruled_out" }, input),
    ),
  ];
}

function stillOpen(solution: Solution | null): string[] {
  if (!solution) return [];
  const title = decidesTitle(solution.verdict);
  return [...solution.unresolved.map(inline), ...solution.would_decide.map((what) => `${title}: ${inline(what)}`)];
}

// --- How it was mended -------------------------------------------------------------------------------------------

function fixOf({ state: { solution } }: PostMortemInput): string {
  if (!solution) return "";
  const { proposed_fix: fix, patch, next_step: next } = solution;
  const parts = [fix && paragraphs(fix), patch && patchOf(patch), next && `**Next step:** ${inline(next)}`];
  return parts.filter(Boolean).join("\n\n");
}

function patchOf({ diff, commit, test_run: run }: NonNullable<Solution["patch"]>): string {
  const tested = run ? ` The team's tests (${code(run.command)}) ${run.passed ? "passed" : "failed"} with it.` : "";
  return `Proposed patch, checked to apply to ${code(commit)}.${tested}\n\n${fenced(diff, "diff")}`;
}

function resolutionOf({ status, resolution, activity }: Issue): string {
  if (status === "open") return "The issue is still open.";
  const closed = activity.findLast(({ kind }) => kind === "issue.closed");
  const by = closed ? `Closed ${timeOf(closed.at)} by ${inline(closed.actor)}.` : "Closed.";
  return resolution ? `${by}\n\n${paragraphs(resolution)}` : `${by} Nobody has written down how.`;
}

// --- How it was found --------------------------------------------------------------------------------------------

/** A list for each day. */
function timelineOf(entries: readonly Entry[]): string {
  const days = [...new Set(entries.map(({ at }) => dayOf(at)))];
  const listOf = (day: string) => entries.filter(({ at }) => dayOf(at) === day).map(entryLines);
  return days.map((day) => `**${day}, UTC**\n\n${listOf(day).join("\n")}`).join("\n\n");
}

const entryLines = ({ at, text, details = [] }: Entry): string =>
  [`- ${clockOf(at)} ${text}`, ...details.map((detail) => `  - ${detail}`)].join("\n");

/** Where a reader finds the fact with its receipt and can have it checked again. */
const evidenceAddress = (number: number, { issue, state, origin }: PostMortemInput): string =>
  `${origin}${issueAddress(issue.key)}?run=${state.number ?? 1}#evidence-${number}`;

function citation(number: number, input: PostMortemInput): string {
  const isKnown = input.state.evidence.some((fact) => fact.number === number);
  // On paper one looks further down instead of clicking.
  return isKnown && input.detail !== "whole" ? link(`[${number}]`, evidenceAddress(number, input)) : inline(`[${number}]`);
}

function evidenceLine(fact: Evidence, input: PostMortemInput): string {
  const place = fact.path && `${fact.path}${fact.line === null ? "" : `:${fact.line}`}`;
  const where = [place && code(place), fact.commit && `at ${code(fact.commit)}`, `by ${code(fact.tool)}`]
    .filter(Boolean)
    .join(" ");
  const address = evidenceAddress(fact.number, input);
  return `**\\[${fact.number}\\]** ${inline(fact.statement)} (${where}; receipt ${code(fact.receipt_id)}: ${link(address, address)})`;
}

function costOf({ run, state }: PostMortemInput): string[] {
  const { startedAt, endedAt, queuedAt } = state;
  const took = startedAt && endedAt ? duration(Date.parse(endedAt) - Date.parse(startedAt)) : "";
  const waited = queuedAt && startedAt ? duration(Date.parse(startedAt) - Date.parse(queuedAt)) : "";
  const usage = run?.usage;
  const model = usage?.model ?? state.usage.model;
  const cost = usage ? costText({ ...usage, cost_usd: usage.known_cost_usd }) : costText(state.usage);
  return [
    ...(took ? [`From start to answer: ${took}${waited && `, after ${waited} in the queue`}`] : []),
    ...(usage ? [`At work, without waiting for people: ${duration(usage.seconds * 1000)}`] : []),
    model && !isOffline(model)
      ? `Model: ${code(model)}, ${usage?.model_calls ?? state.usage.model_calls} calls`
      : "No language model was used.",
    ...(usage ? [`Tool calls: ${usage.tool_calls}`] : []),
    ...(cost ? [`Cost: ${cost}`] : []),
  ];
}
