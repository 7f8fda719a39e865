"""Events of Slack that came faster than they could be taken: kept as they are until one of the senders takes them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from sahur.issues import models
from sahur.issues.services import effects

KIND = "slack.event"


def keep(body: dict[str, Any]) -> None:
    """One row by the event's id, however often Slack delivers it. Raises `DatabaseError`: then Slack delivers it again."""
    effect = models.Effect(key=f"{KIND}:{body['event_id']}", kind=KIND, payload={"body": body}, due_at=Now(), created_at=Now())
    with transaction.atomic():
        models.Effect.objects.bulk_create([effect], ignore_conflicts=True)
        effects.hint(effect.id)


def forget_words(effect: models.Effect) -> None:
    """What was said is stored where it belongs now; the event keeps only that it was taken."""
    models.Effect.objects.filter(id=effect.id).update(payload={})
