"""Which issue and run a place in Slack is about."""

from __future__ import annotations

from typing import TypeGuard

from django.db.models import Q

from sahur.issues import models
from sahur.issues.services.joining import LIVE
from sahur_core.issues import RunStatus


def thread_at(workspace_id: str, channel_id: str, root_ts: str) -> models.SlackThread | None:
    """The thread that tells an issue, with the issue and its team."""
    rows = models.SlackThread.objects.select_related("issue__team")
    return rows.filter(workspace_id=workspace_id, channel_id=channel_id, root_ts=root_ts).first()


def thread_of_message(workspace_id: str, channel_id: str, ts: str) -> models.SlackThread | None:
    """The thread of which this is the first message, the report (which may be a reply in it), or the card."""
    begun = thread_at(workspace_id, channel_id, ts)
    if begun is not None:
        return begun
    here = models.Effect.objects.filter(thread__workspace_id=workspace_id, thread__channel_id=channel_id)
    about = here.filter(Q(kind="slack.card", result__ts=ts) | Q(kind="slack.report", payload__source__ts=ts))
    effect = about.select_related("thread__issue__team").first()
    return effect.thread if effect else None


def live_runs_in(workspace_id: str, channel_id: str) -> list[models.Run]:
    """The runs that are told in this conversation and can still be stopped."""
    here = models.SlackThread.objects.filter(workspace_id=workspace_id, channel_id=channel_id)
    runs = models.Run.objects.filter(issue__in=here.values("issue"), status__in=LIVE)
    return list(runs.select_related("issue__team").order_by("created_at", "id"))


def latest_run(issue: models.Issue) -> models.Run | None:
    return issue.runs.order_by("-number").first()


def is_live(run: models.Run | None) -> TypeGuard[models.Run]:
    """Whether there is a run that can still be steered."""
    return run is not None and not RunStatus(run.status).is_terminal
