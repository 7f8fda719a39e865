"""What an admin sets for the channels of a workspace. Like `actions`: each checks the role and leaves an audit entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils import timezone

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.batch import slack_scope
from sahur.batch.slack_scope import administered_teams, teams_to_choose
from sahur.issues import models
from sahur.issues.services import slack_channels, slack_workspaces
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted

MOST_SHOWN = 300
GUEST_ROLES = ("", MemberRole.VIEWER.value, MemberRole.RESPONDER.value)
_ID = re.compile(r"[CG][A-Z0-9]{2,30}")
_LINK = re.compile(
    r"https://[\w.-]+/(?:archives|client/(?P<workspace>T[A-Z0-9]{2,30}))/(?P<channel>[CG][A-Z0-9]{2,30})(?:[/?].*)?"
)


@dataclass(frozen=True)
class Workspace:
    """One that the actor looks after. That of the bot token has no name and no guest role of its own."""

    workspace_id: str
    name: str
    team: Team | None
    guest_role: str
    has_own_guest_role: bool


@dataclass(frozen=True)
class Channel:
    """`is_foreign`: its reports go to a team that the actor is no admin of; team and repository are not shown then."""

    row: models.SlackChannel
    is_foreign: bool
    issues: int
    last_report_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """Settings of a channel. `team` and `repository` by key and name, empty: none of its own; None: as it is."""

    team: str | None = None
    repository: str | None = None
    takes_alerts: bool | None = None
    is_checked: bool = False
    """Whether it holds only for what the person saw, which had last been changed `seen_at` (None: never)."""
    seen_at: datetime | None = None


def workspaces_of(actor: Actor) -> list[Workspace]:
    """Those that the actor looks after: the installed ones, and what was seen of the one of the bot token."""
    scope = slack_scope.in_scope(actor)
    rows = models.SlackWorkspace.objects.select_related("team").filter(scope).order_by("name", "workspace_id")
    installed = [Workspace(row.workspace_id, row.name, row.team, row.guest_role, has_own_guest_role=True) for row in rows]
    known = set(models.SlackWorkspace.objects.values_list("workspace_id", flat=True))
    seen: set[str] = set()
    for kind in (models.SlackThread, models.SlackUser, models.SlackChannel):
        seen |= set(kind._default_manager.filter(scope).order_by().values_list("workspace_id", flat=True).distinct())
    team = Team.objects.filter(key=settings.SLACK_TEAM_KEY).first()
    others = [Workspace(each, "", team, settings.SLACK_GUEST_ROLE, has_own_guest_role=False) for each in sorted(seen - known)]
    return [*installed, *others]


def channels_of(actor: Actor) -> list[Channel]:
    """Channels that something is set for, and those with reports, the latest first; no direct messages."""
    scope = slack_scope.in_scope(actor)
    threads = models.SlackThread.objects.filter(scope, channel_id__regex=r"^[CG]").values("workspace_id", "channel_id")
    counted = threads.annotate(count=Count("issue", distinct=True), last=Max("created_at")).order_by("-last")[:MOST_SHOWN]
    reports = {(each["workspace_id"], each["channel_id"]): (each["count"], each["last"]) for each in counted}
    rows = models.SlackChannel.objects.select_related("team", "repository").filter(scope, channel_id__regex=r"^[CG]")
    told = rows.filter(channel_id__in={channel_id for _, channel_id in reports})
    changed = rows.order_by(F("changed_at").desc(nulls_last=True), "channel_id")[:MOST_SHOWN]
    known = {place: models.SlackChannel(workspace_id=place[0], channel_id=place[1]) for place in reports}
    known |= {(row.workspace_id, row.channel_id): row for row in [*told, *changed]}
    shown = [_shown(actor, row, *reports.get(place, (0, None))) for place, row in known.items()]
    return sorted(shown, key=lambda each: (each.row.workspace_id, -(each.last_report_at or LONG_AGO).timestamp()))


LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def channel_of(actor: Actor, workspace_id: str, channel_id: str) -> Channel:
    """One of them. Raises as `change_channel`."""
    slack_scope.require_admin(actor, workspace_id)
    rows = models.SlackChannel.objects.select_related("team", "repository")
    row = rows.filter(workspace_id=workspace_id, channel_id=channel_id).first()
    threads = models.SlackThread.objects.filter(workspace_id=workspace_id, channel_id=channel_id)
    found = threads.aggregate(count=Count("issue", distinct=True), last=Max("created_at"))
    if row is None and not found["count"]:
        raise NotFound("Nothing is known of this channel.", next_step="Add it by its link.")
    row = row or models.SlackChannel(workspace_id=workspace_id, channel_id=channel_id)
    return _shown(actor, row, found["count"], found["last"])


def add_channel(actor: Actor, workspace_id: str, named: str) -> models.SlackChannel:
    """Keep a channel, by its id or link, and have Slack asked what it is. One that is known stays as it is.

    Raises `InputError` for what names none, and `NotFound` for a workspace that the actor does not look after.
    """
    in_link, channel_id = _parsed(named)
    wanted = in_link or workspace_id
    # Not of any id that somebody types: the workspace may be installed for another team one day.
    if wanted not in {each.workspace_id for each in workspaces_of(actor)}:
        raise NotFound(
            "SAHUR does not know this Slack workspace, or it belongs to another team.",
            next_step="Install the app there; where it is installed, mention it once in the channel: it is listed then.",
        )
    team = slack_scope.require_admin(actor, wanted)
    with transaction.atomic():
        row, is_new = models.SlackChannel.objects.get_or_create(workspace_id=wanted, channel_id=channel_id)
        if is_new:
            audit.record(actor, "slack_channel.added", f"{wanted}/{channel_id}", team_id=team.pk if team else None)
        slack_channels.ask(wanted, channel_id)
    return row


def change_channel(actor: Actor, workspace_id: str, channel_id: str, wanted: Wanted) -> models.SlackChannel:
    """Say whose its reports are, what they are about, and whether each post is one.

    Raises `NotFound` for another team's workspace, `NotPermitted` for too low a role there or for a team that the actor is
    no admin of, `InputError` for an unknown repository, and `Conflict` if somebody has changed it meanwhile.
    """
    slack_scope.require_admin(actor, workspace_id)
    channel_of(actor, workspace_id, channel_id)
    with transaction.atomic():
        row = _locked(workspace_id, channel_id)
        is_seen = row.changed_at is None or (wanted.seen_at is not None and row.changed_at <= wanted.seen_at)
        if wanted.is_checked and not is_seen:
            raise Conflict(f"{row.changed_by} has changed this channel meanwhile.", next_step="Reload the page to see it.")
        before = _told(row)
        teams = {row.team_id, slack_workspaces.team_id_of(workspace_id)}
        _apply(actor, row, wanted)
        after = _told(row)
        if after != before:
            row.changed_by, row.changed_at = actor.name[:200], timezone.now()
            row.save(update_fields=["team", "repository", "takes_alerts", "changed_by", "changed_at"])
            for team_id in {*teams, row.team_id} - {None}:
                detail = {"was": before, "now": after}
                audit.record(actor, "slack_channel.changed", f"{workspace_id}/{channel_id}", team_id=team_id, detail=detail)
        if slack_channels.to_ask(workspace_id, [channel_id]):
            slack_channels.ask(workspace_id, channel_id)
    return row


def forget_channel(actor: Actor, workspace_id: str, channel_id: str) -> None:
    """Nothing is set for the channel any more, and what Slack said of it is forgotten. Raises as `change_channel`."""
    team = slack_scope.require_admin(actor, workspace_id)
    with transaction.atomic():
        rows = models.SlackChannel.objects.filter(workspace_id=workspace_id, channel_id=channel_id)
        teams = {team.pk if team else None, *rows.exclude(team=None).values_list("team_id", flat=True)}
        gone, _ = rows.delete()
        for team_id in teams if gone else ():
            audit.record(actor, "slack_channel.removed", f"{workspace_id}/{channel_id}", team_id=team_id)


def set_guest_role(actor: Actor, workspace_id: str, role: str, *, was: str) -> models.SlackWorkspace:
    """What people may do in this workspace who have no role in the team; empty: nothing. `was` is what the person saw.

    It holds in each team that gets reports of a channel there. Raises `NotPermitted` for giving guests more rights in a team
    that the actor is no admin of, and `NotFound` for another team's workspace, and for the one of the bot token, whose role
    is in the settings.
    """
    team = slack_scope.require_admin(actor, workspace_id)
    if role not in GUEST_ROLES:
        raise InputError("Guests may be viewers or responders, or nothing.", field="role")
    with transaction.atomic():
        row = slack_workspaces.locked(workspace_id)
        if row is None:
            raise NotFound("The settings have the role of guests here.", next_step="Set SAHUR_SLACK_GUEST_ROLE.")
        if row.guest_role == role:
            return row
        if row.guest_role != was:
            raise Conflict("Somebody has changed this meanwhile.", next_step="Reload the page to see how it is now.")
        _require_may_raise(actor, row, role)
        row.guest_role = role
        row.save(update_fields=["guest_role"])
        detail = {"role": role, "was": was}
        audit.record(actor, "slack_workspace.guest_role_set", workspace_id, team_id=team.pk if team else None, detail=detail)
    return row


def _require_may_raise(actor: Actor, row: models.SlackWorkspace, role: str) -> None:
    is_more = role and not (row.guest_role and MemberRole(row.guest_role).includes(MemberRole(role)))
    elsewhere = models.SlackChannel.objects.filter(workspace_id=row.workspace_id).values_list("team_id", flat=True)
    if is_more and any(_is_foreign(actor, team_id) for team_id in elsewhere.distinct()):
        raise NotPermitted(
            "Channels of this workspace report to a team that you are no admin of, and guests would get rights in it, too.",
            next_step="An admin of all teams that get its reports, or staff, may do this.",
        )


def _shown(actor: Actor, row: models.SlackChannel, issues: int, last: datetime | None) -> Channel:
    return Channel(row, _is_foreign(actor, row.team_id), issues, last)


def _is_foreign(actor: Actor, team_id: int | None) -> bool:
    """Whether this is a team that the actor may not speak for."""
    return team_id is not None and not actor.is_staff and team_id not in administered_teams(actor)


def _parsed(named: str) -> tuple[str, str]:
    """Workspace, if it is named, and channel. Raises `InputError`."""
    text = named.strip()
    if _ID.fullmatch(text):
        return "", text
    if found := _LINK.fullmatch(text):
        return found["workspace"] or "", found["channel"]
    raise InputError(
        "This is no channel of Slack.",
        next_step="Give its id, such as C0123ABC, or its link: in Slack, View channel details, Copy link.",
        field="channel",
    )


def _locked(workspace_id: str, channel_id: str) -> models.SlackChannel:
    models.SlackChannel.objects.bulk_create(
        [models.SlackChannel(workspace_id=workspace_id, channel_id=channel_id)], ignore_conflicts=True
    )
    rows = models.SlackChannel.objects.select_for_update(of=("self",), no_key=True).select_related("team", "repository")
    return rows.get(workspace_id=workspace_id, channel_id=channel_id)


def _apply(actor: Actor, row: models.SlackChannel, wanted: Wanted) -> None:
    held = row.team
    if wanted.team is not None and wanted.team != (held.key if held else ""):
        row.team = _team(actor, wanted.team) if wanted.team else None
        # What belongs to the other team says nothing here.
        row.repository = None
    owner = row.team or slack_workspaces.team_of(row.workspace_id)
    if wanted.repository is not None:
        row.repository = _repository(actor, owner, wanted.repository)
    if wanted.takes_alerts is not None and wanted.takes_alerts != row.takes_alerts:
        if _is_foreign(actor, row.team_id):
            raise NotPermitted(
                "The reports of this channel go to a team that you are no admin of.",
                next_step="An admin of that team and of the workspace's, or staff, says what apps' posts are there.",
            )
        row.takes_alerts = wanted.takes_alerts


def _team(actor: Actor, key: str) -> Team:
    found = next((team for team in teams_to_choose(actor) if team.key == key), None)
    if found is None:
        raise NotPermitted(
            f"You are no admin of a team {key}.", next_step="Choose one of your own, or ask an admin of that team to join you."
        )
    return found


def _repository(actor: Actor, team: Team | None, name: str) -> models.Repository | None:
    if not name:
        return None
    is_own = team is not None and (actor.is_staff or team.pk in administered_teams(actor))
    found = models.Repository.objects.filter(team=team, name=name).first() if is_own else None
    if found is None:
        raise InputError(f"The team has no repository named {name}.", field="repository", next_step="Choose another one.")
    return found


def _told(row: models.SlackChannel) -> dict[str, Any]:
    return {
        "team": row.team.key if row.team else "",
        "repository": row.repository.name if row.repository else "",
        "takes_alerts": row.takes_alerts,
    }
