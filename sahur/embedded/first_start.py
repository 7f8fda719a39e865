"""What an empty database needs before somebody can work with it: a team and a first user."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from sahur.accounts import services
from sahur.accounts.models import MemberRole, Team, User

FIRST_USER = "admin"


@dataclass(frozen=True)
class FirstUser:
    username: str
    password: str
    """Works once: it must be replaced at the first sign-in."""


@transaction.atomic
def ensure_team() -> Team:
    """The team that the embedded system files issues for."""
    team, _ = Team.objects.get_or_create(key=settings.SLACK_TEAM_KEY, defaults={"name": "SAHUR"})
    return team


@transaction.atomic
def ensure_first_user() -> FirstUser | None:
    """Make the first user, an admin of everything. None if there is any user already."""
    team = ensure_team()
    if User.objects.exists():
        return None
    user, password = services.create_user(FIRST_USER, is_admin=True, by="first start")
    services.set_membership(user, team, MemberRole.ADMIN, by="first start")
    return FirstUser(user.get_username(), password)
