"""The append-only record of who asked, approved, steered and configured what.

A trigger in PostgreSQL refuses to change or delete its rows (migration 0002). Texts that people wrote, keys and
passwords do not belong in `detail`: name the thing and its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from sahur.accounts.actor import Actor
from sahur.accounts.models import AuditEntry, MemberRole
from sahur.accounts.selectors import get_team
from sahur_core.errors import NotPermitted
from sahur_core.trace import current_trace_id


def record(
    actor: Actor | str,
    action: str,
    target: str,
    *,
    team_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry in the current transaction, under the current trace.

    `action` is `noun.past_tense` (`issue.reported`, `api_token.created`), `target` the key or id of what it was done to.
    """
    name = actor.name if isinstance(actor, Actor) else actor
    return AuditEntry.objects.create(
        team_id=team_id,
        actor=name[:200],
        user_id=actor.user_id if isinstance(actor, Actor) else None,
        action=action,
        target=target[:200],
        detail=detail or {},
        trace_id=current_trace_id(),
    )


@dataclass(frozen=True)
class Wanted:
    """Which entries; an empty part lets all through."""

    team: str = ""
    """Key of a team."""
    actor: str = ""
    """Part of the name, or of the user name."""
    action: str = ""
    """A whole one, or its noun alone: `membership` for all that begins with `membership.`"""
    target: str = ""
    """Part of it."""
    since: datetime | None = None
    until: datetime | None = None


def list_entries(actor: Actor, wanted: Wanted, *, before: tuple[datetime, UUID] | None, limit: int) -> list[AuditEntry]:
    """Entries of the teams that the actor is an admin of, newest first; for staff also those that are about no team.

    Raises `NotPermitted` for who is neither, and as `Actor.require` for a team by name.
    """
    entries = AuditEntry.objects.select_related("team", "user").filter(_readable(actor, wanted.team))
    if wanted.actor:
        entries = entries.filter(Q(actor__icontains=wanted.actor) | Q(user__username__icontains=wanted.actor))
    if wanted.action:
        entries = entries.filter(Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}."))
    if wanted.target:
        entries = entries.filter(target__icontains=wanted.target)
    if wanted.since:
        entries = entries.filter(at__gte=wanted.since)
    if wanted.until:
        entries = entries.filter(at__lt=wanted.until)
    if before is not None:
        at, row_id = before
        entries = entries.filter(at__lte=at).exclude(at=at, id__gte=row_id)
    return list(entries.order_by("-at", "-id")[:limit])


def last_entry(team_id: int, action: str) -> AuditEntry | None:
    """Who did this last in the team."""
    return AuditEntry.objects.filter(team_id=team_id, action=action).order_by("-at", "-id").first()


def _readable(actor: Actor, team_key: str) -> Q:
    if team_key:
        team = get_team(actor, team_key)
        actor.require(team.pk, MemberRole.ADMIN)
        return Q(team=team)
    administered = [team for team, role in actor.roles.items() if role is MemberRole.ADMIN]
    if not administered and not actor.is_staff:
        raise NotPermitted("Only admins of a team may read its audit log.", next_step="Ask an admin of your team for it.")
    return Q(team__in=administered) | (Q(team=None) if actor.is_staff else Q(pk__in=[]))
