"""What Slack sends us. Each listener is one transaction and idempotent; `register` connects them all."""

from __future__ import annotations

import re

from slack_bolt import Ack, App

from sahur.slack.blocks import actions, modals
from sahur.slack.listeners import messages, replies, requests, workspaces
from sahur.slack.listeners.guard import guarded, tell_refusal
from sahur.slack.listeners.interactions import follow_up, interaction


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
    _register_interactions(app)
    # Whatever else the Slack app is subscribed to: without an answer Slack would deliver it four times.
    app.event(re.compile(".+"))(ignore)


def _register_interactions(app: App) -> None:
    for action, pressed in (
        (actions.STOP_RUN, replies.on_stop),
        (actions.INPUT_DECIDE, requests.on_decide),
        (actions.INPUT_OPEN, requests.on_open),
    ):
        app.action(re.compile(f"^{action}(:|$)"))(ack=interaction(pressed), lazy=[follow_up])
    for form, sent in (
        (modals.ANSWER, requests.on_answered),
        (modals.EDIT, requests.on_edited),
        (modals.BUDGET, requests.on_amount),
    ):
        app.view(form)(ack=interaction(sent), lazy=[follow_up])
    # Links are buttons, too: Slack opens them by itself and wants an answer all the same.
    app.action(re.compile(".+"))(acknowledge)


def acknowledge(ack: Ack) -> None:
    """Answer to a button that has no meaning for us."""
    ack()


def ignore() -> None:
    """Answer and do nothing."""
