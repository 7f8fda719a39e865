"""Messages of ours in a thread: posted once, found again by the key in their metadata, brought to how things stand.

Slack has no idempotency key for `chat.postMessage`, but a message can carry metadata, which `conversations.replies`
gives back (https://docs.slack.dev/messaging/message-metadata; scope `metadata.message:read`). So a delivery that may
have happened is looked up before it is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.redaction import without_secrets
from sahur.slack.blocks.block_kit import Post
from sahur.slack.delivery.calls import Connection, call, client_for

EVENT_TYPE = "sahur_effect"
PAGES = 10
PAGE_MESSAGES = 200

Result = dict[str, Any]


def find_posted(effect: models.Effect) -> Result | None:
    """The message that an earlier delivery posted, None if there is none."""
    channel, thread_ts = place_of(effect)
    # Nothing was posted before the effect existed; a minute for clocks that differ.
    oldest = f"{effect.created_at.timestamp() - 60:.6f}"
    client = client_for(effect)
    for message in _replies(client, channel, thread_ts, oldest):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload", {}).get("key") == effect.key:
            return {"channel": channel, "ts": message["ts"]}
    return None


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
    channel, thread_ts = place_of(effect)
    sent = call(
        client_for(effect),
        "chat.postMessage",
        json={"channel": channel, "thread_ts": thread_ts, **_content(effect, post), "unfurl_links": False, "unfurl_media": False},
    )
    return {"channel": sent.get("channel") or channel, "ts": sent["ts"]}


def update(effect: models.Effect, posted: models.Effect | None, render: Callable[[], Post]) -> Result:
    """Bring a post to how things stand. A slow update may land after a later one, so each looks again when it is done."""
    what = effect.kind.removeprefix("slack.").removesuffix("_update")
    if posted is None or posted.state == models.EffectState.FAILED:
        raise DeliveryError(f"There is no {what} to update.", permanent=True)
    if posted.state != models.EffectState.DONE:
        raise DeliveryError(f"The {what} is not posted yet.")
    channel, ts = posted.result["channel"], posted.result["ts"]
    current, shown = render(), None
    while current != shown:
        shown = current
        call(client_for(effect), "chat.update", json={"channel": channel, "ts": ts, **_content(posted, shown)})
        current = render()
    return {"channel": channel, "ts": ts}


def posted_by(effect: models.Effect, kind: str, **more: Any) -> models.Effect | None:
    """The effect of the same run and thread that posted what this one is about."""
    return models.Effect.objects.filter(run=effect.run, thread=effect.thread, kind=kind, **more).first()


def after_card(effect: models.Effect) -> None:
    """Raise `DeliveryError` while the card, which stands first in the thread, is still to be posted."""
    card = posted_by(effect, "slack.card")
    if card is not None and card.state in (models.EffectState.PENDING, models.EffectState.STARTED):
        raise DeliveryError("The card comes first.")


def place_of(effect: models.Effect) -> tuple[str, str]:
    """Channel and thread. Raises `DeliveryError` where there is none, or none yet."""
    if effect.thread is None:
        raise DeliveryError("The issue names no Slack thread to answer in.", permanent=True)
    if not effect.thread.root_ts:
        raise DeliveryError("The first message of the thread comes first.")
    return effect.thread.channel_id, effect.thread.root_ts


def run_of(effect: models.Effect) -> models.Run:
    """As it stands now. Raises `DeliveryError` for an effect without a run."""
    if effect.run_id is None:
        raise DeliveryError("The effect belongs to no run.", permanent=True)
    return models.Run.objects.select_related("issue__team", "forked_from").get(id=effect.run_id)


def _content(effect: models.Effect, post: Post) -> dict[str, Any]:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": effect.key}}
    # What was stored before secrets were taken out at the doors may hold some.
    content, _ = without_secrets({"text": post.text, "blocks": post.blocks})
    return {**content, "metadata": metadata}
