"""Issues in short, as lists show them: the shape `IssueSummary` of docs/architecture.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sahur.issues import models, selectors

SummaryRow = tuple[UUID, int, dict[str, Any]]
"""Id of the issue, id of its team, and the summary, which is plain JSON."""


def issue_summary(issue: models.Issue, run: models.Run | None) -> dict[str, Any]:
    """`run` is the issue's latest; `issue` must have been read with its team and repository."""
    return {
        "key": issue.key,
        "title": issue.title,
        "status": issue.status,
        "source": issue.source,
        "reporter": issue.reporter_name,
        "repository": issue.repository.name if issue.repository else None,
        "team": issue.team.key,
        "created_at": issue.created_at.isoformat(),
        "updated_at": issue.updated_at.isoformat(),
        "run": run_summary(run) if run else None,
    }


def run_summary(run: models.Run) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "number": run.number,
        "status": run.status,
        "stage": run.stage,
        "verdict": run.verdict or None,
        "model": run.model,
        "forked_from": str(run.forked_from_id) if run.forked_from_id else None,
        "fork_kind": run.fork_kind or None,
    }


def summaries_of(issue_ids: Iterable[UUID]) -> list[SummaryRow]:
    """The caller shows each only to those who may see its team."""
    return _rows(list(selectors.in_short(models.Issue.objects.filter(id__in=list(issue_ids)))))


def newest_summaries(team_ids: Iterable[int], limit: int) -> list[SummaryRow]:
    """The first page of each team's list."""
    issues: list[models.Issue] = []
    for team_id in team_ids:
        rows = selectors.in_short(models.Issue.objects.filter(team_id=team_id))
        issues += rows.order_by("-created_at", "-id")[:limit]
    return _rows(issues)


def _rows(issues: list[models.Issue]) -> list[SummaryRow]:
    runs = selectors.latest_runs(issues) if issues else {}
    return [(issue.id, issue.team_id, issue_summary(issue, runs.get(issue.id))) for issue in issues]
