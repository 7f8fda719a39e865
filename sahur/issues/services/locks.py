"""The lock that every change of a run takes first (for the order of locks see the package)."""

from __future__ import annotations

from uuid import UUID

from sahur.issues import models


def lock_run(run_id: UUID) -> models.Run:
    """The run as it is now, with its issue and team, locked to the end of the transaction."""
    rows = models.Run.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("issue__team").get(id=run_id)
