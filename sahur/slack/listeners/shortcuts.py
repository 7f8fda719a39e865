"""The shortcut of messages, "Investigate this": that message, with its thread and files, is the report."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import IntegrityError
from slack_bolt import BoltContext

from sahur.issues import models
from sahur.issues.services.slack_threads import Place
from sahur.slack import threads
from sahur.slack.listeners.reporting import Reported, submit
from sahur.slack.listeners.telling import tell_alone
from sahur.slack.reading import app_of, files_of, text_of
from sahur.slack.report_source import Source as Rest
from sahur_core.errors import InputError

INVESTIGATE = "investigate"


def on_investigate(body: dict[str, Any], context: BoltContext) -> None:
    """Raises `SahurError`, which is told to the person alone."""
    message, workspace = body["message"], context.team_id or ""
    channel, user = str(body["channel"]["id"]), str(body["user"]["id"])
    ts = str(message.get("ts") or body["message_ts"])
    root = str(message.get("thread_ts") or ts)
    place = Place(workspace, channel, root, user)
    if app_of(message) == body.get("api_app_id"):
        raise InputError("This is SAHUR's own message.", next_step="Choose what somebody else said.")
    known = threads.thread_at(workspace, channel, root)
    if known is not None:
        tell_alone(context, place, f"This is being looked into already: {_link(known.issue)}.")
        return
    own_app, files = str(body.get("api_app_id", "")), tuple(files_of(message))
    rest = Rest(ts, reads_thread="thread_ts" in message, own_app=own_app, files=files)
    reported = Reported(place, user, text_of(message), f"shortcut:{body['trigger_id']}", rest)
    try:
        submitted = submit(reported)
    except IntegrityError:
        # Somebody else chose it at the same moment.
        known = threads.thread_at(workspace, channel, root)
        if known is None:
            raise
        tell_alone(context, place, f"This is being looked into already: {_link(known.issue)}.")
        return
    found = "What I find is told in the message's thread, or to you directly if I may not write there."
    tell_alone(context, place, f"I look into it: {_link(submitted.issue)}. {found}")


def _link(issue: models.Issue) -> str:
    return f"<{settings.PUBLIC_URL}/issues/{issue.key}/|{issue.key}>"
