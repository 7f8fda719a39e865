"""Ask Slack what a channel is: because a report came from there, or an admin has set something for it."""

from __future__ import annotations

from sahur.issues import models
from sahur.slack import visibility
from sahur.slack.delivery.posts import Result


def deliver_channel(effect: models.Effect) -> Result:
    """Raises `DeliveryError`."""
    visibility.ask(effect.payload["workspace_id"], effect.payload["channel_id"])
    return {}
