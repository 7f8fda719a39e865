"""Which ended runs still have all their checkpoints: no worker comes back to them, and few are branched from."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from sahur.issues import models


def unpruned(settled_for: timedelta, limit: int = 20) -> list[UUID]:
    """Runs that ended so long ago that no worker holds them any more, and whose checkpoints are still whole."""
    rows = models.Run.objects.filter(ended_at__lt=Now() - settled_for, pruned_at__isnull=True)
    return list(rows.order_by("ended_at").values_list("id", flat=True)[:limit])


def note_pruned(run_id: UUID) -> None:
    models.Run.objects.filter(id=run_id).update(pruned_at=Now())
