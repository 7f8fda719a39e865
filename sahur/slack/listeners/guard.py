"""What stands around every listener: whose event it is, what is refused, and what is to be delivered again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import BoltContext, BoltRequest

from sahur.issues import models
from sahur.issues.services.slack_threads import Place
from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur.slack import threads
from sahur.slack.listeners.telling import EVENT, tell_alone, tell_thread
from sahur.slack.markup import escape
from sahur.slack.reading import app_of, is_of_app
from sahur_core.errors import NotPermitted, SahurError
from sahur_core.trace import current_trace_id, trace

log = logging.getLogger(__name__)

LAST_RETRY = 3
"""Slack delivers an event three times more (https://docs.slack.dev/apis/events-api, "Error handling")."""

FOREIGN = "Only people of the workspace that SAHUR is installed in may do this."

Listener = Callable[[dict[str, Any], BoltContext], None]


def guarded(listener: Listener) -> Callable[[dict[str, Any], BoltContext, BoltRequest], None]:
    """Refusals are told (`telling`); other errors become a 500, and Slack delivers the event again.

    If what was said to SAHUR, or in a thread of an issue, cannot be taken even at the last delivery, whatever the reason, that
    is a refusal too: nobody would ever hear of it otherwise.
    """

    def run(body: dict[str, Any], context: BoltContext, request: BoltRequest) -> None:
        # Over HTTP the request has an id; Socket Mode's threads start one.
        with trace(current_trace_id()):
            context[EVENT] = str(body.get("event_id") or "")
            try:
                _take(listener, body, context)
            except SahurError as error:
                _refuse(body, context, error)
            except Exception as failure:
                # The door's boundary.
                if _retry_number(request) < LAST_RETRY or not _is_said_to_us(body, context, failure):
                    raise
                log.exception("Slack event %s could not be taken, and Slack delivers it no more", body.get("event_id"))
                _refuse(body, context, error_of(failure))

    return run


def _take(listener: Listener, body: dict[str, Any], context: BoltContext) -> None:
    event = body["event"]
    if is_own(body):
        log.info("Slack event %s of type %s is our own", body.get("event_id"), event.get("type"))
    elif not is_foreign(body, context):
        listener(body, context)
    elif _is_addressed(event):
        raise NotPermitted(FOREIGN)


def error_of(failure: Exception) -> SahurError:
    """What cannot be taken, for who said it; of a fault of ours only where its traces are found."""
    if isinstance(failure, STORAGE_FAILURES):
        return storage_error(failure)
    return SahurError(
        "SAHUR itself failed, and what you said was not stored.",
        next_step=f"Say it in other words, or tell whoever runs SAHUR: trace {current_trace_id()}.",
    )


def _is_addressed(event: dict[str, Any]) -> bool:
    return event.get("type") == "app_mention" or event.get("channel_type") == "im"


def _is_said_to_us(body: dict[str, Any], context: BoltContext, failure: Exception) -> bool:
    """Also a reply in a thread that tells an issue. While the database is away nobody knows: talk among people is left alone."""
    event = body["event"]
    if _is_addressed(event):
        return True
    if event.get("type") != "message" or event.get("subtype") or is_of_app(event) or not event.get("thread_ts"):
        return False
    if event.get("parent_user_id") in own_users(body):
        return True
    if isinstance(failure, STORAGE_FAILURES):
        return False
    return threads.thread_at(context.team_id or "", str(event.get("channel", "")), str(event["thread_ts"])) is not None


def _refuse(body: dict[str, Any], context: BoltContext, error: SahurError) -> None:
    """In the thread; to the person alone what they may not do, and what was said to nobody, among people."""
    log.info("Slack event %s was refused: %s", body.get("event_id"), error)
    event = body["event"]
    where = event.get("item") or event
    channel, user = str(where.get("channel") or ""), str(event.get("user") or "")
    thread_ts, text = str(event.get("thread_ts") or ""), escape(str(error))
    is_alone = isinstance(error, NotPermitted) or not _is_addressed(event)
    if is_alone and user and not channel.startswith("D"):
        # Slack shows nothing that is for one person under a message that has no replies.
        tell_alone(context, Place(context.team_id or "", channel, thread_ts, user), text, why=error)
        return
    tell_thread(context, Place(context.team_id or "", channel, thread_ts or str(where.get("ts") or ""), user), text, why=error)


def _retry_number(request: BoltRequest) -> int:
    """How often Slack has delivered this event before; Bolt gives the same header in Socket Mode."""
    number = (request.headers.get("x-slack-retry-num") or ["0"])[0]
    return int(number) if number.isdecimal() and len(number) < 4 else 0


def is_own(body: dict[str, Any]) -> bool:
    """Whether the event comes from this app itself, such as its answer in the thread."""
    event = body["event"]
    app_id = app_of(event)
    return event.get("user") in own_users(body) or bool(app_id and app_id == body.get("api_app_id"))


def is_foreign(body: dict[str, Any], context: BoltContext) -> bool:
    """Whether somebody of another company speaks, in a channel shared over Slack Connect.

    Slack names the workspace or the organization (`E…`) of who wrote a message, and nobody's with a reaction: its listener
    looks who it is (`is_known`). Apps are listened to only where an admin has said so.
    """
    if not body.get("is_ext_shared_channel"):
        return False
    event = body["event"]
    # An edit and a deletion come with the message that they are about.
    event = event.get("message") or event.get("previous_message") or event
    home = event.get("user_team") or event.get("source_team") or event.get("team")
    if home:
        return home not in {context.team_id, context.enterprise_id, body.get("enterprise_id")}
    if is_of_app(event) or event.get("type") == "reaction_added":
        return False
    return not is_known(context.team_id or "", str(event.get("user", "")))


def is_known(workspace_id: str, user_id: str) -> bool:
    """Whether this is surely one of our own people: linked to an account, or a reporter whose workspace Slack has named.

    A name alone proves nothing: those of other companies are asked for, too, where their words are read in a thread.
    """
    linked = models.SlackUser.objects.filter(workspace_id=workspace_id, user_id=user_id, account__isnull=False)
    return linked.exists() or models.SlackThread.objects.filter(workspace_id=workspace_id, user_id=user_id).exists()


def own_users(body: dict[str, Any]) -> frozenset[str]:
    """The user ids under which this app was installed; Slack names them in each event."""
    named = body.get("authorizations")
    users = [each.get("user_id") for each in named if isinstance(each, dict)] if isinstance(named, list) else []
    return frozenset(user for user in users if isinstance(user, str) and user)
