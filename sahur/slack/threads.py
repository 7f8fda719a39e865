"""Which issue, run and repository a place in Slack is about."""

from __future__ import annotations

from typing import TypeGuard

from sahur.accounts.models import Team
from sahur.issues import models
from sahur_core.issues import RunStatus, Source


def issue_of_thread(team: Team, channel: str, thread_ts: str) -> models.Issue | None:
    """The team's issue that was reported in this thread."""
    rows = models.Issue.objects.filter(
        team=team, source=Source.SLACK.value, source_ref__channel=channel, source_ref__thread_ts=thread_ts
    )
    return rows.order_by("created_at").first()


def issue_of_message(team: Team, channel: str, ts: str) -> models.Issue | None:
    """The team's issue whose report or whose card this message is."""
    reported = issue_of_thread(team, channel, ts)
    if reported is not None:
        return reported
    cards = models.Effect.objects.filter(kind="slack.card", issue__team=team, result__channel=channel, result__ts=ts)
    card = cards.select_related("issue").first()
    return card.issue if card else None


def latest_run(issue: models.Issue) -> models.Run | None:
    return issue.runs.order_by("-number").first()


def is_live(run: models.Run | None) -> TypeGuard[models.Run]:
    """Whether there is a run that can still be steered."""
    return run is not None and not RunStatus(run.status).is_terminal


def only_repository(team: Team) -> str:
    """The name of the team's repository if it has exactly one, else empty."""
    names = list(models.Repository.objects.filter(team=team).values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""
