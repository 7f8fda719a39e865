"""The forms in which models answer: triage, the answer itself, and the review of it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from sahur_core.issues import ClaimKind


class Triage(BaseModel):
    """First reading of a problem report."""

    summary: str = Field(description="What is reported, in one sentence, in your own words")
    hypothesis: str = Field(
        default="",
        description="What you would suspect first, in one sentence for the people who wait; empty if the report gives no hint",
    )
    search_terms: list[str] = Field(
        default=[],
        max_length=5,
        description="Exact texts from the report that the source code is likely to contain: names, messages, keys. Best first",
    )


class AnswerClaim(BaseModel):
    statement: str = Field(description="One checkable statement")
    kind: ClaimKind = Field(
        default=ClaimKind.OBSERVATION,
        description="root_cause: why it happens; contributing_factor: made it possible or worse; symptom: what people saw; "
        "ruled_out: is not the cause, and why; observation: anything else that matters",
    )
    evidence: list[int] = Field(
        description="Numbers [n] of the recorded evidence it rests on. Only ruled_out may rest on a search that found nothing"
    )


class AnswerLocation(BaseModel):
    path: str
    function: str = ""
    line: int | None = None


class Answer(BaseModel):
    """The answer to a problem report. Claims without recorded evidence are dropped."""

    verdict: Literal["confirmed", "likely", "inconclusive"] = Field(
        description="The strongest verdict you would defend. It can only be lowered: the real one is computed from the evidence"
    )
    summary: str = Field(description="What is going on, in one or two sentences")
    root_cause: str = Field(
        default="", description="Why it happens; empty if you do not know. It counts only with a claim of kind root_cause"
    )
    claims: list[AnswerClaim] = []
    locations: list[AnswerLocation] = Field(default=[], description="Where the cause is, most important first")
    suspect_commit: str = Field(default="", description="SHA of the commit that brought the cause in; empty if none did")
    unresolved: list[str] = Field(default=[], description="What is still open")
    would_decide: list[str] = Field(default=[], description="What would settle what is still open")
    next_step: str = Field(description="The one thing that a person should do next")
    proposed_fix: str = Field(default="", description="How to mend it, in words")
    patch: str = Field(
        default="",
        description="Where code is at fault and the fix is small: a unified diff against the analyzed commit, with paths as "
        "a/… and b/… and three unchanged lines around each change, copied exactly. Empty otherwise. It is tried before "
        "anybody sees it",
    )


class MendedPatch(BaseModel):
    """A patch again, after the first one did not apply."""

    patch: str = Field(default="", description="The whole unified diff; empty if you cannot make one that applies")


class Objection(BaseModel):
    claim: int = Field(description="Number of the claim, from 1; 0 objects to the root cause as a whole")
    reason: str


class Review(BaseModel):
    """Verification of an answer against its evidence."""

    objections: list[Objection] = Field(default=[], description="Claims that their evidence does not bear out")
    verdict: Literal["confirmed", "likely", "inconclusive"] = Field(
        description="The strongest verdict that the evidence bears; a higher one than before changes nothing"
    )
