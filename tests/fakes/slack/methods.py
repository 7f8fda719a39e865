"""The methods of the Web API: which there are, what they cost and need, and how one is performed.

Tiers and scopes are those of https://docs.slack.dev/reference/methods. A scope with `{kind}` is the one of the channel's
kind: `channels`, `groups`, `im`, `mpim`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.slack.state import Arguments, Channel, RefusedError, Token, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.state import Slack

KIND_SCOPES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


@dataclass(frozen=True)
class Asked:
    """A call: who calls, and with which arguments."""

    slack: Slack
    token: Token
    arguments: Arguments

    @property
    def workspace(self) -> Workspace:
        return self.slack.workspaces[self.token.workspace]

    def text(self, name: str) -> str:
        return str(self.arguments.get(name) or "")

    def is_set(self, name: str) -> bool:
        return str(self.arguments.get(name, "")).lower() in ("true", "1")

    def needs(self, scope: str) -> None:
        """Raises `RefusedError` as Slack words it for a token without the scope."""
        scopes = self.token.scopes
        if scopes is not None and scope not in scopes:
            raise RefusedError("missing_scope", needed=scope, provided=",".join(sorted(scopes)))

    def channel(self, name: str = "channel", scope: str = "") -> Channel:
        """The channel that is named. One that the app may not see is not there: `channel_not_found`."""
        found = self.slack.places.get(self.text(name))
        if found is None or found.id not in self.slack.channels or found.workspace != self.token.workspace:
            raise RefusedError("channel_not_found")
        if found.kind == "group" and self.workspace.bot_user_id not in found.members:
            raise RefusedError("channel_not_found")
        if scope:
            self.needs(scope.format(kind=KIND_SCOPES[found.kind]))
        return found

    def joined(self, name: str = "channel", scope: str = "") -> Channel:
        """The same, and the bot must be in it."""
        found = self.channel(name, scope)
        if found.kind != "im" and self.workspace.bot_user_id not in found.members:
            raise RefusedError("not_in_channel")
        return found

    def message(self, channel: Channel, ts: str) -> Arguments:
        return self.slack.message(channel.id, ts)


@dataclass(frozen=True)
class Method:
    work: Callable[[Asked], Arguments]
    scope: str
    per_minute: int


METHODS: dict[str, Method] = {}
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}


def method(
    name: str, scope: str = "", *, tier: int = 3, per_minute: int = 0
) -> Callable[[Callable[[Asked], Arguments]], Callable[[Asked], Arguments]]:
    """Serve a method. `per_minute` for those with a limit of their own."""

    def register(work: Callable[[Asked], Arguments]) -> Callable[[Asked], Arguments]:
        METHODS[name] = Method(work, scope, per_minute or TIERS[tier])
        return work

    return register


def perform(slack: Slack, name: str, arguments: Arguments, token: Token) -> Arguments:
    found = METHODS.get(name)
    if found is None:
        raise RefusedError("unknown_method", req_method=name)
    asked = Asked(slack, token, arguments)
    if found.scope:
        asked.needs(found.scope)
    with slack.lock:
        return found.work(asked)


def page(items: list[Arguments], arguments: Arguments, name: str = "messages", most: int = 1_000) -> Arguments:
    """A page by cursor. Metadata comes only when it is asked for."""
    start, limit = int(arguments.get("cursor") or 0), min(int(arguments.get("limit") or 100), most)
    shown = items[start : start + limit]
    if str(arguments.get("include_all_metadata", "")).lower() not in ("true", "1"):
        shown = [{name: value for name, value in item.items() if name != "metadata"} for item in shown]
    is_more = start + limit < len(items)
    return {name: shown, "has_more": is_more, "response_metadata": {"next_cursor": str(start + limit) if is_more else ""}}
