"""Messages of ours in a thread: posted once, found again by the key in their metadata, brought to how things stand.

Slack has no idempotency key for `chat.postMessage`, but a message can carry metadata, which `conversations.replies`
gives back (https://docs.slack.dev/messaging/message-metadata; scope `metadata.message:read`). So a delivery that may
have happened is looked up before it is repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.redaction import without_secrets
from sahur.issues.services import effects
from sahur.slack.blocks.block_kit import Block, Post
from sahur.slack.delivery.calls import Connection, call, client_for

EVENT_TYPE = "sahur_effect"
FORM_REFUSALS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
"""Slack's words for content that it does not take, while it might take the same said more plainly."""
AFTER_CARD_SECONDS = 10.0
"""The pause of what waits for the card; it is hastened when the card is posted."""
PAGES = 10
PAGE_MESSAGES = 200

log = logging.getLogger(__name__)

Result = dict[str, Any]


def find_posted(effect: models.Effect) -> Result | None:
    """The message that an earlier delivery posted, None if there is none."""
    return find_at(effect, *place_of(effect))


def find_at(effect: models.Effect, channel: str, thread_ts: str) -> Result | None:
    """The same in any thread."""
    # Nothing was posted before the effect existed; a minute for clocks that differ.
    oldest = f"{effect.created_at.timestamp() - 60:.6f}"
    client = client_for(effect)
    for message in _replies(client, channel, thread_ts, oldest):
        if is_of(effect, message):
            return {"channel": channel, "ts": message["ts"]}
    return None


def is_of(effect: models.Effect, message: dict[str, Any]) -> bool:
    """Whether this message, read with its metadata, is what the effect posted."""
    metadata = message.get("metadata") or {}
    return bool(metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload", {}).get("key") == effect.key)


def _replies(client: Connection, channel: str, thread_ts: str, oldest: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    for _ in range(PAGES):
        page = call(
            client,
            "conversations.replies",
            http_verb="GET",
            params={
                "channel": channel,
                "ts": thread_ts,
                "oldest": oldest,
                "limit": PAGE_MESSAGES,
                "include_all_metadata": "true",
                **({"cursor": cursor} if cursor else {}),
            },
        )
        yield from page.get("messages", [])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
    # Not knowing is not "not there": posting again could be the second time.
    raise DeliveryError("The thread is too long to see whether the message was posted.", permanent=True)


def post_once(effect: models.Effect, post: Post) -> Result:
    """In the effect's thread."""
    channel, thread_ts = place_of(effect)
    return post_at(effect, post, channel, thread_ts=thread_ts)


def post_at(effect: models.Effect, post: Post, channel: str, **more: Any) -> Result:
    """Anywhere; `more` are further arguments of `chat.postMessage`."""
    place = {"channel": channel, "unfurl_links": False, "unfurl_media": False, **more}
    sent, form = _send(effect, effect, "chat.postMessage", post, place)
    result = {"channel": sent.get("channel") or channel, "ts": sent["ts"]}
    return {**result, "form": form} if form else result


def update(effect: models.Effect, posted: models.Effect | None, render: Callable[[], Post]) -> Result:
    """Bring a post to how things stand when it is edited, one edit after the other, so that a slow one is not the last."""
    what = effect.kind.removeprefix("slack.").removesuffix("_update")
    if posted is None or posted.state == models.EffectState.FAILED:
        raise DeliveryError(f"There is no {what} to update.", permanent=True)
    if posted.state != models.EffectState.DONE:
        raise DeliveryError(f"The {what} is not posted yet.", retry_after=AFTER_CARD_SECONDS, is_untried=True)
    place = {"channel": posted.result["channel"], "ts": posted.result["ts"]}
    if posted.result.get("is_gone"):
        return {**place, "is_gone": True}
    with alone(str(posted.id)):
        if effect.kind == "slack.card_update":
            effects.overtake(effect)
        try:
            _, form = _send(effect, posted, "chat.update", render(), place)
        except DeliveryError as error:
            if error.reason == "message_not_found":
                effects.note_of_post(posted, is_gone=True)
            raise
        if form != posted.result.get("form", 0):
            effects.note_of_post(posted, form=form)
    return place


def _send(
    effect: models.Effect, named: models.Effect, method: str, post: Post, place: dict[str, Any]
) -> tuple[dict[str, Any], int]:
    """What Slack answered, and in which of the post's forms it took it; the message bears the key of `named`.

    A workspace that does not take one form of it is given the next plainer one, and from then on that.
    """
    connection, forms = client_for(effect), post.forms()
    first = min(int(named.result.get("form", 0)), len(forms) - 1)
    for number in range(first, len(forms)):
        try:
            return call(connection, method, json={**place, **_content(named, *forms[number])}), number
        except DeliveryError as error:
            if error.reason not in FORM_REFUSALS or number + 1 == len(forms):
                raise
            log.warning("%s: Slack does not take form %d of it: %s", effect.kind, number, error.reason)
    raise AssertionError("a post has a form")


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Nobody else edits what has this name meanwhile. The lock is the database session's: it ends with a lost worker.

    Raises `DeliveryError` if somebody does.
    """
    with database.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise DeliveryError("It is being edited by somebody else.", retry_after=1, is_untried=True)
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def posted_by(effect: models.Effect, kind: str, **more: Any) -> models.Effect | None:
    """The effect of the same run and thread that posted what this one is about."""
    return models.Effect.objects.filter(run=effect.run, thread=effect.thread, kind=kind, **more).first()


def after_card(effect: models.Effect) -> None:
    """Raise `DeliveryError` while the card, which stands first in the thread, is still to be posted."""
    card = posted_by(effect, "slack.card")
    if card is not None and card.state in (models.EffectState.PENDING, models.EffectState.STARTED):
        raise DeliveryError("The card comes first.", retry_after=AFTER_CARD_SECONDS, is_untried=True)


def place_of(effect: models.Effect) -> tuple[str, str]:
    """Channel and thread. Raises `DeliveryError` where there is none, or none yet."""
    if effect.thread is None:
        raise DeliveryError("The issue names no Slack thread to answer in.", permanent=True)
    if not effect.thread.root_ts:
        root = models.Effect.objects.filter(thread=effect.thread, kind="slack.root").order_by("created_at").last()
        if root is not None and root.state == models.EffectState.FAILED:
            raise DeliveryError(f"The first message of the thread could not be posted: {root.last_error}", permanent=True)
        raise DeliveryError("The first message of the thread comes first.", retry_after=AFTER_CARD_SECONDS, is_untried=True)
    return effect.thread.channel_id, effect.thread.root_ts


def run_of(effect: models.Effect) -> models.Run:
    """As it stands now. Raises `DeliveryError` for an effect without a run."""
    if effect.run_id is None:
        raise DeliveryError("The effect belongs to no run.", permanent=True)
    return models.Run.objects.select_related("issue__team", "issue__joined", "forked_from").get(id=effect.run_id)


def has_left(run: models.Run, thread: models.SlackThread) -> bool:
    """Whether the thread tells another issue by now; not if the run's own issue has joined that one."""
    return thread.issue_id != run.issue_id and run.issue.joined_id is None


def _content(effect: models.Effect, text: str, blocks: list[Block]) -> dict[str, Any]:
    # What was stored before secrets were taken out at the doors may hold some.
    content, _ = without_secrets({"text": text, "blocks": blocks})
    return {**content, **marked(effect)}


def marked(effect: models.Effect) -> dict[str, Any]:
    """By which a message is found again."""
    return {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": effect.key}}}
