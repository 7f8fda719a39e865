"""Issues of the past as other runs and other agents look at them: found by their words, read with what came out."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F

from sahur.accounts.actor import Actor
from sahur.issues import listing, models, selectors
from sahur_core.issues import IssueStatus

MAX_WORDS = 24
"""Of a question; a whole traceback as a question would look every issue up."""
CANDIDATES = 100
MAX_RUNS = 20
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True)
class PastIssue:
    """An issue with its latest solution, if any run of it has come to one. `has_all`: every word asked for is in it."""

    issue: models.Issue
    solution: models.Solution | None
    resolution: str
    has_all: bool = True


def run_of(actor: Actor, run_id: UUID | None) -> models.Run | None:
    """The run that asks. Raises `NotFound` if it is not one of the actor's teams."""
    return selectors.get_run(actor, run_id) if run_id else None


def search(
    actor: Actor, question: str, *, status: IssueStatus | None = None, asked_by: models.Run | None = None, limit: int = 10
) -> list[PastIssue]:
    """Issues with all the words, then those with some of them, each best first; without words the newest.

    The issue that the asking run works on is left out: it is no precedent of itself.
    """
    own = asked_by.issue_id if asked_by else None
    state = status.value if status else ""
    words = list(dict.fromkeys(_WORD.findall(question)))[:MAX_WORDS]
    if not question.strip():
        rows = [row for row in listing.list_issues(actor, status=state, limit=limit + 1) if row.id != own][:limit]
        return with_solutions(rows)
    exact = [row for row in listing.list_issues(actor, status=state, query=question, limit=CANDIDATES) if row.id != own]
    rows = _ranked(exact, words)[:limit]
    partial: list[models.Issue] = []
    if len(rows) < limit and len(words) > 1:
        seen = {row.id for row in exact} | {own}
        some = listing.list_issues(actor, status=state, query=" or ".join(words), limit=CANDIDATES)
        partial = _ranked([row for row in some if row.id not in seen], words)[: limit - len(rows)]
    return with_solutions([*rows, *partial], {row.id for row in partial})


def read(actor: Actor, key: str) -> PastIssue:
    """One issue by its key. Raises `NotFound`."""
    return with_solutions([selectors.get_issue(actor, key)])[0]


def evidence_of(solution: models.Solution) -> list[models.Evidence]:
    """What the solution's claims cite, by number."""
    cited = {number for claim in solution.body.get("claims", []) for number in claim.get("evidence", [])}
    return list(models.Evidence.objects.filter(run_id=solution.run_id, number__in=cited).order_by("number"))


def last_runs(issue: models.Issue) -> list[models.Run]:
    """The newest runs, newest first."""
    return list(issue.runs.order_by("-number")[:MAX_RUNS])


def with_solutions(rows: list[models.Issue], partial: Collection[UUID] = ()) -> list[PastIssue]:
    """In the same order; `partial` are the ids of those that lack some of the words asked for."""
    solutions = models.Solution.objects.filter(run__issue__in=rows).select_related("run")
    latest = {each.run.issue_id: each for each in solutions.order_by("run__issue_id", "-run__number").distinct("run__issue_id")}
    # Lists of issues come without their long texts.
    resolutions = dict(models.Issue.objects.filter(id__in=[row.id for row in rows]).values_list("id", "resolution"))
    return [PastIssue(row, latest.get(row.id), resolutions[row.id], row.id not in partial) for row in rows]


def _ranked(rows: list[models.Issue], words: list[str]) -> list[models.Issue]:
    """By how often and how near to each other the words stand; of equals the newest first, as they come."""
    if len(rows) < 2 or not words:
        return rows
    # The words are letters and digits only, so none of them is an operator of the query.
    asked = SearchQuery(" | ".join(words), search_type="raw", config="english")
    ranked = models.Issue.objects.filter(id__in=[row.id for row in rows]).annotate(rank=SearchRank(F("words"), asked))
    ranks = dict(ranked.values_list("id", "rank"))
    return sorted(rows, key=lambda row: -ranks[row.id])
