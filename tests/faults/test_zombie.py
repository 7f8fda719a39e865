"""A worker that was only stopped wakes up after another one took over: it must not write any more.

The control takes the fences away and must break a promise; so the other tests can fail.
"""

from __future__ import annotations

import re
import signal

import psutil
import pytest

from tests.e2e.system import SignedInClient
from tests.faults.checker import check, check_all, follow, start, violations, wait_for_kind
from tests.faults.setting import Setting
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults")]
FENCED = re.compile(r"Attempt \d+ (lost|no longer owns) run")


def stop_in(setting: Setting, client: SignedInClient, place: str, worker: str = "worker") -> tuple[str, psutil.Process]:
    """A run, and the pool child that stands still at this place of its analysis, long enough to have lost it."""
    setting.failpoints.set({"at": place, "stage": "analyze", "do": "stop"})
    run = start(client, setting.bug)
    zombie = setting.wait_for_stopped(worker)
    wait_for_kind(client, run, "attempt.restarted")
    return run, zombie


@pytest.mark.parametrize(
    "place", ["after_checkpoint", *(pytest.param(place, marks=pytest.mark.full) for place in ("before_finish", "before_append"))]
)
def test_a_zombie_that_wakes_up_while_another_works_is_fenced(setting: Setting, place: str) -> None:
    fenced_before = len(FENCED.findall(setting.system.log("worker")))
    with setting.client() as client:
        run, zombie = stop_in(setting, client, place)
        readers = follow(client, [run])
        zombie.send_signal(signal.SIGCONT)
        check_all(client, readers)
        wait_for(
            lambda: len(FENCED.findall(setting.system.log("worker"))) > fenced_before, PROCESSES_SECONDS, "the zombie to notice"
        )
        check(client, run)


@pytest.mark.full
def test_a_zombie_that_holds_locks_keeps_nobody_waiting(setting: Setting) -> None:
    """It stands still inside the transaction that ends its stage, with the run's row and lease locked."""
    with setting.client() as client:
        run, zombie = stop_in(setting, client, "in_finish")
        readers = follow(client, [run, start(client, setting.bug)])
        check_all(client, readers)
        zombie.send_signal(signal.SIGCONT)
        check(client, run)


@pytest.mark.full
@pytest.mark.parametrize("place", ["after_checkpoint", "before_finish", "before_append"])
def test_a_zombie_that_wakes_up_after_the_end_is_fenced(setting: Setting, place: str) -> None:
    fenced_before = len(FENCED.findall(setting.system.log("worker")))
    with setting.client() as client:
        run, zombie = stop_in(setting, client, place)
        told = check(client, run)
        zombie.send_signal(signal.SIGCONT)
        wait_for(
            lambda: len(FENCED.findall(setting.system.log("worker"))) > fenced_before, PROCESSES_SECONDS, "the zombie to notice"
        )
        assert check(client, run) == told


@pytest.mark.full
@pytest.mark.parametrize("place", ["after_checkpoint", "before_finish"])
def test_without_fences_a_zombie_breaks_promises(setting: Setting, place: str) -> None:
    """The control: the same as above, in a worker whose fences are gone."""
    setting.end("worker")
    setting.start_beside("unfenced", "worker", UNFENCED="1")
    try:
        with setting.client() as client:
            run, zombie = stop_in(setting, client, place, worker="unfenced")
            check(client, run)
            zombie.send_signal(signal.SIGCONT)
            broken = wait_for(lambda: violations(client, run, seconds=2), PROCESSES_SECONDS, "a broken promise")
    finally:
        setting.end("unfenced")
    assert {violation.promise for violation in broken} & {"fencing", "stages", "ending"}
