"""What a run holds possible before anything is proven, and how that changes: told to people as soon as there is a word.

The first word is triage's, from the report alone; the next is localization's; after that the model states, strengthens,
weakens and rules out hypotheses of its own with the tool `state_hypothesis`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from sahur_core.context.results import cut_text
from sahur_core.events import HypothesisStated
from sahur_core.issues import Hypothesis, HypothesisStatus
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import ledger_of
from sahur_core.workflows.investigate.state import Update

MAX_STATEMENT_CHARS = 300
MAX_BECAUSE_CHARS = 300
SHA_DIGITS = 10
MIN_COMMIT_SCORE = 0.5
"""A commit that localization suspects less is not named in one line."""


class StateHypothesis(BaseModel):
    """Tell the people who watch what you now hold possible, or that evidence has changed your mind about it."""

    label: str = Field(min_length=1, max_length=40, description="A short name for it; the same one again to change it")
    statement: str = Field(min_length=1, max_length=600, description="What may be the cause, in one sentence")
    status: HypothesisStatus = Field(default=HypothesisStatus.STATED, description="What the evidence did to it")
    because: str = Field(default="", max_length=600, description="What speaks for or against it, in one sentence")
    evidence: list[int] = Field(default=[], description="Numbers [n] of recorded evidence, where there is any")


def tell(ctx: InvestigationContext, hypothesis: Hypothesis, *, key: str) -> Update:
    """Tell people, once for each `key`, and remember what stands; the channel that this moves."""
    ctx.events.emit(HypothesisStated(hypothesis=hypothesis), key=f"hypothesis:{key}")
    return {"hypotheses": {hypothesis.id: hypothesis.model_dump(mode="json")}}


def of_model(ctx: InvestigationContext, wanted: StateHypothesis) -> Hypothesis:
    """The model's words as a hypothesis. Numbers that no usable evidence has are left out."""
    ledger = ledger_of(ctx)
    return Hypothesis(
        id=wanted.label.strip().lower(),
        statement=cut_text(" ".join(wanted.statement.split()), MAX_STATEMENT_CHARS),
        status=wanted.status,
        because=cut_text(" ".join(wanted.because.split()), MAX_BECAUSE_CHARS),
        evidence=sorted({number for number in wanted.evidence if ledger.is_usable(number)}),
    )


def of_triage(text: str) -> Hypothesis | None:
    """What the first reading suspects, if it does."""
    statement = cut_text(" ".join(text.split()), MAX_STATEMENT_CHARS)
    return Hypothesis(id="triage", statement=statement, because="From the report alone.", source="triage") if statement else None


def of_localization(found: dict[str, Any]) -> Hypothesis | None:
    """The place that a result of `code__locate` puts first; None where it has none."""
    files, functions = _rows(found, "files"), _rows(found, "functions")
    if not files:
        return None
    path = str(files[0]["path"])
    # The best function may be of another file than the best file: the more exact of both is told.
    best = functions[0] if functions and functions[0].get("path") in {row["path"] for row in files[:3]} else None
    place = f"{best['name']} ({best['path']})" if best and best.get("name") else path
    reasons = "; ".join(str(reason) for reason in (best or files[0]).get("reasons", [])[:2])
    if not found.get("has_anchor"):
        statement = f"Nothing in the report names a place in the code; by its words alone it is nearest to {place}."
    else:
        statement = f"The place to look at first is {place}.{_suspected(_rows(found, 'commits'))}"
    return Hypothesis(
        id="localization",
        statement=cut_text(statement, MAX_STATEMENT_CHARS),
        because=cut_text(reasons, MAX_BECAUSE_CHARS),
        source="localization",
    )


def _suspected(commits: list[dict[str, Any]]) -> str:
    best = commits[0] if commits else {}
    if float(best.get("score", 0.0)) < MIN_COMMIT_SCORE:
        return ""
    return f" Commit {str(best['sha'])[:SHA_DIGITS]} ({best.get('summary', '')}) is the first suspect."


def _rows(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = found.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
