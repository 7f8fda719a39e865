"""What SAHUR says in Slack besides what threads are told of runs: why something was refused, what is stored, how it is used.

It is stored with what it is about, and said right after Slack has its answer; what is lost with its process, the reaper sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from sahur.accounts.models import new_id
from sahur.issues import models
from sahur.issues.redaction import without_secrets

KIND = "slack.word"
USEFUL_FOR = timedelta(hours=1)
"""Later nobody remembers what it was about."""


def keep(words: Mapping[str, Any], event_id: str, number: int) -> UUID:
    """The id of the effect that says it; the same words about the same event again are said once.

    `words` are the workspace (`workspace_id`) and what Slack's methods take: `channel`, `text`, and, where they are for one
    person alone, `user`. Interactions have no `event_id`: Slack does not repeat them.
    """
    # What somebody typed may be said back to them.
    said, _ = without_secrets({name: words[name] for name in ("text", "blocks") if name in words})
    payload = {**words, **said}
    effect = models.Effect(
        key=f"{KIND}:{event_id or new_id()}:{number}", kind=KIND, payload=payload, due_at=Now(), created_at=Now()
    )
    with transaction.atomic():
        # Without a hint: it is delivered where it was made, and by the reaper where that was lost.
        models.Effect.objects.bulk_create([effect], ignore_conflicts=True)
    return effect.id


def is_stale(effect: models.Effect) -> bool:
    """By the clock that has stamped it."""
    return models.Effect.objects.filter(id=effect.id, created_at__lt=Now() - USEFUL_FOR).exists()
