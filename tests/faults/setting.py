"""A whole system on a PostgreSQL and a Valkey of its own, whose every process a test may kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from sahur.embedded.services import postgres
from sahur.embedded.services.postgres import Postgres
from sahur.embedded.services.valkey import Valkey
from tests.e2e.system import ROOT, SignedInClient, System, make_system
from tests.fakes.repositories import BugCase, build
from tests.faults.failpoints import Failpoints
from tests.services import free_port
from tests.waiting import PROCESSES_SECONDS, wait_for

WITH_FAILPOINTS = [sys.executable, "-m", "tests.faults.failpoints"]


@dataclass
class Setting:
    """The system, what it stands on, and the failpoints of its processes."""

    system: System
    bug: BugCase
    failpoints: Failpoints
    cluster: Postgres
    valkey: Valkey
    postgres_process: subprocess.Popen[bytes]
    valkey_process: subprocess.Popen[bytes]
    log: Path

    @contextmanager
    def client(self) -> Iterator[SignedInClient]:
        with self.system.client() as client:
            yield client

    def restart_postgres(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT is an immediate shutdown: connections break, nothing is written, the log is replayed."""
        postgres.stop(self.postgres_process, how)
        self.postgres_process = self.cluster.start(self.log)

    def stop_valkey(self) -> None:
        self.valkey_process.kill()
        self.valkey_process.wait(60)

    def start_valkey(self) -> None:
        self.valkey_process = self.valkey.start(self.log)

    def start_beside(self, name: str, like: str, **env: str) -> None:
        """Start one more process like another one, under a name and with variables of its own."""
        command = [part.replace("@%h", f"-{name}@%h") for part in self.system.commands[like]]
        with (self.system.folder / f"{name}.log").open("ab") as log:
            self.system.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env={**self.system.env, **env}, stdout=log, stderr=log, start_new_session=True
            )

    def end(self, name: str) -> None:
        """Kill a process for good, also a stopped one."""
        process = self.system.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)

    def pool_children(self, name: str = "worker") -> list[psutil.Process]:
        return psutil.Process(self.system.processes[name].pid).children()

    def wait_for_stopped(self, name: str = "worker") -> psutil.Process:
        """The pool child that a failpoint has stopped."""

        def stopped() -> psutil.Process | None:
            found = [child for child in self.pool_children(name) if child.status() == psutil.STATUS_STOPPED]
            return found[0] if found else None

        child: psutil.Process = wait_for(stopped, PROCESSES_SECONDS, f"a child of {name} to be stopped")
        return child

    def wait_for_death(self, name: str = "worker") -> None:
        """Until a failpoint has killed the process."""
        self.system.processes[name].wait(PROCESSES_SECONDS)

    def revive(self) -> None:
        """Whatever the last test left behind: everything runs, no failpoint is set."""
        self.failpoints.clear()
        for child in psutil.Process(os.getpid()).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if child.status() == psutil.STATUS_STOPPED:
                    child.kill()
        for name in self.system.commands:
            process = self.system.processes.get(name)
            if process is None or process.poll() is not None:
                self.system.start(name)
        if self.postgres_process.poll() is not None:
            self.postgres_process = self.cluster.start(self.log)
        if self.valkey_process.poll() is not None:
            self.start_valkey()
        self.system.wait_until_ready()
        self.end_runs()

    def end_runs(self) -> None:
        """Stop what a test that failed has left: such a run would come to the next test's failpoints in place of its own."""
        left = "select id::text from issues_run where status in ('queued', 'running', 'waiting')"
        if not self.system.query(left):
            return
        with self.client() as client:
            for (run,) in self.system.query(left):
                client.post(f"/api/runs/{run}/stop/").raise_for_status()
        wait_for(lambda: not self.system.query(left), PROCESSES_SECONDS, "the runs of an earlier test to end")


@contextmanager
def run_setting(folder: Path, cluster: Postgres | None = None, **settings: str) -> Iterator[Setting]:
    """Start it all below `folder`, whose path must be short: PostgreSQL's socket lies in it."""
    cluster = cluster or Postgres(folder / "data", folder / "run")
    valkey = Valkey(folder / "valkey", free_port())
    log = folder / "services.log"
    failpoints = Failpoints(folder / "failpoints")
    postgres_process, valkey_process = cluster.start(log), valkey.start(log)
    cluster.create_database()
    system = make_system(
        folder,
        DATABASE_URL=cluster.url(),
        REDIS_URL=valkey.url(),
        FAILPOINTS_DIR=str(failpoints.folder),
        # Long enough that only those that a test has killed or stopped lose theirs, not those that a busy machine lets wait.
        SAHUR_RUN_LEASE_SECONDS="8",
        **settings,
    )
    system.commands["reaper"][:2] = [sys.executable, "-m", "manage"]
    for command in system.commands.values():
        command[:2] = WITH_FAILPOINTS
    system.start()
    setting = Setting(system, build("booking", folder), failpoints, cluster, valkey, postgres_process, valkey_process, log)
    try:
        system.wait_until_ready()
        yield setting
    finally:
        system.stop()
        postgres.stop(setting.postgres_process)
        setting.stop_valkey()
