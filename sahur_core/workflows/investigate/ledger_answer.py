"""An answer without a model: what is recorded, said plainly. For runs that a limit or a lost model has stopped."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage

from sahur_core.context.history import to_row
from sahur_core.context.results import parse_result
from sahur_core.errors import ModelError
from sahur_core.events import NoticeRaised
from sahur_core.evidence.ledger import Ledger, short_name
from sahur_core.issues import (
    BudgetRung,
    BudgetScope,
    ClaimKind,
    Evidence,
    Hypothesis,
    HypothesisStatus,
    Solution,
    ToolResultStatus,
)
from sahur_core.workflows.investigate import budget
from sahur_core.workflows.investigate.answer import Answer, AnswerClaim
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import ledger_of
from sahur_core.workflows.investigate.limits import stopping_rung
from sahur_core.workflows.investigate.state import State, Update

MAX_PLACES = 3
LEDGER, KEPT, UNVERIFIED = "ledger", "kept", "unverified"
"""Sources of an answer: made of what is recorded; an earlier one of the run; a model's that no model has checked."""
NOT_VERIFIED = "No model has checked this answer against its evidence: the run was stopped before."
WENT_ON = "The run had gone on after this answer, and was stopped before it could write another."


def keep_or_make(ctx: InvestigationContext, state: State, position: int, cause: BudgetRung | ModelError) -> Update:
    """The run's earlier answer, if it had one before it went on; else one made of what is recorded."""
    if state["answer"]:
        return {"position": position, "answer_source": KEPT}
    answer = make_answer(ctx, state, cause)
    said = ctx.store.add_transcript([to_row(AIMessage(answer.model_dump_json()))])
    return {"transcript": said, "answer": said[0], "position": position, "answer_source": LEDGER}


def can_replace(ctx: InvestigationContext) -> bool:
    """Whether there is anything to answer with when no model can: without one fact the honest end is a failed run."""
    return bool(ctx.store.evidence())


def tell_lost(ctx: InvestigationContext, error: ModelError) -> None:
    """Readers hear why the answer is not a model's."""
    ctx.events.emit(
        NoticeRaised(
            level="warning",
            message=f"The model gave no answer: {error.message} What was recorded becomes the answer.",
            next_step=error.next_step,
        )
    )


def with_limits(ctx: InvestigationContext, state: State, solution: Solution, answer: Answer, source: str) -> Solution:
    """The solution with the limit that ended its run early, and with what it lacks because of that."""
    told = {LEDGER: [], KEPT: [WENT_ON], UNVERIFIED: [NOT_VERIFIED]}.get(source, [])
    stopped = stopping_rung(ctx) if source else None
    limit = stopped or (BudgetRung.model_validate(state["budget"]) if state.get("budget") else None)
    changes: dict[str, Any] = {"budget": limit, "unresolved": [*solution.unresolved, *told]}
    if source == LEDGER:
        # No model's words, so nothing in them has to be held against what was seen.
        open_points = list(dict.fromkeys([*answer.unresolved, *solution.unresolved]))
        changes |= {"summary": answer.summary, "next_step": answer.next_step, "unresolved": open_points}
    return solution.model_copy(update=changes)


def make_answer(ctx: InvestigationContext, state: State, cause: BudgetRung | ModelError) -> Answer:
    """Each recorded fact becomes an observation that cites it. No cause is named: nobody has concluded one."""
    facts = ctx.store.evidence()
    why = budget.describe(cause) if isinstance(cause, BudgetRung) else f"the model gave no answer: {cause.message}"
    counted = f"{len(facts)} fact{'' if len(facts) == 1 else 's'} recorded" if facts else "nothing recorded"
    ledger = ledger_of(ctx)
    held = [Hypothesis.model_validate(each) for each in state.get("hypotheses", {}).values()]
    standing = [f"Not decided: {each.statement}" for each in held if each.status is not HypothesisStatus.RULED_OUT]
    return Answer(
        verdict="inconclusive",
        summary=f"The investigation was stopped before it had an answer ({why}), with {counted}.",
        claims=[AnswerClaim(statement=fact.statement, kind=_kind_of(ledger, fact), evidence=[fact.number]) for fact in facts],
        unresolved=[*standing, *_ranked(ctx)] or ["The cause."],
        would_decide=["Going on with the investigation: it was not finished."],
        next_step=_next_step(cause),
    )


def _kind_of(ledger: Ledger, fact: Evidence) -> ClaimKind:
    """That a search found nothing can only rule something out."""
    return ClaimKind.RULED_OUT if ledger.is_absence(fact.number) else ClaimKind.OBSERVATION


def _next_step(cause: BudgetRung | ModelError) -> str:
    if isinstance(cause, ModelError):
        return cause.next_step or "Start another run when the model answers again."
    if cause.scope is BudgetScope.TEAM:
        return "Start another run tomorrow (UTC), or ask an admin of the team to raise the limit of the day."
    return "Start another run, or ask an admin of the team to raise the limit of a run."


def _ranked(ctx: InvestigationContext) -> list[str]:
    """What localization put first, if it was asked."""
    for made in ctx.store.tool_calls():
        if short_name(made.tool) == "locate" and made.status is ToolResultStatus.OK:
            found: dict[str, Any] = parse_result(made.text) or {}
            rows = found.get("files")
            paths = (
                [str(row["path"]) for row in rows if isinstance(row, dict) and row.get("path")] if isinstance(rows, list) else []
            )
            return [f"Not checked: localization ranks {', '.join(paths[:MAX_PLACES])} first."] if paths else []
    return []
