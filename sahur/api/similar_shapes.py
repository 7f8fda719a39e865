"""Similar issues, as the REST door answers them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from sahur.api.shapes import Shape
from sahur.issues.similar import Similar
from sahur_core.issues import IssueStatus, Verdict

MAX_ENDING_CHARS = 500

EndingKind = Literal["resolution", "root_cause", "summary", ""]


class SimilarIssue(Shape):
    key: str
    title: str
    status: IssueStatus
    repository: str | None = Field(description="Its name")
    created_at: datetime
    verdict: Verdict | None = Field(description="Of its latest solution")
    ending: str = Field(description="What it came to, in short; empty if nothing is known yet")
    ending_kind: EndingKind = Field(description="Who says so: a person who closed it, or the latest solution")
    score: float = Field(description="From 0 to 1: how alike the two are")
    matched: list[str] = Field(description="What both have, the most telling first")


class SimilarIssues(Shape):
    results: list[SimilarIssue] = Field(description="Best first")


def similar_issues(found: list[Similar]) -> SimilarIssues:
    return SimilarIssues(results=[_similar_issue(each) for each in found])


def _similar_issue(found: Similar) -> SimilarIssue:
    issue, solution = found.past.issue, found.past.solution
    kind, ending = _ending(found)
    return SimilarIssue(
        key=issue.key,
        title=issue.title,
        status=IssueStatus(issue.status),
        repository=issue.repository.name if issue.repository else None,
        created_at=issue.created_at,
        verdict=Verdict(solution.verdict) if solution else None,
        ending=ending if len(ending) <= MAX_ENDING_CHARS else f"{ending[: MAX_ENDING_CHARS - 1]}…",
        ending_kind=kind,
        score=found.score,
        matched=found.matched,
    )


def _ending(found: Similar) -> tuple[EndingKind, str]:
    """What a person said goes before what a run concluded."""
    solution = found.past.solution
    if found.past.resolution:
        return "resolution", found.past.resolution
    if solution is None:
        return "", ""
    cause = str(solution.body.get("root_cause", ""))
    return ("root_cause", cause) if cause else ("summary", solution.summary)
