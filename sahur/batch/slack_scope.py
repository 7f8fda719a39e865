"""Whose a workspace of Slack is: the admins of the team that it reports to look after its people and channels, and staff."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q, QuerySet

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur_core.errors import NotFound


def administered_teams(actor: Actor) -> list[int]:
    """Ids of the teams that the actor is an admin of. Staff may speak for all, also without being in them."""
    return [team for team, role in actor.roles.items() if role is MemberRole.ADMIN]


def teams_to_choose(actor: Actor) -> QuerySet[Team]:
    """Those that reports may go to by the word of this actor, by key."""
    teams = Team.objects.order_by("key")
    return teams if actor.is_staff else teams.filter(pk__in=administered_teams(actor))


def in_scope(actor: Actor) -> Q:
    """Rows with a `workspace_id` that the actor looks after. Raises `NotPermitted` for who is no admin anywhere."""
    actor.require_any_admin()
    if actor.is_staff:
        return Q()
    teams = administered_teams(actor)
    installed = models.SlackWorkspace.objects.values("workspace_id")
    own = Q(workspace_id__in=installed.filter(team__in=teams))
    # The workspace of the bot token has no row.
    is_of_settings = Team.objects.filter(key=settings.SLACK_TEAM_KEY, pk__in=teams).exists()
    return own | ~Q(workspace_id__in=installed) if is_of_settings else own


def require_admin(actor: Actor, workspace_id: str) -> Team | None:
    """The team that the workspace reports to; None where the settings name none, which only staff may mend.

    Raises `NotFound` for the workspace of another team and `NotPermitted` for too low a role.
    """
    team = slack_workspaces.team_of(workspace_id)
    if actor.is_staff:
        return team
    if team is None:
        raise NotFound("There is no such thing here, or it belongs to a team you are not in.")
    actor.require(team.pk, MemberRole.ADMIN)
    return team
