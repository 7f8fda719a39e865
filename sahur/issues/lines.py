"""Runs that go on from one another: the line of a run is itself and those that it comes from."""

from __future__ import annotations

from uuid import UUID

from sahur.issues import models


def origins(run: models.Run) -> list[models.Run]:
    """The runs that this one goes on from, the nearest first."""
    found: list[models.Run] = []
    current = run
    while current.forked_from_id is not None:
        current = models.Run.objects.select_related("issue__team").get(id=current.forked_from_id)
        found.append(current)
    return found


def ids_in_line(run_id: UUID) -> list[UUID]:
    """Ids of the run and its origins; of a run that is unknown, only its own."""
    found = [run_id]
    while (before := models.Run.objects.filter(id=found[-1]).values_list("forked_from_id", flat=True).first()) is not None:
        found.append(before)
    return found
