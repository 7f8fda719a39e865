"""Store what the gateway records of tool calls. The same receipt may come twice: its id is the gateway's own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from sahur.accounts.models import Team
from sahur.issues import models
from sahur_core.tools.receipts import Receipt
from sahur_core.tools.storable import storable


class Refused(BaseModel):
    """A receipt that belongs nowhere, and why."""

    id: UUID
    reason: str


def store(new: Sequence[Receipt]) -> tuple[int, list[Refused]]:
    """Store receipts in one statement; how many were new, and which were refused.

    A receipt is refused if its team does not exist, or its run is not a run of that team. The others are stored all the
    same: a batch must not be lost for one bad row.
    """
    teams = set(Team.objects.filter(pk__in={each.team for each in new}).values_list("pk", flat=True))
    runs = dict(models.Run.objects.filter(pk__in={each.run for each in new if each.run}).values_list("pk", "issue__team_id"))
    rows, refused = [], []
    for each in {receipt.id: receipt for receipt in new}.values():
        if each.team not in teams:
            refused.append(Refused(id=each.id, reason="There is no such team."))
        elif each.run is not None and runs.get(each.run) != each.team:
            refused.append(Refused(id=each.id, reason="The team has no such run."))
        else:
            rows.append(_row(each))
    known = models.Receipt.objects.filter(pk__in=[row.pk for row in rows]).count()
    models.Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - known, refused


def _row(new: Receipt) -> models.Receipt:
    fields = new.model_dump(exclude={"team", "run", "status"})
    return models.Receipt(**storable(fields), team_id=new.team, run_id=new.run, status=new.status.value)
