"""The locks of a run: its row first, its lease last (for the order see the package)."""

from __future__ import annotations

from uuid import UUID

from sahur.issues import models
from sahur_core.errors import AttemptFenced


def lock_run(run_id: UUID) -> models.Run:
    """The run as it is now, with its issue and team, locked to the end of the transaction."""
    rows = models.Run.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("issue__team").get(id=run_id)


def hold_lease(run_id: UUID, attempt: int) -> None:
    """Keep every other attempt out to the end of the transaction. Take it last. Raises `AttemptFenced`."""
    owned = models.RunLease.objects.select_for_update(no_key=True).filter(
        run_id=run_id, attempt=attempt, lease_until__isnull=False
    )
    if owned.values_list("run_id").first() is None:
        raise AttemptFenced(f"Attempt {attempt} no longer owns run {run_id}.")
