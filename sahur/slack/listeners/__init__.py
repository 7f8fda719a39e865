"""What Slack sends us. Each listener is one transaction and idempotent; `register` connects them all."""

from __future__ import annotations

import re

from slack_bolt import Ack, App

from sahur.slack.blocks import actions, modals
from sahur.slack.blocks.report import REPORT, REPOSITORY
from sahur.slack.help import COMMAND
from sahur.slack.listeners import accounts, commands, feedback, home, joining, messages, replies, requests, shortcuts, workspaces
from sahur.slack.listeners.guard import guarded
from sahur.slack.listeners.interactions import follow_up, interaction
from sahur.slack.listeners.telling import say, say_back


def register(app: App) -> None:
    """Connect the listeners; each is followed by what is told after the answer."""
    for event, listener in (
        ("app_mention", messages.on_mention),
        ("message", messages.on_message),
        ("reaction_added", replies.on_reaction),
    ):
        app.event(event)(ack=guarded(listener), lazy=[say])
    app.event("app_uninstalled")(guarded(workspaces.on_app_uninstalled))
    app.event("tokens_revoked")(guarded(workspaces.on_tokens_revoked))
    app.event("app_home_opened")(ack=ignore, lazy=[home.suggest_prompts])
    _register_interactions(app)
    _register_reports(app)
    # Whatever else the Slack app is subscribed to: without an answer Slack would deliver it four times.
    app.event(re.compile(".+"))(ignore)


def _register_interactions(app: App) -> None:
    for action, pressed in (
        (actions.STOP_RUN, replies.on_stop),
        (actions.INPUT_DECIDE, requests.on_decide),
        (actions.INPUT_OPEN, requests.on_open),
        (actions.FEEDBACK, feedback.on_vote),
        (actions.REAL_CAUSE, feedback.on_real_cause),
        (actions.SEPARATE, joining.on_separate),
    ):
        app.action(re.compile(f"^{action}(:|$)"))(ack=interaction(pressed), lazy=[follow_up])
    for form, sent in (
        (modals.ANSWER, requests.on_answered),
        (modals.EDIT, requests.on_edited),
        (modals.BUDGET, requests.on_amount),
        (actions.REAL_CAUSE, feedback.on_real_cause_told),
    ):
        app.view(form)(ack=interaction(sent), lazy=[follow_up])
    # Links are buttons, too: Slack opens them by itself and wants an answer all the same.
    app.action(re.compile(".+"))(acknowledge)


def _register_reports(app: App) -> None:
    app.message_shortcut(shortcuts.INVESTIGATE)(ack=interaction(shortcuts.on_investigate), lazy=[say_back])
    app.command(COMMAND)(ack=commands.on_command, lazy=[commands.open_report_form, accounts.answer])
    app.view(REPORT)(ack=interaction(commands.on_report), lazy=[])
    app.options(REPOSITORY)(commands.offer_repositories)


def acknowledge(ack: Ack) -> None:
    """Answer to a button that has no meaning for us."""
    ack()


def ignore() -> None:
    """Answer and do nothing."""
