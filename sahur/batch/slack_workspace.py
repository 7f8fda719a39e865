"""The connection to Slack as admins see it, from what is known here: Slack itself is not asked."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.batch import presence, slack_app
from sahur.batch.slack_scope import teams_to_choose
from sahur.issues import models
from sahur.issues.redaction import clean_text

log = logging.getLogger(__name__)

FAILURES_SHOWN = 10
CHANNELS_SHOWN = 20
USUAL_HOST = "slack.com"


class Mode(StrEnum):
    """How Slack reaches us. `OFF`: a part of the settings is missing."""

    OFF = "off"
    HTTP = "http"
    SOCKET = "socket"


class State(StrEnum):
    """Of an installed workspace. `EXPIRED`: its tokens ended without being exchanged."""

    CONNECTED = "connected"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Installed:
    """A workspace in which the app was installed over OAuth."""

    workspace: str
    name: str
    team_key: str
    team_name: str
    state: State
    revoked_reason: str
    revoked_at: datetime | None
    token_expires_at: datetime | None
    missing_scopes: tuple[str, ...]
    installed_by: str
    installed_at: datetime


@dataclass(frozen=True)
class Channel:
    """Where reports came from: ids of Slack, and the name if it is known; newest first."""

    workspace: str
    channel: str
    name: str
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
    """What is known of the connection. Workspaces, channels and failures are those of the actor's teams (staff: of all)."""

    mode: Mode
    socket_connections: int | None
    """How many processes hold one in the mode `SOCKET`; None where that is not known, and in other modes."""
    has_bot_token: bool
    has_signing_secret: bool
    has_app_token: bool
    has_client: bool
    events_url: str
    redirect_url: str
    api_host: str
    team_key: str
    team: Team | None
    workspaces: tuple[Installed, ...]
    teams_to_install: tuple[Team, ...]
    channels: tuple[Channel, ...]
    delivered: int
    waiting: int
    last_delivered_at: datetime | None
    failures: tuple[FailedDelivery, ...]


def slack_workspace(actor: Actor) -> SlackWorkspace:
    """Raises `NotPermitted` for who is no admin anywhere."""
    actor.require_any_admin()
    effects = _of_teams(actor, models.Effect.objects.filter(kind__startswith="slack."))
    # Edits that only show progress are not kept for long.
    lasting = effects.filter(payload__is_live__isnull=True)
    done = lasting.filter(state=models.EffectState.DONE).aggregate(count=Count("id"), last=Max("finished_at"))
    is_open = [models.EffectState.PENDING, models.EffectState.STARTED]
    host = urlsplit(settings.SLACK_API_URL).netloc.rpartition("@")[2]
    return SlackWorkspace(
        mode=_mode(),
        socket_connections=_socket_connections(),
        has_bot_token=bool(settings.SLACK_BOT_TOKEN),
        has_signing_secret=bool(settings.SLACK_SIGNING_SECRET),
        has_app_token=bool(settings.SLACK_APP_TOKEN),
        has_client=_has_client(),
        events_url=f"{settings.PUBLIC_URL}/slack/events",
        redirect_url=f"{settings.PUBLIC_URL}/slack/oauth_redirect",
        api_host="" if host == USUAL_HOST else host,
        team_key=settings.SLACK_TEAM_KEY,
        team=Team.objects.filter(key=settings.SLACK_TEAM_KEY).first(),
        workspaces=_workspaces(actor),
        teams_to_install=tuple(teams_to_choose(actor)) if _has_client() else (),
        channels=_channels(actor),
        delivered=done["count"],
        waiting=effects.filter(state__in=is_open).count(),
        last_delivered_at=done["last"],
        failures=_failures(effects),
    )


def _mode() -> Mode:
    if not (settings.SLACK_BOT_TOKEN or _has_client()):
        return Mode.OFF
    if settings.SLACK_APP_TOKEN:
        return Mode.SOCKET
    return Mode.HTTP if settings.SLACK_SIGNING_SECRET else Mode.OFF


def _socket_connections() -> int | None:
    if _mode() is not Mode.SOCKET:
        return None
    try:
        return len(presence.slack_connections())
    except (redis.RedisError, OSError) as error:
        log.warning("connections to Slack cannot be counted: %s", error)
        return None


def _has_client() -> bool:
    return bool(settings.SLACK_CLIENT_ID and settings.SLACK_CLIENT_SECRET)


def _workspaces(actor: Actor) -> tuple[Installed, ...]:
    rows = models.SlackWorkspace.objects.select_related("team").filter(team__in=teams_to_choose(actor)).order_by("name")
    return tuple(
        Installed(
            workspace=row.workspace_id,
            name=row.name,
            team_key=row.team.key,
            team_name=row.team.name,
            state=_state(row),
            revoked_reason=row.revoked_reason,
            revoked_at=row.revoked_at,
            token_expires_at=row.token_expires_at,
            missing_scopes=slack_app.missing_scopes(row.scopes),
            installed_by=row.installed_by,
            installed_at=row.installed_at,
        )
        for row in rows
    )


def _state(row: models.SlackWorkspace) -> State:
    if row.revoked_at is not None:
        return State.REVOKED
    has_ended = row.token_expires_at is not None and row.token_expires_at < timezone.now()
    return State.EXPIRED if has_ended else State.CONNECTED


def _of_teams(actor: Actor, effects: QuerySet[models.Effect]) -> QuerySet[models.Effect]:
    return effects if actor.is_staff else effects.filter(issue__team_id__in=actor.roles)


def _channels(actor: Actor) -> tuple[Channel, ...]:
    threads = models.SlackThread.objects.all()
    if not actor.is_staff:
        threads = threads.filter(issue__team_id__in=actor.roles)
    counted = threads.values("workspace_id", "channel_id").annotate(count=Count("issue", distinct=True), last=Max("created_at"))
    rows = list(counted.order_by("-last")[:CHANNELS_SHOWN])
    known = models.SlackChannel.objects.filter(channel_id__in=[row["channel_id"] for row in rows])
    names = {(each.workspace_id, each.channel_id): each.name for each in known}
    return tuple(
        Channel(
            workspace=row["workspace_id"],
            channel=row["channel_id"],
            name=names.get((row["workspace_id"], row["channel_id"]), ""),
            issues=row["count"],
            last_report_at=row["last"],
        )
        for row in rows
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
