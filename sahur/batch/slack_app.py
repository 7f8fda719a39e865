"""What the Slack app is and what it must be allowed: the one list behind its manifest, its installation and its check.

Whoever calls another method of the Web API, or listens to something else, adds a line here; tests/web/slack/test_manifest.py
holds the list against the code. Scopes: https://docs.slack.dev/reference/scopes.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "SAHUR"

SCOPES: dict[str, str] = {
    "app_mentions:read": "reports and questions in which somebody mentions it",
    "assistant:write": "suggested prompts and the state of its work in its own conversation",
    "channels:history": "replies in the threads of reports in public channels, and the posts of alert channels",
    "channels:read": "names of public channels, and whether a channel is private",
    "chat:write": "cards, answers and questions",
    "commands": "the slash command and the shortcut of messages",
    "files:read": "logs and texts that are attached to a report",
    "groups:history": "the same in private channels that it was invited to",
    "groups:read": "names of private channels that it was invited to",
    "im:history": "direct messages to it",
    "im:read": "whether a conversation is a direct one",
    "im:write": "a direct conversation for reports by the slash command where it may not post",
    "metadata.message:read": "finding its own post again, so that none is made twice",
    "reactions:read": "the reaction :x:, which stops a run",
    "reactions:write": "its own reaction to what it has taken in",
    "users:read": "names of people",
    "users:read.email": "linking people to their accounts here",
}
"""Each with what it is for. Nothing is asked for that nothing below needs."""

_HISTORY = ("channels:history", "groups:history", "im:history")
_CONVERSATIONS = ("channels:read", "groups:read", "im:read")

METHODS: dict[str, tuple[str, ...]] = {
    "apps.connections.open": (),  # Takes the app's own token (connections:write).
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "auth.test": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": (*_HISTORY, "metadata.message:read"),
    "conversations.info": _CONVERSATIONS,
    "conversations.open": ("im:write",),
    "conversations.replies": (*_HISTORY, "metadata.message:read"),
    "files.info": ("files:read",),
    "oauth.v2.access": (),
    "users.info": ("users:read", "users:read.email"),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "views.open": (),
}
"""Methods of the Web API that are called, with the scopes that each needs (https://docs.slack.dev/reference/methods)."""

FEATURES: dict[str, tuple[str, ...]] = {
    "slash command": ("commands",),
    "message shortcut": ("commands",),
    "agent view": ("assistant:write",),
    "download of files": ("files:read",),
}
"""What needs scopes without being a method or an event."""

EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "reaction_added": ("reactions:read",),
    "tokens_revoked": (),
}
"""What Slack tells the app, with the scopes that each needs (https://docs.slack.dev/reference/events)."""


@dataclass(frozen=True)
class Command:
    command: str
    description: str
    usage_hint: str


@dataclass(frozen=True)
class Shortcut:
    callback_id: str
    name: str
    description: str


COMMANDS = (Command("/sahur", "Report a problem to SAHUR", "[what is wrong]"),)
SHORTCUTS = (Shortcut("investigate", "Investigate this", "SAHUR takes this message and its thread as a report"),)
"""Of messages; Slack shows them in the menu of each message."""


def missing_scopes(granted: str) -> tuple[str, ...]:
    """Which scopes are needed and not among these (with commas between, as Slack writes them)."""
    held = {scope.strip() for scope in granted.split(",")}
    return tuple(scope for scope in SCOPES if scope not in held)
