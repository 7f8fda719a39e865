"""What stands around every listener: whose event it is, what is refused, and what is to be delivered again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import BoltContext, BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur.slack.markup import escape
from sahur_core.errors import SahurError
from sahur_core.trace import current_trace_id, trace

log = logging.getLogger(__name__)

REFUSAL = "refusal"
LAST_RETRY = 3
"""Slack delivers an event three times more (https://docs.slack.dev/apis/events-api, "Error handling")."""

Listener = Callable[[dict[str, Any], BoltContext], None]


def guarded(listener: Listener) -> Callable[[dict[str, Any], BoltContext, BoltRequest], None]:
    """Refusals are kept for `tell_refusal`; other errors become a 500, and Slack delivers the event again.

    If what was said to SAHUR cannot be stored even at the last delivery, that is a refusal too: nobody would ever hear of it
    otherwise.
    """

    def run(body: dict[str, Any], context: BoltContext, request: BoltRequest) -> None:
        # Over HTTP the request has an id; Socket Mode's threads start one.
        with trace(current_trace_id()):
            event = body["event"]
            if is_own(body) or is_foreign(body, context):
                log.info("Slack event %s of type %s is not for us", body.get("event_id"), event.get("type"))
                return
            try:
                listener(body, context)
            except SahurError as error:
                _refuse(body, context, error)
            except STORAGE_FAILURES as failure:
                # Whether a thread or a message is about an issue, nobody knows now: talk among people is left alone.
                if _retry_number(request) < LAST_RETRY or not _is_addressed(event):
                    raise
                log.exception("Slack event %s could not be stored, and Slack delivers it no more", body.get("event_id"))
                _refuse(body, context, storage_error(failure))

    return run


def _is_addressed(event: dict[str, Any]) -> bool:
    return event.get("type") == "app_mention" or event.get("channel_type") == "im"


def _refuse(body: dict[str, Any], context: BoltContext, error: SahurError) -> None:
    log.info("Slack event %s was refused: %s", body.get("event_id"), error)
    event = body["event"]
    place = event.get("item", event)
    thread_ts = event.get("thread_ts") or place.get("ts", "")
    context[REFUSAL] = {"channel": place.get("channel", ""), "thread_ts": thread_ts, "text": escape(str(error))}


def tell(context: BoltContext, channel: str, thread_ts: str, text: str) -> None:
    """Have something of ours said in the thread, after the answer to Slack (`tell_refusal`). `text` is Slack's markup."""
    context[REFUSAL] = {"channel": channel, "thread_ts": thread_ts, "text": text}


def _retry_number(request: BoltRequest) -> int:
    """How often Slack has delivered this event before; Bolt gives the same header in Socket Mode."""
    number = (request.headers.get("x-slack-retry-num") or ["0"])[0]
    return int(number) if number.isdecimal() and len(number) < 4 else 0


def is_own(body: dict[str, Any]) -> bool:
    """Whether the event comes from this app itself, such as its answer in the thread."""
    event = body["event"]
    app_id = event.get("app_id") or event.get("bot_profile", {}).get("app_id")
    return event.get("user") in own_users(body) or (app_id is not None and app_id == body.get("api_app_id"))


def is_foreign(body: dict[str, Any], context: BoltContext) -> bool:
    """Whether somebody of another company speaks, in a channel shared over Slack Connect."""
    return bool(body.get("is_ext_shared_channel")) and context.actor_team_id != context.team_id


def tell_refusal(context: BoltContext, client: WebClient) -> None:
    """Say in the thread why nothing happened. Runs after the answer to Slack; lost with the process, which is fine."""
    refusal = context.get(REFUSAL)
    if refusal is None:
        return
    try:
        client.chat_postMessage(**refusal, unfurl_links=False, unfurl_media=False)
    except (SlackClientError, OSError) as error:
        log.warning("a refusal could not be told in Slack: %s", error)


def own_users(body: dict[str, Any]) -> frozenset[str]:
    """The user ids under which this app was installed; Slack names them in each event."""
    return frozenset(each["user_id"] for each in body.get("authorizations", []) if each.get("user_id"))
