"""Issues in short, as lists show them: the shape `IssueSummary` of docs/architecture.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects

from sahur.issues import listing, models, reading, selectors

SummaryRow = tuple[UUID, int, dict[str, Any]]
"""Id of the issue, id of its team, and the summary, which is plain JSON."""


def issue_summary(issue: models.Issue, run: models.Run | None, news_at: datetime) -> dict[str, Any]:
    """`run` is the issue's latest; `issue` must have been read with its team and repository."""
    return {
        "key": issue.key,
        "title": issue.title,
        "status": issue.status,
        "source": issue.source,
        "reporter": issue.reporter_name,
        "repository": issue.repository.name if issue.repository else None,
        "team": issue.team.key,
        "joined": issue.joined.key if issue.joined else None,
        "created_at": issue.created_at.isoformat(),
        "updated_at": issue.updated_at.isoformat(),
        "news_at": news_at.isoformat(),
        "run": run_summary(run) if run else None,
    }


def run_summary(run: models.Run) -> dict[str, Any]:
    """`run` was best read with `spent`, which else is one more query."""
    spent: models.RunUsage | None = getattr(run, "spent", None)
    return {
        "id": str(run.id),
        "number": run.number,
        "status": run.status,
        "stage": run.stage,
        "verdict": run.verdict or None,
        "model": run.model,
        "forked_from": str(run.forked_from_id) if run.forked_from_id else None,
        "fork_kind": run.fork_kind or None,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "cost_usd": spent.cost_usd if spent and spent.model_calls else None,
        "has_unpriced_calls": bool(spent and spent.unpriced_calls),
    }


def summaries_of(issue_ids: Iterable[UUID]) -> list[SummaryRow]:
    """The caller shows each only to those who may see its team."""
    return _rows(list(listing.in_short(models.Issue.objects.filter(id__in=list(issue_ids)))))


def newest_summaries(team_ids: Iterable[int], limit: int) -> list[SummaryRow]:
    """The first page of each team's list."""
    issues: list[models.Issue] = []
    for team_id in team_ids:
        rows = listing.in_short(models.Issue.objects.filter(team_id=team_id))
        issues += rows.order_by("-created_at", "-id")[:limit]
    return _rows(issues)


def of_issues(issues: list[models.Issue]) -> list[dict[str, Any]]:
    """The summaries of issues that were read by `sahur.issues.listing`."""
    if not issues:
        return []
    # Few have, and its texts are long.
    prefetch_related_objects([issue for issue in issues if issue.joined_id], Prefetch("joined", models.Issue.objects.only("key")))
    runs, news = selectors.latest_runs(issues), reading.news_of([issue.id for issue in issues])
    return [issue_summary(issue, runs.get(issue.id), news[issue.id]) for issue in issues]


def _rows(issues: list[models.Issue]) -> list[SummaryRow]:
    return list(zip([issue.id for issue in issues], [issue.team_id for issue in issues], of_issues(issues), strict=True))
