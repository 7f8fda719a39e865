"""Reads of users, teams and tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from sahur.accounts.actor import Actor
from sahur.accounts.models import ApiToken, MemberRole, Membership, Team, User
from sahur.accounts.secrets import API_KEY, digest
from sahur_core.errors import NotFound


def find_api_token(key: str, *, now: datetime | None = None) -> ApiToken | None:
    """The live token of this key with its user, or None. The look-up is by digest: its timing tells nothing of the key."""
    if not API_KEY.match(key):
        return None
    return _usable(now).filter(digest=digest(key)).first()


def live_api_token(token_id: UUID) -> ApiToken | None:
    """The token with its user, None if it lets nobody in any more."""
    return _usable().filter(pk=token_id).first()


def _usable(now: datetime | None = None) -> QuerySet[ApiToken]:
    """Tokens that let their users in, read with them."""
    in_time = Q(expires_at=None) | Q(expires_at__gt=now or timezone.now())
    return ApiToken.objects.select_related("user").filter(in_time, revoked_at=None, user__is_active=True)


def live_api_tokens(ids: Collection[UUID]) -> set[UUID]:
    """Which of these tokens still let somebody in."""
    usable = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return set(ApiToken.objects.filter(usable, pk__in=ids, revoked_at=None).values_list("pk", flat=True)) if ids else set()


def live_sessions(keys: Collection[str]) -> set[str]:
    """Which of these sessions have neither been ended nor run out."""
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(live.values_list("session_key", flat=True)) if keys else set()


def list_api_tokens(user: User) -> list[ApiToken]:
    """The user's tokens that were not revoked, newest first."""
    return list(ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at", "-pk"))


def list_memberships(user: User) -> list[Membership]:
    """The user's teams with the role in each, by key of the team."""
    return list(Membership.objects.filter(user=user).select_related("team").order_by("team__key"))


def list_teams(actor: Actor) -> list[Team]:
    """The actor's teams, by key."""
    return list(Team.objects.filter(pk__in=actor.roles).order_by("key"))


def list_members(actor: Actor, team_id: int) -> list[Membership]:
    """Who is in the team, admins first, then by user name. Raises `NotFound` for another team."""
    actor.require(team_id, MemberRole.VIEWER)
    members = Membership.objects.select_related("user").filter(team_id=team_id).order_by("user__username")
    return sorted(members, key=lambda each: each.role != MemberRole.ADMIN)


def get_team(actor: Actor, key: str = "") -> Team:
    """The actor's team of this key; without a key the first one by key.

    Raises `NotFound` for a foreign team, and for an actor without any.
    """
    teams = Team.objects.filter(pk__in=actor.roles)
    team = teams.filter(key=key).first() if key else teams.order_by("key").first()
    if team is None:
        what = f"There is no team {key} here, or you are not in it." if key else "You are not in any team."
        raise NotFound(what, next_step="Ask an admin to add you to the team.")
    return team
