"""The connection to Slack as admins see it, from the settings and the database alone: Slack itself is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.issues import models
from sahur.issues.redaction import clean_text
from sahur_core.issues import Source

FAILURES_SHOWN = 10
CHANNELS_SHOWN = 20
USUAL_HOST = "slack.com"


class Mode(StrEnum):
    """How Slack reaches us. `OFF`: a part of the settings is missing."""

    OFF = "off"
    HTTP = "http"
    SOCKET = "socket"


@dataclass(frozen=True)
class Channel:
    """Where reports came from: ids of Slack, newest first."""

    workspace: str
    channel: str
    issues: int
    last_report_at: datetime


@dataclass(frozen=True)
class FailedDelivery:
    """Something that Slack did not take. `is_final`: it is not tried again."""

    kind: str
    issue: str
    error: str
    at: datetime
    is_final: bool


@dataclass(frozen=True)
class SlackWorkspace:
    """What is known of the connected workspace. Channels and failures are those of the actor's teams (staff: of all)."""

    mode: Mode
    has_bot_token: bool
    has_signing_secret: bool
    has_app_token: bool
    events_url: str
    api_host: str
    team_key: str
    team: Team | None
    channels: tuple[Channel, ...]
    delivered: int
    waiting: int
    last_delivered_at: datetime | None
    failures: tuple[FailedDelivery, ...]


def slack_workspace(actor: Actor) -> SlackWorkspace:
    """Raises `NotPermitted` for who is no admin anywhere."""
    actor.require_any_admin()
    effects = _of_teams(actor, models.Effect.objects.filter(kind__startswith="slack."))
    done = effects.filter(state=models.EffectState.DONE).aggregate(count=Count("id"), last=Max("finished_at"))
    is_open = [models.EffectState.PENDING, models.EffectState.STARTED]
    host = urlsplit(settings.SLACK_API_URL).netloc.rpartition("@")[2]
    return SlackWorkspace(
        mode=_mode(),
        has_bot_token=bool(settings.SLACK_BOT_TOKEN),
        has_signing_secret=bool(settings.SLACK_SIGNING_SECRET),
        has_app_token=bool(settings.SLACK_APP_TOKEN),
        events_url=f"{settings.PUBLIC_URL}/slack/events",
        api_host="" if host == USUAL_HOST else host,
        team_key=settings.SLACK_TEAM_KEY,
        team=Team.objects.filter(key=settings.SLACK_TEAM_KEY).first(),
        channels=_channels(actor),
        delivered=done["count"],
        waiting=effects.filter(state__in=is_open).count(),
        last_delivered_at=done["last"],
        failures=_failures(effects),
    )


def _mode() -> Mode:
    if not (settings.SLACK_BOT_TOKEN and settings.SLACK_SIGNING_SECRET):
        return Mode.OFF
    return Mode.SOCKET if settings.SLACK_APP_TOKEN else Mode.HTTP


def _of_teams(actor: Actor, effects: QuerySet[models.Effect]) -> QuerySet[models.Effect]:
    return effects if actor.is_staff else effects.filter(issue__team_id__in=actor.roles)


def _channels(actor: Actor) -> tuple[Channel, ...]:
    issues = models.Issue.objects.filter(source=Source.SLACK.value)
    if not actor.is_staff:
        issues = issues.filter(team_id__in=actor.roles)
    rows = issues.values("source_ref__team", "source_ref__channel").annotate(count=Count("id"), last=Max("created_at"))
    return tuple(
        Channel(row["source_ref__team"] or "", row["source_ref__channel"] or "", row["count"], row["last"])
        for row in rows.order_by("-last")[:CHANNELS_SHOWN]
    )


def _failures(effects: QuerySet[models.Effect]) -> tuple[FailedDelivery, ...]:
    """The newest that were given up, or are being tried again after a failure."""
    given_up = effects.filter(state=models.EffectState.FAILED)
    failing = effects.filter(state=models.EffectState.PENDING).exclude(last_error="")
    rows = (given_up | failing).select_related("issue").order_by("-created_at")[:FAILURES_SHOWN]
    return tuple(
        FailedDelivery(
            kind=row.kind.removeprefix("slack."),
            issue=row.issue.key if row.issue else "",
            error=clean_text(row.last_error),
            at=row.finished_at or row.created_at,
            is_final=row.state == models.EffectState.FAILED,
        )
        for row in rows
    )
