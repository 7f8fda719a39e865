"""Who may connect a workspace of Slack, and what becomes of it. Like `actions`: each checks the role and leaves an audit entry.

No token ever comes into an audit entry, a log or an answer.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole, Team
from sahur.accounts.selectors import get_team
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.issues.services.slack_workspaces import Installation
from sahur_core.errors import NotFound, NotPermitted

log = logging.getLogger(__name__)


def team_to_install_for(actor: Actor, team_key: str) -> Team:
    """The team of this key, if the actor may connect a workspace to it: its admins, and staff.

    Raises `NotFound` for another team and `NotPermitted` for too low a role.
    """
    if actor.is_staff:
        team = Team.objects.filter(key=team_key).first()
        if team is None:
            raise NotFound(f"There is no team {team_key or 'without a key'} here.", next_step="Name the key of a team.")
        return team
    team = get_team(actor, team_key)
    actor.require(team.pk, MemberRole.ADMIN)
    return team


def install_workspace(actor: Actor, team_key: str, installation: Installation) -> models.SlackWorkspace:
    """Keep an installation that Slack has confirmed; one of the same workspace before it is replaced.

    A workspace of another team moves only if the actor may speak for that team, too. Raises as `team_to_install_for`.
    """
    team = team_to_install_for(actor, team_key)
    with transaction.atomic():
        for owner in slack_workspaces.owners(installation.workspace_id):
            if owner.pk != team.pk:
                _require_speaks_for(actor, owner)
                _record(actor, "slack_workspace.moved_away", owner, installation, {"to": team.key})
        row = slack_workspaces.install(team, installation, actor.name)
        _record(actor, "slack_workspace.installed", team, installation, {"scopes": installation.scopes})
    return row


def note_removed(workspace_id: str, reason: str, *, at: datetime) -> None:
    """Slack said at this time that the workspace's tokens are gone. What comes late says nothing of a newer installation."""
    with transaction.atomic():
        row = slack_workspaces.locked(workspace_id)
        # Slack tells whole seconds.
        if row is None or at < row.installed_at.replace(microsecond=0):
            log.info("Slack workspace %s: %s is no news here", workspace_id, reason)
            return
        slack_workspaces.mark_revoked(workspace_id, reason)


def _require_speaks_for(actor: Actor, team: Team) -> None:
    if not actor.is_staff and actor.roles.get(team.pk) is not MemberRole.ADMIN:
        raise NotPermitted(
            "This Slack workspace reports to another team.",
            next_step="An admin of that team, or staff, can move it; nothing was changed here.",
        )


def _record(actor: Actor, action: str, team: Team, installation: Installation, detail: dict[str, str]) -> None:
    told = {"name": installation.name, **detail}
    audit.record(actor, action, installation.workspace_id, team_id=team.pk, detail=told)
