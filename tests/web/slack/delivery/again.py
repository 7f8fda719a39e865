"""What SAHUR has posted, and how an effect is delivered once more although it is not due."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from sahur.batch import effects as door
from sahur.issues import models
from tests.web.slack.conftest import CHANNEL


def posted(slack: Any) -> list[dict[str, Any]]:
    return [message for message in slack.messages(CHANNEL) if "bot_id" in message]


def deliver_all() -> None:
    """Every post that waits, in order; what must wait for another one comes later."""
    for _ in range(6):
        waiting = models.Effect.objects.filter(state="pending").order_by("created_at", "id")
        for effect_id in list(waiting.values_list("id", flat=True)):
            models.Effect.objects.filter(id=effect_id, state="pending").update(due_at=Now())
            door.deliver(effect_id)


def deliver_again(effect: models.Effect) -> models.Effect:
    models.Effect.objects.filter(id=effect.id).update(due_at="2000-01-01T00:00:00Z")
    door.deliver(effect.id)
    effect.refresh_from_db()
    return effect
