"""Valkey dies, forgets, repeats: its messages are only hints, so no run may notice more than a pause."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.e2e.follow import kinds
from tests.faults.checker import check, check_all, counted, follow, start, start_many, wait_for_kind
from tests.faults.setting import Setting

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults")]


@pytest.mark.full
@pytest.mark.parametrize("count", [3, 20])
def test_a_flushed_broker_loses_no_run(setting: Setting, count: int) -> None:
    """Two workers are busy, the hints of all others vanish; the reaper sends them again."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, count))
        wait_for_kind(client, next(iter(readers)), "stage.started")
        with redis.Redis.from_url(setting.system.env["REDIS_URL"]) as broker:
            broker.flushall()
        check_all(client, readers)


@pytest.mark.full
def test_a_crash_of_valkey_loses_no_run(setting: Setting) -> None:
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 4))
        wait_for_kind(client, next(iter(readers)), "step.started")
        setting.stop_valkey()
        setting.start_valkey()
        readers |= follow(client, start_many(client, setting.bug, 2))
        check_all(client, readers)


@pytest.mark.full
def test_a_report_is_taken_while_valkey_is_away(setting: Setting) -> None:
    with setting.client() as client:
        readers = follow(client, [start(client, setting.bug)])
        wait_for_kind(client, next(iter(readers)), "step.started")
        setting.stop_valkey()
        late = start(client, setting.bug)
        setting.start_valkey()
        assert kinds(check(client, late))[0] == "run.queued"
        check_all(client, readers)


@pytest.mark.full
def test_a_message_that_comes_five_times_is_worked_on_once(setting: Setting) -> None:
    """Every hint is sent five times, and each copy of the chain sends its next link."""
    setting.failpoints.send_copies(5)
    with setting.client() as client:
        told = check_all(client, follow(client, start_many(client, setting.bug, 4)))
    assert all(counted(events, "stage.started") == 4 for events in told)


@pytest.mark.full
def test_readers_whose_hints_are_lost_read_everything(setting: Setting) -> None:
    """The channel layer loses its connections all the time; the queue of the workers does not."""
    with setting.client() as client, lost_hints(setting.system.env["REDIS_URL"]):
        check_all(client, follow(client, start_many(client, setting.bug, 3)))


@contextmanager
def lost_hints(url: str) -> Iterator[None]:
    """Cut every subscription, again and again."""
    is_over = threading.Event()

    def cut() -> None:
        with redis.Redis.from_url(url) as broker:
            while not is_over.wait(0.2):
                broker.client_kill_filter(_type="pubsub")

    cutter = threading.Thread(target=cut, daemon=True)
    cutter.start()
    try:
        yield
    finally:
        is_over.set()
        cutter.join()
