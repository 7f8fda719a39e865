"""Our own first message of a thread, for a report that was no message: posted where it was typed, else to its reporter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.slack.blocks.report import flood_post, root_post
from sahur.slack.delivery.calls import Connection, call, client_for
from sahur.slack.delivery.posts import Result, is_of, place_of, post_at

CLOSED_CHANNEL = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "user_not_in_channel"})
"""Slack's words for a channel in which the app cannot speak: the slash command works everywhere."""
PAGES = 5


def deliver_root(effect: models.Effect) -> Result:
    """`SlackThread` gets channel and time from the result when the effect ends. Raises `DeliveryError`."""
    thread, issue = _thread_of(effect), _issue_of(effect)
    try:
        return post_at(effect, root_post(issue, thread, is_elsewhere=False), thread.channel_id)
    except DeliveryError as error:
        if error.reason not in CLOSED_CHANNEL:
            raise
    return post_at(effect, root_post(issue, thread, is_elsewhere=True), direct_channel(effect, thread.user_id))


def deliver_flood(effect: models.Effect) -> Result:
    """In the thread of the last alert that was taken, shown in the channel, too. Raises `DeliveryError`."""
    channel, root_ts = place_of(effect)
    return post_at(effect, flood_post(int(effect.payload["limit"])), channel, thread_ts=root_ts, reply_broadcast=True)


def find_root(effect: models.Effect) -> Result | None:
    """The message that an earlier delivery posted, in the channel or directly; None if there is none."""
    thread = _thread_of(effect)
    for channel in (thread.channel_id, direct_channel(effect, thread.user_id)):
        try:
            if found := find_in(effect, channel):
                return found
        except DeliveryError as error:
            # Where it cannot read it could not post either.
            if error.reason not in CLOSED_CHANNEL:
                raise
    return None


def find_in(effect: models.Effect, channel: str) -> Result | None:
    """What an earlier delivery has posted in the channel itself, in no thread; None if there is nothing."""
    oldest = f"{effect.created_at.timestamp() - 60:.6f}"
    for message in _history(client_for(effect), channel, oldest):
        if is_of(effect, message):
            return {"channel": channel, "ts": message["ts"]}
    return None


def direct_channel(effect: models.Effect, user_id: str) -> str:
    """The conversation with this person alone. Raises `DeliveryError`."""
    opened = call(client_for(effect), "conversations.open", json={"users": user_id})
    return str(opened["channel"]["id"])


def _thread_of(effect: models.Effect) -> models.SlackThread:
    if effect.thread is None:
        raise DeliveryError("There is no thread to begin.", permanent=True)
    return effect.thread


def _issue_of(effect: models.Effect) -> models.Issue:
    return models.Issue.objects.select_related("repository").get(effects=effect)


def _history(connection: Connection, channel: str, oldest: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    for _ in range(PAGES):
        asked = {"channel": channel, "oldest": oldest, "limit": 200, "include_all_metadata": "true"}
        page = call(connection, "conversations.history", http_verb="GET", params=asked | ({"cursor": cursor} if cursor else {}))
        yield from page.get("messages", [])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
    raise DeliveryError("Too much was said since to see whether the message was posted.", permanent=True)
