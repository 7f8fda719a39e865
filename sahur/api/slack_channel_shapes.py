"""What the REST door takes and answers about channels of Slack and their workspaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from rest_framework import serializers

from sahur.api.shapes import Shape
from sahur.batch.slack_channels import GUEST_ROLES


class NewSlackChannel(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=32, help_text="Slack's id of it.")
    channel = serializers.CharField(max_length=500, help_text="Slack's id of it, or its link.")


class SlackChannelChange(serializers.Serializer[Any]):
    team = serializers.CharField(
        max_length=10,
        required=False,
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text="Key of a team that you are an admin of; empty: the workspace's own; null: as it is.",
    )
    repository = serializers.CharField(
        max_length=200,
        required=False,
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text="Name of one of that team's; empty: none; null: as it is.",
    )
    takes_alerts = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="null: as it is.")
    seen_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="`changed_at` of what you saw: a later change is a conflict."
    )


class SlackGuestRole(serializers.Serializer[Any]):
    role = serializers.ChoiceField(GUEST_ROLES, allow_blank=True, help_text="Empty: guests may do nothing.")
    was = serializers.CharField(max_length=10, allow_blank=True, help_text="The role that you saw.")


class SlackChannelTeam(Shape):
    key: str
    name: str


class SlackWorkspaceOfChannels(Shape):
    """A workspace whose channels and people you look after."""

    workspace: str = Field(description="Slack's id of it")
    name: str = Field(description="Empty: not known")
    team_key: str = Field(description="Gets the reports of channels without a team of their own; empty: none")
    guest_role: Literal["", "viewer", "responder", "admin"] = Field(
        description="Of who has no role in the team, and the least that anybody else there may; empty: nothing"
    )
    has_own_guest_role: bool = Field(description="false: the settings have it, SAHUR_SLACK_GUEST_ROLE")


class SlackChannelSettings(Shape):
    workspace: str = Field(description="Slack's id of it")
    channel: str = Field(description="Slack's id of it")
    name: str = Field(description="Empty: not known")
    is_private: bool | None = Field(description="null: not known; counts as private")
    is_shared: bool = Field(description="People of other companies read it, too")
    is_member: bool | None = Field(description="Whether SAHUR was in it when Slack was last asked; null: not known")
    asked_at: datetime | None = Field(description="When Slack was last asked what this is")
    is_foreign: bool = Field(description="Its reports go to a team that you are no admin of; which one is not told")
    team: str = Field(description="Key of the team that gets its reports; empty: the workspace's own")
    repository: str = Field(description="Name of what its reports are about unless they say otherwise; empty: not set")
    takes_alerts: bool = Field(description="Every post of an app that is no reply is a report")
    issues: int
    last_report_at: datetime | None
    changed_by: str
    changed_at: datetime | None


class SlackChannels(Shape):
    """Channels that something is set for, and those with reports, by workspace, the latest report first."""

    results: list[SlackChannelSettings]
    workspaces: list[SlackWorkspaceOfChannels]
    teams: list[SlackChannelTeam] = Field(description="Who may get a channel's reports by your word")
