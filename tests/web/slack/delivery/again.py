"""What SAHUR has posted, and how an effect is delivered once more although it is not due."""

from __future__ import annotations

from typing import Any

from sahur.batch import effects as door
from sahur.issues import models
from tests.web.slack.conftest import CHANNEL


def posted(slack: Any) -> list[dict[str, Any]]:
    return [message for message in slack.messages(CHANNEL) if "bot_id" in message]


def deliver_again(effect: models.Effect) -> models.Effect:
    models.Effect.objects.filter(id=effect.id).update(due_at="2000-01-01T00:00:00Z")
    door.deliver(effect.id)
    effect.refresh_from_db()
    return effect
