"""What the REST door answers about Slack. Nothing here ever shows a credential."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from sahur.api.shapes import Shape


class SlackInstalled(Shape):
    """A workspace in which the app was installed over OAuth."""

    workspace: str = Field(description="Slack's id of it")
    name: str
    team_key: str = Field(description="Whose reports come from it")
    team_name: str
    state: Literal["connected", "expired", "revoked"] = Field(description="expired: its tokens ended without being exchanged")
    revoked_reason: str = Field(description="In Slack's words; empty unless it is revoked")
    revoked_at: datetime | None
    token_expires_at: datetime | None = Field(description="null: its tokens do not rotate")
    missing_scopes: list[str] = Field(description="What SAHUR needs and was not granted when the app was installed")
    installed_by: str
    installed_at: datetime


class SlackTeam(Shape):
    """A team that one may install workspaces for."""

    key: str
    name: str


class SlackChannel(Shape):
    workspace: str = Field(description="Slack's id of it")
    channel: str = Field(description="Slack's id of it")
    name: str = Field(description="Empty: not known")
    issues: int
    last_report_at: datetime


class SlackFailure(Shape):
    kind: str
    issue: str
    error: str
    at: datetime
    is_final: bool = Field(description="false: it is tried again")


class SlackWorkspace(Shape):
    """How Slack is connected, by the settings and by what came and went; workspaces, channels and failures of your teams."""

    mode: Literal["off", "http", "socket"]
    socket_connections: int | None = Field(
        description="Processes of `manage.py runslack` that are connected, in the mode socket; null: not known, or another mode"
    )
    has_bot_token: bool
    has_signing_secret: bool
    has_app_token: bool
    has_client: bool = Field(description="The app can be installed over OAuth; the bot token of the settings is not used then")
    events_url: str = Field(description="Where Slack posts its events to in the mode http")
    redirect_url: str = Field(description="Where Slack sends people back to after an installation")
    api_host: str = Field(description="Empty: Slack's own")
    team_key: str = Field(description="Of the team that the workspace of the bot token reports to, as the settings say")
    team_name: str = Field(description="Empty: there is no team of that key")
    workspaces: list[SlackInstalled]
    teams_to_install: list[SlackTeam] = Field(description="GET /slack/install?team=<key> begins an installation")
    channels: list[SlackChannel]
    delivered: int
    waiting: int
    last_delivered_at: datetime | None
    failures: list[SlackFailure]


class SlackFinding(Shape):
    part: str = Field(description="What was looked at")
    level: Literal["ok", "note", "missing"] = Field(description="note: it works, and yet somebody should know")
    said: str
    next_step: str = Field(description="Empty where nothing is to be done")
    workspace: str = Field(description="Slack's id of the workspace; empty: it holds for all")


class SlackCheck(Shape):
    """What is missing between SAHUR and Slack; Slack was asked just now."""

    findings: list[SlackFinding]
