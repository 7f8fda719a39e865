"""What Slack sends us. Each listener is one transaction and idempotent; `register` connects them all."""

from __future__ import annotations

import re

from slack_bolt import App

from sahur.slack.listeners import messages, replies, workspaces
from sahur.slack.listeners.guard import guarded, tell_refusal


def register(app: App) -> None:
    """Connect the listeners; each is followed by `tell_refusal`, which runs after the answer."""
    for event, listener in (
        ("app_mention", messages.on_mention),
        ("message", messages.on_message),
        ("reaction_added", replies.on_reaction),
    ):
        app.event(event)(ack=guarded(listener), lazy=[tell_refusal])
    app.event("app_uninstalled")(guarded(workspaces.on_app_uninstalled))
    app.event("tokens_revoked")(guarded(workspaces.on_tokens_revoked))
    # Whatever else the Slack app is subscribed to: without an answer Slack would deliver it four times.
    app.event(re.compile(".+"))(ignore)


def ignore() -> None:
    """Answer and do nothing."""
