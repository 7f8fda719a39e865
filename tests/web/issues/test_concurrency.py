"""A worker that streams and people who talk at the same time: no deadlock, no gap, every message there."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from sahur.issues import events, models, selectors
from sahur.issues.services import messages, runs
from sahur_core.events import NoticeRaised
from sahur_core.issues import Stage

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25


def test_streaming_and_talking_do_not_block_each_other(run):
    got = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="test", lease_seconds=30, team_limit=10)
    assert got is not None
    errors: list[Exception] = []

    def repeat(work) -> None:
        try:
            for number in range(ROUNDS):
                work(number)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def stream(number: int) -> None:
        events.append(run.id, [events.NewEvent(NoticeRaised(level="info", message=str(number)))] * 3, attempt=got.attempt)

    def talk(number: int) -> None:
        messages.say(run, f"message {number}", author_name="Rita", author_id=None)

    def take_in(number: int) -> None:
        messages.take_in(run, got.attempt, number)

    threads = [threading.Thread(target=repeat, args=(work,)) for work in (stream, stream, talk, talk, take_in)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    last = selectors.last_seq(run.id)
    assert list(models.Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True)) == list(range(1, last + 1))
    assert models.Message.objects.filter(run=run).count() == 2 * ROUNDS
