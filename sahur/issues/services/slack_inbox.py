"""Events of Slack that came faster than they could be taken: kept as they are until one of the senders takes them.

A hint costs as much as the row, so a burst gets few of them: a sender that has taken an event asks for the next one.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from sahur.issues import models
from sahur.issues.services import effects

KIND = "slack.event"
HINT_SECONDS = 0.2
"""Between the hints of a process; each starts a chain that goes on while something is kept."""

_lock = threading.Lock()
_hinted_at = 0.0


def keep(bodies: list[dict[str, Any]]) -> None:
    """One row by each event's id, however often Slack delivers it. Raises `DatabaseError`: then Slack delivers them again."""
    rows = [
        models.Effect(key=f"{KIND}:{body['event_id']}"[:300], kind=KIND, payload={"body": body}, due_at=Now(), created_at=Now())
        for body in bodies
    ]
    with transaction.atomic():
        models.Effect.objects.bulk_create(rows, ignore_conflicts=True)
        if _is_time_for_hint():
            effects.hint(rows[0].id)


def hint_next() -> None:
    """Have the oldest event that is kept taken."""
    waiting = models.Effect.objects.filter(kind=KIND, state=models.EffectState.PENDING, due_at__lte=Now())
    oldest = waiting.order_by("due_at").values_list("id", flat=True).first()
    if oldest is not None:
        effects.hint(oldest)


def _is_time_for_hint() -> bool:
    global _hinted_at
    with _lock:
        now = time.monotonic()
        if now - _hinted_at < HINT_SECONDS:
            return False
        _hinted_at = now
        return True
