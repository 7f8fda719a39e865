"""A solution as blocks: what the answer says, in the order in which somebody in a hurry needs it."""

from __future__ import annotations

from sahur.slack.blocks.block_kit import (
    CODE_CHARS,
    LIST_ITEMS,
    Block,
    brief,
    code,
    context,
    cut,
    listing,
    marked_listing,
    part,
    section,
)
from sahur.slack.blocks.citations import Citations, link
from sahur.slack.markup import escape, escape_code
from sahur_core.issues import BudgetMeasure, BudgetRung, BudgetScope, ClaimKind, Patch, Solution, TestRun, Verdict

CLAIM_TITLES = {
    ClaimKind.ROOT_CAUSE: "Why",
    ClaimKind.CONTRIBUTING_FACTOR: "Contributing factors",
    ClaimKind.SYMPTOM: "Symptoms",
    ClaimKind.OBSERVATION: "Evidence",
    ClaimKind.RULED_OUT: "Ruled out",
}
VERDICTS = {
    Verdict.CONFIRMED: "●●●  *Confirmed*: the evidence shows the cause",
    Verdict.LIKELY: "●●○  *Likely*: the evidence speaks for this cause, and does not prove it",
    Verdict.INCONCLUSIVE: "○○○  *Inconclusive*: the evidence does not show one cause",
}
"""A sign that needs no color, and words."""
HAND_OVER = "Mention me in this thread with any of it: a further run starts, and takes it up."
OWNER_SOURCES = {"blame": "changed it last", "code_owners": "named in CODEOWNERS"}


def solution_blocks(solution: Solution, citations: Citations) -> list[Block]:
    """Everything but the headline: first what to know and to do, then why. Without a cause, what would decide it comes first."""
    is_open = solution.verdict is Verdict.INCONCLUSIVE
    decides = "To be sure" if solution.verdict is Verdict.CONFIRMED else "What would decide it"
    still_open = listing("Still open", solution.unresolved) + listing(decides, solution.would_decide)
    blocks = [section(VERDICTS[solution.verdict]), *_budget(solution.budget)]
    blocks += part("What is going on", solution.summary)
    blocks += still_open if is_open else []
    blocks += part("Root cause", solution.root_cause)
    blocks += part("Next step", solution.next_step)
    blocks += [context(HAND_OVER)] if is_open else []
    blocks += part("Proposed fix", solution.proposed_fix)
    blocks += marked_listing("Where", _places(solution, citations))
    blocks += _claims(solution, citations)
    blocks += [] if is_open else still_open
    blocks += listing("Who may know", _owners(solution))
    return blocks + (_patch(solution.patch) if solution.patch is not None else [])


def spent(budget: BudgetRung) -> str:
    """`$0.30 of $0.30 spent by this run`."""
    whose = "by this run" if budget.scope is BudgetScope.RUN else "by the team today"
    if budget.measure is BudgetMeasure.COST_USD:
        return f"${budget.spent:.2f} of ${budget.limit:.2f} spent {whose}"
    unit = {BudgetMeasure.TOKENS: "tokens", BudgetMeasure.TOOL_CALLS: "tool calls"}.get(budget.measure, "seconds of work")
    return f"{budget.spent:,.0f} of {budget.limit:,.0f} {unit} spent {whose}"


def _budget(budget: BudgetRung | None) -> list[Block]:
    if budget is None:
        return []
    return [section(f":hourglass: Ended early by a limit: {spent(budget)}. This is what was known by then.")]


def _claims(solution: Solution, citations: Citations) -> list[Block]:
    blocks: list[Block] = []
    for kind, title in CLAIM_TITLES.items():
        claims = solution.claims_of(kind)
        told = [f"{escape(brief(claim.statement))} {citations.marks(claim.evidence[:LIST_ITEMS])}".strip() for claim in claims]
        blocks += marked_listing(title, told)
    numbers = [number for claim in solution.claims for number in claim.evidence]
    blocks += marked_listing("Sources", citations.sources(numbers))
    if solution.dropped_claims:
        were = "statement was" if solution.dropped_claims == 1 else "statements were"
        blocks.append(section(f"_{solution.dropped_claims} {were} left out for want of evidence._"))
    return blocks


def _owners(solution: Solution) -> list[str]:
    owners = []
    for owner in solution.owners:
        paths = f": {', '.join(owner.paths)}" if owner.paths else ""
        owners.append(f"{owner.name}, {OWNER_SOURCES.get(owner.source, owner.source)}{paths}")
    return owners


def _patch(patch: Patch) -> list[Block]:
    where = f"applies to `{escape(patch.commit[:12])}`"
    if len(escape_code(patch.diff)) > CODE_CHARS:
        where += "; the whole of it is on the page"
    tested = [section(_tests(patch.test_run))] if patch.test_run else []
    return [section(f"*Patch*, {where}"), section(code(patch.diff)), *tested]


def _tests(run: TestRun) -> str:
    outcome = ":white_check_mark: Tests passed" if run.passed else ":x: Tests failed"
    if run.exit_code is None:
        outcome = ":x: Tests were stopped at their time limit"
    return f"{outcome} with the patch: `{escape(cut(run.command.replace('`', ' '), 300))}`"


def _places(solution: Solution, citations: Citations) -> list[str]:
    """Code at the commit at which it was looked at, where that is on the web."""
    places = []
    commits = {fact.path: fact.commit for fact in citations.evidence.values() if fact.path and fact.commit}
    for location in solution.locations[: LIST_ITEMS - 1]:
        where = f"{location.path}:{location.line}" if location.line else location.path
        address = citations.home.code(location.path, commits.get(location.path, ""), location.line)
        function = f" in {escape(brief(location.function, 200))}" if location.function else ""
        places.append((link(address, where) if address else escape(brief(where, 300))) + function)
    commit = solution.suspect_commit
    if commit:
        name, address = f"commit {commit.sha[:12]}", citations.home.commit(commit.sha)
        author = f" by {escape(brief(commit.author, 100))}" if commit.author else ""
        told = link(address, name) if address else escape(name)
        places.append(f"since {told}{author}: {escape(brief(commit.summary, 300))}")
    return places
