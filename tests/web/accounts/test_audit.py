"""The audit log only grows."""

import pytest
from django.db import DatabaseError, transaction

from sahur.accounts import audit
from sahur.accounts.models import AuditEntry, Team
from sahur_core.trace import trace

pytestmark = pytest.mark.django_db


def test_entry_carries_actor_team_and_trace():
    team = Team.objects.create(key="SAH", name="Sahur")
    with trace() as trace_id:
        audit.record("ana", "issue.reported", "SAH-1", team_id=team.pk, detail={"source": "web"})
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target, entry.team_id) == ("ana", "issue.reported", "SAH-1", team.pk)
    assert entry.trace_id == trace_id
    assert entry.detail == {"source": "web"}


@pytest.mark.parametrize("change", [lambda rows: rows.update(actor="somebody else"), lambda rows: rows.delete()])
def test_database_refuses_to_change_or_delete(change):
    audit.record("ana", "issue.reported", "SAH-1")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(AuditEntry.objects.all())
    assert AuditEntry.objects.get().actor == "ana"


def test_entry_outlives_its_team():
    team = Team.objects.create(key="GON", name="Gone")
    audit.record("ana", "team.created", "GON", team_id=team.pk)
    team_id = team.pk
    team.delete()
    assert AuditEntry.objects.get().team_id == team_id
