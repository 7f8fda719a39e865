"""PostgreSQL and Valkey themselves die under a run, on services that nobody else uses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sahur.embedded.services import postgres
from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey
from tests.e2e.follow import kinds
from tests.e2e.system import System, answers, make_system, wait_for
from tests.fakes.repositories import BugCase, build
from tests.faults.checker import check, start, wait_for_kind
from tests.services import free_port

pytestmark = [pytest.mark.timeout(300), pytest.mark.full]


@dataclass
class Setting:
    system: System
    bug: BugCase
    cluster: Postgres
    valkey: Valkey
    postgres_process: subprocess.Popen[bytes]
    valkey_process: subprocess.Popen[bytes]
    log: Path

    def restart_postgres(self) -> None:
        """As after a crash of the server: connections break, the log is replayed."""
        postgres.stop(self.postgres_process, signal.SIGQUIT)
        self.postgres_process = self.cluster.start(self.log)

    def restart_valkey(self) -> None:
        self.valkey_process.kill()
        self.valkey_process.wait(10)
        self.valkey_process = self.valkey.start(self.log)


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder: Path = tmp_path_factory.mktemp("s")
    cluster = Postgres(folder / "data", folder / "run")
    valkey = Valkey(folder / "valkey", free_port())
    log = folder / "services.log"
    postgres_process, valkey_process = cluster.start(log), valkey.start(log)
    cluster.create_database()
    system = make_system(folder, DATABASE_URL=cluster.url(), REDIS_URL=valkey.url())
    system.start()
    setting = Setting(system, build("booking", folder), cluster, valkey, postgres_process, valkey_process, log)
    try:
        system.wait_until_ready()
        yield setting
    finally:
        system.stop()
        postgres.stop(setting.postgres_process)
        setting.valkey_process.kill()
        setting.valkey_process.wait(10)


@pytest.mark.parametrize("moment", ["stage.started", "tool_call.started"])
def test_a_crash_of_postgresql_loses_nothing(setting: Setting, moment: str) -> None:
    with setting.system.client() as client:
        run = start(client, setting.bug)
        wait_for_kind(client, run, moment)
        setting.restart_postgres()
        wait_for(lambda: answers(f"{setting.system.url}/api/health/ready/"), 60, "web to be ready again")
        check(client, run)


def test_a_crash_of_valkey_loses_no_run(setting: Setting) -> None:
    with setting.system.client() as client:
        runs = [start(client, setting.bug) for _ in range(3)]
        setting.restart_valkey()
        runs.append(start(client, setting.bug))
        for run in runs:
            check(client, run)


def test_a_report_is_taken_while_valkey_is_away(setting: Setting) -> None:
    setting.valkey_process.kill()
    setting.valkey_process.wait(10)
    with setting.system.client() as client:
        run = start(client, setting.bug)
        setting.valkey_process = setting.valkey.start(setting.log)
        events = check(client, run)
    assert kinds(events)[0] == "run.queued"


def test_a_worker_that_was_only_stopped_is_fenced(setting: Setting) -> None:
    """SIGSTOP until another worker took over, then SIGCONT: the first one must not write any more."""
    system = setting.system
    with system.client() as client:
        run = start(client, setting.bug)
        wait_for_kind(client, run, "tool_call.started")
        system.kill("worker", signal.SIGSTOP)
        zombie = system.processes.pop("worker")
        system.commands["worker"] = [part.replace("batch-", "batch-other-") for part in system.commands["worker"]]
        system.start("worker")
        wait_for_kind(client, run, "attempt.restarted")
        os.killpg(zombie.pid, signal.SIGCONT)
        events = check(client, run)
        os.killpg(zombie.pid, signal.SIGTERM)
        zombie.wait(60)
        assert len(check(client, run)) == len(events)
    assert re.search(r"Attempt \d+ (lost|no longer owns) run", system.log("worker"))
