"""A solution as blocks: what the answer says, in the order in which the page says it."""

from __future__ import annotations

from sahur.slack.blocks.block_kit import CODE_CHARS, LIST_ITEMS, Block, code, cut, listing, part, section
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
    Verdict.CONFIRMED: ":large_green_circle: Confirmed",
    Verdict.LIKELY: ":large_yellow_circle: Likely",
    Verdict.INCONCLUSIVE: ":white_circle: Inconclusive: the evidence does not show one cause",
}
OWNER_SOURCES = {"blame": "changed it last", "code_owners": "named in CODEOWNERS"}


def solution_blocks(solution: Solution) -> list[Block]:
    """Everything but the headline. Without a cause, what would decide it comes before what was seen."""
    still_open = listing("Still open", solution.unresolved) + listing("What would decide it", solution.would_decide)
    is_open = solution.verdict is Verdict.INCONCLUSIVE
    blocks = [section(VERDICTS[solution.verdict]), *_budget(solution.budget)]
    blocks += part("What is going on", solution.summary)
    blocks += still_open if is_open else []
    blocks += part("Root cause", solution.root_cause)
    blocks += part("Where", _places(solution))
    blocks += _claims(solution)
    blocks += [] if is_open else still_open
    blocks += listing("Who may know", _owners(solution))
    if solution.proposed_fix:
        blocks.append(section(f"*Proposed fix*\n{code(solution.proposed_fix)}"))
    if solution.patch is not None:
        blocks += _patch(solution.patch)
    return blocks + part("Next step", solution.next_step)


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


def _claims(solution: Solution) -> list[Block]:
    blocks: list[Block] = []
    for kind, title in CLAIM_TITLES.items():
        claims = solution.claims_of(kind)
        blocks += listing(title, [f"{claim.statement} {_citations(claim.evidence)}".strip() for claim in claims])
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


def _places(solution: Solution) -> str:
    places = []
    for location in solution.locations[:LIST_ITEMS]:
        line = f":{location.line}" if location.line else ""
        function = f" in {location.function}" if location.function else ""
        places.append(f"{location.path}{line}{function}")
    commit = solution.suspect_commit
    if commit:
        author = f" by {commit.author}" if commit.author else ""
        places.append(f"since commit {commit.sha[:12]}{author}: {commit.summary}")
    return "\n".join(places)


def _citations(numbers: list[int]) -> str:
    return "".join(f"[{number}]" for number in numbers)
