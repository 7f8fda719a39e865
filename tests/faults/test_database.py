"""PostgreSQL crashes under runs, and loses single connections; what was told stays told."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from tests.e2e.system import answers
from tests.faults.checker import check_all, follow, patiently, start_many, wait_for_kind
from tests.faults.setting import Setting
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]
MOMENTS = ["stage.started", "tool_call.started", "evidence.found"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_crash_of_postgresql_loses_nothing(setting: Setting, moment: str) -> None:
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), moment)
        setting.restart_postgres()
        wait_for(lambda: answers(f"{setting.system.url}/api/health/ready/"), PROCESSES_SECONDS, "web to be ready again")
        check_all(client, readers)


@pytest.mark.parametrize("place", ["before_finish", "after_finish", "after_checkpoint"])
def test_a_crash_of_postgresql_around_the_end_of_a_stage_loses_nothing(setting: Setting, place: str) -> None:
    """The process sleeps at the place while the server goes away and comes back."""
    setting.failpoints.set({"at": place, "stage": "analyze", "do": "sleep", "seconds": 2.0})
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 2))
        wait_for(lambda: setting.failpoints.acted() == 1, PROCESSES_SECONDS, f"a worker to come to {place}")
        setting.restart_postgres()
        check_all(client, readers)


def test_lost_connections_cost_no_run(setting: Setting) -> None:
    """An administrator, or a proxy, ends every connection again and again."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        for _ in range(6):
            time.sleep(0.5)
            patiently(
                lambda: setting.system.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = "
                    "'client backend'"
                )
            )
        check_all(client, readers)


def test_a_killed_backend_restarts_the_server_and_costs_no_run(setting: Setting) -> None:
    """After `kill -9` of one backend PostgreSQL ends all others and recovers by itself."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        backends = [child for child in postgres_processes(setting) if "[local]" in " ".join(child.cmdline())]
        backends[0].send_signal(signal.SIGKILL)
        check_all(client, readers)


def postgres_processes(setting: Setting) -> list[psutil.Process]:
    return psutil.Process(setting.postgres_process.pid).children(recursive=True)
