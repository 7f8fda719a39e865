"""A run that goes on from another one may read what that one has kept; nobody else may."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from sahur.issues import models
from sahur.issues.lines import ids_in_line, origins
from sahur.issues.receipts import kept_result
from sahur.issues.services import runs

pytestmark = pytest.mark.django_db


@pytest.fixture
def fork(run):
    made = runs.create_run(run.issue, asked_by="Rita", user_id=None, trace_id="")
    models.Run.objects.filter(id=made.id).update(forked_from=run, fork_kind="branch")
    made.refresh_from_db()
    return made


def receipt_of(run):
    return models.Receipt.objects.create(
        id=uuid.uuid4(), team=run.issue.team, run=run, caller="x", upstream="code", tool="code__read", called_at=timezone.now()
    )


def test_the_line_of_a_run_goes_back_to_its_report(run, fork):
    assert [each.id for each in origins(fork)] == [run.id]
    assert ids_in_line(fork.id) == [fork.id, run.id]
    assert ids_in_line(run.id) == [run.id]


def test_a_fork_reads_receipts_of_its_origin_and_not_the_other_way_round(run, fork):
    team = run.issue.team_id
    before, after = receipt_of(run), receipt_of(fork)
    assert kept_result(before.id, team, fork.id) == before
    assert kept_result(after.id, team, run.id) is None
    assert kept_result(before.id, team, uuid.uuid4()) is None
