"""Channels of Slack, as the admins of the team that their workspace reports to set them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import slack_channel_shapes as shapes
from sahur.api.authentication import InPerson
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import slack_channels, slack_scope
from sahur.batch.slack_channels import Wanted


class SlackChannelsView(ApiView):
    @extend_schema(operation_id="listSlackChannels", responses=shapes.SlackChannels)
    def get(self, request: Request) -> Response:
        """Channels of the workspaces of the teams that you are an admin of."""
        told = shapes.SlackChannels(
            results=[_channel(each) for each in slack_channels.channels_of(self.actor)],
            workspaces=[_workspace(each) for each in slack_channels.workspaces_of(self.actor)],
            teams=[shapes.SlackChannelTeam(key=team.key, name=team.name) for team in slack_scope.teams_to_choose(self.actor)],
        )
        return answer(told)

    @extend_schema(operation_id="addSlackChannel", request=shapes.NewSlackChannel, responses={201: shapes.SlackChannelSettings})
    def post(self, request: Request) -> Response:
        """List a channel, by its id or link. Slack is asked afterwards what it is."""
        form = checked(shapes.NewSlackChannel, request.data)
        row = slack_channels.add_channel(self.actor, form["workspace"], form["channel"])
        return answer(_channel(slack_channels.channel_of(self.actor, row.workspace_id, row.channel_id)), status=201)


class SlackChannelView(ApiView):
    @extend_schema(operation_id="getSlackChannel", responses=shapes.SlackChannelSettings)
    def get(self, request: Request, workspace_id: str, channel_id: str) -> Response:
        """One of them."""
        return answer(_channel(slack_channels.channel_of(self.actor, workspace_id, channel_id)))

    @extend_schema(operation_id="changeSlackChannel", request=shapes.SlackChannelChange, responses=shapes.SlackChannelSettings)
    def put(self, request: Request, workspace_id: str, channel_id: str) -> Response:
        """Say whose its reports are, what they are about, and whether each post is one."""
        form = checked(shapes.SlackChannelChange, request.data)
        slack_channels.change_channel(self.actor, workspace_id, channel_id, Wanted(**form, is_checked="seen_at" in form))
        return answer(_channel(slack_channels.channel_of(self.actor, workspace_id, channel_id)))

    @extend_schema(operation_id="removeSlackChannel", responses={204: None})
    def delete(self, request: Request, workspace_id: str, channel_id: str) -> Response:
        """Nothing is set for the channel any more."""
        slack_channels.forget_channel(self.actor, workspace_id, channel_id)
        return Response(status=204)


class SlackGuestRoleView(ApiView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="setSlackGuestRole", request=shapes.SlackGuestRole, responses={204: None})
    def put(self, request: Request, workspace_id: str) -> Response:
        """What people of an installed workspace may do who have no role in the team."""
        form = checked(shapes.SlackGuestRole, request.data)
        slack_channels.set_guest_role(self.actor, workspace_id, form["role"], was=form["was"])
        return Response(status=204)


def _channel(known: slack_channels.Channel) -> shapes.SlackChannelSettings:
    row = known.row
    is_told = not known.is_foreign
    return shapes.SlackChannelSettings(
        workspace=row.workspace_id,
        channel=row.channel_id,
        name=row.name,
        is_private=row.is_private,
        is_shared=row.is_shared,
        is_member=row.is_member,
        asked_at=row.asked_at,
        is_foreign=known.is_foreign,
        team=row.team.key if row.team and is_told else "",
        repository=row.repository.name if row.repository and is_told else "",
        takes_alerts=row.takes_alerts,
        issues=known.issues,
        last_report_at=known.last_report_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def _workspace(known: slack_channels.Workspace) -> shapes.SlackWorkspaceOfChannels:
    return shapes.SlackWorkspaceOfChannels.model_validate(
        {
            "workspace": known.workspace_id,
            "name": known.name,
            "team_key": known.team.key if known.team else "",
            "guest_role": known.guest_role,
            "has_own_guest_role": known.has_own_guest_role,
        }
    )
