"""PostgreSQL on a real file system that is full: not an error that we raise, but `ENOSPC`, also for its log.

The data lies on a small tmpfs in a mount namespace that one process holds; PostgreSQL enters it, so a server that gives up
can be started again on the same data.
"""

from __future__ import annotations

import errno
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sahur.embedded.services.postgres import Postgres
from tests.e2e.system import SignedInClient, answers
from tests.faults.checker import check_all, follow, start_many, violations, wait_for_kind
from tests.faults.setting import Setting, run_setting
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]
DISK_MB = 200
MOUNT = (
    'set -e; cp -a "$0" "$0.seed"; mount -t tmpfs -o size={size}m none "$0"; cp -a "$0.seed/." "$0"; chmod 700 "$0"; echo ready'
)


@dataclass(frozen=True)
class PostgresInside(Postgres):
    """A server in the mount namespace of another process."""

    holder: int = 0

    @property
    def command(self) -> list[str]:
        return ["nsenter", "--target", str(self.holder), "--mount", "--", *super().command]


@dataclass
class SmallDisk:
    setting: Setting
    root: Path
    """The data directory as seen from outside of the namespace."""

    def fill(self) -> None:
        """Take all the space there is."""
        with (self.root / "ballast").open("wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        ballast.write(b"x" * size)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def empty(self) -> None:
        """Give the space back; a server that has given up is started again, as its supervisor would."""
        (self.root / "ballast").unlink()
        time.sleep(1)
        if self.setting.postgres_process.poll() is not None:
            self.setting.postgres_process = self.setting.cluster.start(self.setting.log)


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system without asking")
    folder = tmp_path_factory.mktemp("d")
    data = folder / "data"
    Postgres(data, folder / "run").prepare()
    script = MOUNT.format(size=DISK_MB) + "; exec sleep 3600"
    holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", script, str(data)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != "ready\n":
            pytest.skip("this machine lets nobody mount a tmpfs")
        with run_setting(folder, PostgresInside(data, folder / "run", holder=holder.pid)) as setting:
            yield SmallDisk(setting, Path(f"/proc/{holder.pid}/root{data}"))
    finally:
        holder.kill()
        holder.wait()


def test_a_full_disk_refuses_reports_and_costs_no_run(disk: SmallDisk) -> None:
    """What was acknowledged before is done; what was refused was refused with a word."""
    setting = disk.setting
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), "tool_call.started")
        disk.fill()
        accepted: list[str] = []
        refused = wait_for(lambda: refusal(client, accepted), PROCESSES_SECONDS, "a report to be refused")
        assert refused["code"] in ("storage_full", "database_unavailable")
        assert refused["next_step"]
        time.sleep(5)
        disk.empty()
        wait_for(lambda: answers(f"{setting.system.url}/api/health/ready/"), PROCESSES_SECONDS, "web to be ready again")
        check_all(client, readers)
        assert [violation for run in accepted for violation in violations(client, run)] == []


def refusal(client: SignedInClient, accepted: list[str]) -> dict[str, Any] | None:
    """Report something large; the problem if it is not taken."""
    report = {"title": "Large", "body": secrets.token_hex(60_000)}
    answer = client.post("/api/issues/", json=report, headers={"Idempotency-Key": secrets.token_hex(8)})
    found: dict[str, Any] = answer.json()
    if answer.status_code == 201:
        accepted.append(found["run"]["id"])
        return None
    assert answer.status_code == 503, answer.text
    return found
