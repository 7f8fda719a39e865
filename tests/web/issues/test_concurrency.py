"""Several at work on the same rows at the same time: no deadlock, no gap, everything that was said is there."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from sahur.issues import events, models, selectors
from sahur.issues.services import checkouts, forks, messages, repositories, runs
from sahur.issues.services.locks import hold_lease, lock_run
from sahur_core.errors import RepositoryError
from sahur_core.events import NoticeRaised
from sahur_core.issues import ForkKind, RunStatus, Stage
from tests.waiting import wait_for

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


IN_ITS_WAY = {
    "the indexer is done": lambda work: checkouts.finish(work, "a" * 40, 1),
    "the indexer fails": lambda work: checkouts.fail(work, RepositoryError("Broken."), "Broken."),
    "the repository is removed": lambda work: repositories.remove(work.checkout.repository),
}


@pytest.mark.parametrize("what", IN_ITS_WAY)
def test_a_request_for_a_repository_is_in_nobodys_way(team, what):
    """Neither waits for what the other holds. The request has come as far as the repository's row when the other begins."""
    repository = models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    with ThreadPoolExecutor(1) as others:
        with transaction.atomic():
            checkouts.request(repository, "v1")
            other = others.submit(in_a_connection_of_its_own, lambda: IN_ITS_WAY[what](work))
            wait_for(lambda: is_waiting_for_a_lock() or other.done(), 60, "the other one to meet the request")
            checkouts.request(repository, "")
        other.result(60)


def test_a_branch_from_a_run_that_ends_is_not_in_its_way(run):
    """The run has come as far as its lease, and has its issue still to change, when somebody branches from it."""
    got = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="test", lease_seconds=30, team_limit=10)
    runs.request_stop(run.id, "Rita")
    point = runs.ForkPoint(run, ForkKind.BRANCH, "", Stage.GATHER_CONTEXT.value, Stage.ANALYZE)
    asked = runs.Asked(by="Ada", user_id=None, trace_id="")
    with ThreadPoolExecutor(1) as others:
        with transaction.atomic():
            lock_run(run.id)
            hold_lease(run.id, got.attempt)
            other = others.submit(in_a_connection_of_its_own, lambda: forks.branch(point, asked, "Look elsewhere."))
            wait_for(lambda: is_waiting_for_a_lock() or other.done(), 60, "the branch to meet the end")
            runs.cancel(got)
        other.result(60)
    assert models.Run.objects.get(forked_from=run).status == RunStatus.QUEUED


def in_a_connection_of_its_own(work) -> None:
    try:
        work()
    finally:
        connection.close()


def is_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        return cursor.fetchone() is not None
