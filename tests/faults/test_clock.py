"""Clocks jump: of a worker's host, of the reaper's host, of the database. No run may fail or be done twice for it.

A jump of the database's clock is simulated from its other side. Every time that the engine compares is stored by the
database and compared with `now()`: if all stored times of live rows move by -1 h, each comparison gives what it would
give if the clock had jumped by +1 h, and the other way round. PostgreSQL itself needs no clock that is monotonic.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.checker import check_all, counted, follow, start_many, wait_for_kind
from tests.faults.failpoints import Failpoints
from tests.faults.setting import Setting
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]
HOUR = 3600.0
MOVES = (
    "update issues_runlease set lease_until = lease_until + %s::float * interval '1 s' where lease_until is not null returning 1",
    "update issues_run set dispatched_at = dispatched_at + %s::float * interval '1 s' "
    "where status in ('queued', 'running', 'waiting') returning 1",
    "update issues_effect set due_at = due_at + %s::float * interval '1 s' where state in ('pending', 'started') returning 1",
)


def move_stored_times(setting: Setting, seconds: float) -> None:
    for sql in MOVES:
        setting.system.query(sql, seconds)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_of_the_hosts_clock_changes_nothing(setting: Setting, jump: float) -> None:
    """Workers, reaper, web and gateway share the host; PostgreSQL is on another one. No attempt is lost for it."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        setting.failpoints.shift_clocks(jump)
        told = check_all(client, readers)
        told += check_all(client, follow(client, start_many(client, setting.bug, 1)))
    assert all(counted(events, "attempt.restarted") == 0 for events in told)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_worker_lost_before_the_hosts_clock_jumps_is_replaced(setting: Setting, jump: float) -> None:
    setting.failpoints.set({"at": "after_checkpoint", "stage": "analyze", "do": "kill_worker"})
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        setting.wait_for_death()
        setting.failpoints.shift_clocks(jump)
        setting.system.start("worker")
        check_all(client, readers)


def test_workers_whose_clocks_differ_share_runs(setting: Setting, tmp_path: Path) -> None:
    """The stages of a run go to and fro between two hosts, one of which is three seconds behind."""
    behind = Failpoints(tmp_path / "behind")
    behind.shift_clocks(-3)
    setting.start_beside("behind", "worker", FAILPOINTS_DIR=str(behind.folder))
    try:
        wait_for(lambda: "ready." in setting.system.log("behind"), PROCESSES_SECONDS, "the other worker to be ready")
        with setting.client() as client:
            told = check_all(client, follow(client, start_many(client, setting.bug, 6)))
    finally:
        setting.end("behind")
    assert all(counted(events, "stage.finished") == 4 for events in told)
    assert all(counted(events, "solution.proposed") == 1 for events in told)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_of_the_databases_clock_costs_no_run(setting: Setting, jump: float) -> None:
    """Forward, every lease seems to have run out: the runs begin their step again. Backward, nothing is lost."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 4))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        move_stored_times(setting, -jump)
        check_all(client, readers)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_worker_lost_before_the_databases_clock_jumps_is_replaced(setting: Setting, jump: float) -> None:
    """Backward, its lease seems to hold for another hour: nobody may wait for that."""
    setting.failpoints.set({"at": "after_checkpoint", "stage": "analyze", "do": "kill_worker"})
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 4))
        setting.wait_for_death()
        move_stored_times(setting, -jump)
        setting.system.start("worker")
        check_all(client, readers)


def test_a_queued_run_whose_hint_is_lost_before_the_clock_jumps_back_is_found(setting: Setting) -> None:
    setting.system.kill("worker")
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        wait_for(
            lambda: setting.system.query("select 1 from issues_run where status = 'queued'"), PROCESSES_SECONDS, "queued runs"
        )
        setting.stop_valkey()
        setting.start_valkey()
        move_stored_times(setting, HOUR)
        setting.system.start("worker")
        check_all(client, readers)
