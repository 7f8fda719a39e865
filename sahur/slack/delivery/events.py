"""Events that were kept in a burst (`sahur.slack.intake`), taken now as if Slack delivered them at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_bolt import BoltRequest

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import slack_inbox
from sahur.slack import app as slack

Result = dict[str, Any]


def deliver_event(effect: models.Effect) -> Result:
    """Through Bolt and its listeners. Raises `DeliveryError` where they failed: then it is tried again."""
    # Its signature was checked when it came, and is too old to be checked again; Socket Mode's events have none either.
    headers: dict[str, str | Sequence[str]] = {"x-slack-retry-num": [str(effect.attempt - 1)]}
    response = slack.app().dispatch(BoltRequest(body=effect.payload["body"], headers=headers, mode="socket_mode"))
    slack_inbox.hint_next()
    if response.status >= 300:
        raise DeliveryError(f"The event could not be taken: status {response.status}.")
    return {"status": response.status}
