"""The reaper takes runs back from lost workers, sends lost hints again, and lets defaults hold."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from sahur.batch import chain
from sahur.batch.reaper import reap
from sahur.batch.tasks import recover_run
from sahur.celery import app
from sahur.issues import models
from sahur.issues.services import inputs, runs
from sahur_core import issues
from sahur_core.issues import RunStatus, Stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_queues():
    with app.connection_for_write() as connection:
        for queue in ("batch", "effects", "index"):
            connection.default_channel.queue_purge(queue)


def waiting_hints(queue="batch"):
    with app.connection_for_read() as connection:
        try:
            return connection.default_channel.queue_declare(queue, passive=True).message_count
        except connection.channel_errors:
            return 0


def claimed(run, owner="task-1"):
    got = runs.claim(run.id, Stage.GATHER_CONTEXT, owner=owner, lease_seconds=30, team_limit=10)
    assert got is not None
    return got


def test_an_expired_lease_is_taken_back_and_the_chain_sent(run):
    claimed(run)
    models.RunLease.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1))
    reap()
    run.refresh_from_db()
    assert (run.status, run.crashes, waiting_hints()) == (RunStatus.QUEUED, 1, 1)


def test_a_live_lease_is_left_alone(run):
    claimed(run)
    reap()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_a_lost_hint_is_sent_again_once_per_wait(run):
    models.Run.objects.filter(id=run.id).update(dispatched_at=timezone.now() - timedelta(minutes=5))
    reap()
    reap()
    assert waiting_hints() == 1


def test_hints_that_only_wait_are_not_sent_again(issue, run):
    second = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    for each in (run, second):
        models.Run.objects.filter(id=each.id).update(dispatched_at=timezone.now() - timedelta(minutes=5))
    chain.send(run)
    reap()
    assert waiting_hints() == 2


def test_a_duty_that_fails_keeps_no_other_from_being_done(run, monkeypatch):
    def fail():
        raise RuntimeError("odd")

    monkeypatch.setattr("sahur.batch.reaper.take_back_lost", fail)
    models.Run.objects.filter(id=run.id).update(dispatched_at=timezone.now() - timedelta(minutes=5))
    reap()
    assert waiting_hints() == 1


def test_a_dead_pool_child_is_recovered_at_once_but_only_its_own_run(run):
    claimed(run, owner="task-1")
    recover_run(f"{run.id}/task-2")
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    recover_run(f"{run.id}/task-1")
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_an_unanswered_question_takes_its_default_and_wakes_the_run(run):
    got = claimed(run)
    late = timezone.now() - timedelta(seconds=1)
    request = issues.InputRequest(
        id=str(uuid.uuid4()), kind=issues.InputKind.QUESTION, prompt="Which?", default="eu", expires_at=late
    )
    inputs.open_request(run, request, got.attempt)
    assert runs.finish_waiting(got, []) == runs.Outcome.WAITING
    reap()
    run.refresh_from_db()
    row = models.InputRequest.objects.get()
    assert (run.status, row.answer, row.decision) == (RunStatus.QUEUED, "eu", "")
    assert models.Event.objects.filter(run=run, kind="input.expired").count() == 1
