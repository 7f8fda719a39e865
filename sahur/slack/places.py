"""Whose place in Slack is whose here: the team and repository of a channel, and the rights of a person."""

from __future__ import annotations

from dataclasses import replace

from sahur.accounts.actor import Actor, actor_of
from sahur.accounts.models import Team
from sahur.issues import models
from sahur.issues.services import slack_people, slack_workspaces
from sahur_core.errors import NotFound, NotPermitted


def channel_at(workspace_id: str, channel_id: str) -> models.SlackChannel | None:
    """What is known of a channel, with its team and repository."""
    rows = models.SlackChannel.objects.select_related("team", "repository")
    return rows.filter(workspace_id=workspace_id, channel_id=channel_id).first()


def team_of(workspace_id: str, channel_id: str = "") -> Team:
    """Who gets the reports of this place: the channel's team, else the workspace's, else that of the settings.

    Raises `NotFound` if that names none.
    """
    channel = channel_at(workspace_id, channel_id) if channel_id else None
    if channel is not None and channel.team is not None:
        return channel.team
    team = slack_workspaces.team_of(workspace_id)
    if team is None:
        raise NotFound(
            "SAHUR does not know which team this Slack workspace reports to.",
            next_step="An admin sets SAHUR_SLACK_TEAM to the key of a team.",
        )
    return team


def repository_of(team: Team, workspace_id: str, channel_id: str) -> str:
    """The name of the repository that a report from here is about if it names none: the channel's, else the team's only one."""
    channel = channel_at(workspace_id, channel_id)
    if channel is not None and channel.repository is not None and channel.repository.team_id == team.pk:
        return channel.repository.name
    names = list(models.Repository.objects.filter(team=team).values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""


def actor_of_slack_user(workspace_id: str, user_id: str, team: Team) -> Actor:
    """What this person may do in the team: by the account that is theirs, and at least what guests of the workspace may.

    Raises `NotPermitted` for somebody whose account was shut out, and for guests where they may do nothing.
    """
    known = slack_people.find(workspace_id, user_id)
    slack_people.ask_who(workspace_id, user_id, known)
    account = known.account if known else None
    if account is not None and not account.is_active:
        raise NotPermitted("Your account here was closed.", next_step="Ask an admin of the team.")
    role = slack_people.role_in(workspace_id, team.pk, account.pk if account else None)
    if role is None:
        raise NotPermitted(
            f"Only people with an account in the team {team.key} may use SAHUR here.", next_step=HOW_TO_GET_IN[account is None]
        )
    slack_user = f"{workspace_id}/{user_id}"
    if account is not None:
        return replace(actor_of(account, {team.pk: role}), slack_user=slack_user, is_staff=False)
    name = slack_people.guest_name(user_id, known.name if known else "")
    return Actor(name=name, roles={team.pk: role}, slack_user=slack_user)


HOW_TO_GET_IN = {
    True: "If you have one, connect it with the command `/sahur link`; else ask an admin of the team for one.",
    False: "Ask an admin of the team to add you.",
}
