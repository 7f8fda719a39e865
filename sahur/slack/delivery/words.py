"""Words about what somebody has just done, to them alone or to all in the thread (`sahur.slack.listeners.telling`)."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import slack_words
from sahur.slack.delivery.away import AWAY
from sahur.slack.delivery.calls import call, client_for
from sahur.slack.delivery.posts import Result, find_at, marked
from sahur.slack.delivery.roots import direct_channel

NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False}


def deliver_word(effect: models.Effect) -> Result:
    """To one person alone (https://docs.slack.dev/reference/methods/chat.postEphemeral), or posted.

    Where the app may not speak, it is told to them directly. Raises `DeliveryError`.
    """
    if slack_words.is_stale(effect):
        raise DeliveryError("It is too late to say it.", permanent=True)
    words = {name: value for name, value in effect.payload.items() if name != "workspace_id"}
    connection = client_for(effect)
    if "user" not in words:
        sent = call(connection, "chat.postMessage", json={**words, **NO_PREVIEWS, **marked(effect)})
        return {"channel": sent.get("channel") or words["channel"], "ts": sent["ts"]}
    try:
        call(connection, "chat.postEphemeral", json=words)
    except DeliveryError as refused:
        if refused.reason not in AWAY:
            raise
        said = {name: words[name] for name in ("text", "blocks") if name in words}
        channel = direct_channel(effect, words["user"])
        call(connection, "chat.postMessage", json={**said, "channel": channel, **NO_PREVIEWS, **marked(effect)})
        return {"channel": channel}
    return {"channel": words["channel"]}


def find_word(effect: models.Effect) -> Result | None:
    """What was posted for all to read; what one person was shown is shown again. Raises `DeliveryError`."""
    words = effect.payload
    return None if "user" in words else find_at(effect, words["channel"], words["thread_ts"])
