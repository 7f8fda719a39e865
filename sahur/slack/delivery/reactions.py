"""Short signs to who spoke: an emoji under the words, and a hint that only they see. Done again, they change nothing."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.slack.delivery.calls import call, client_for
from sahur.slack.delivery.posts import Result, place_of

NOTHING_TO_DO = frozenset(
    {"already_reacted", "message_not_found", "no_reaction", "too_many_emoji", "too_many_reactions", "thread_locked"}
)
"""It is there already, or its message takes none (any more): nobody needs to hear of that."""
HINT = "The investigation has ended. What you said is kept for the next one: mention me in this thread to start it."


def deliver_reaction(effect: models.Effect) -> Result:
    """https://docs.slack.dev/reference/methods/reactions.add"""
    channel, _ = place_of(effect)
    name, ts = effect.payload["name"], effect.payload["ts"]
    try:
        call(client_for(effect), "reactions.add", json={"channel": channel, "timestamp": ts, "name": name})
    except DeliveryError as refused:
        if refused.reason not in NOTHING_TO_DO:
            raise
        return {"channel": channel, "ts": ts, "reason": refused.reason}
    return {"channel": channel, "ts": ts}


def deliver_hint(effect: models.Effect) -> Result:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    channel, thread_ts = place_of(effect)
    told = {"channel": channel, "user": effect.payload["user"], "thread_ts": thread_ts, "text": HINT}
    call(client_for(effect), "chat.postEphemeral", json=told)
    return {"channel": channel}
