"""The guardian of a stdio upstream: whatever ends, and however it ends, nothing that the upstream started is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sahur_mcp.proxy.transports import child

GUARDIAN = [sys.executable, "-IS", child.__file__]
# A wrapper as npx is one, with a child of its own, another one in a session of its own, and all deaf to SIGTERM.
STUBBORN = "trap '' TERM; sleep 1001 & setsid sleep 1002 & echo started; wait; wait"


def started(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*GUARDIAN, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_until(holds: Callable[[], object], what: str) -> None:
    for _ in range(1500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError(f"did not happen: {what}")


def is_running(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def family(process: int, members: int) -> list[psutil.Process]:
    """The descendants of a process, once there are as many."""
    root = psutil.Process(process)
    wait_until(lambda: len(root.children(recursive=True)) >= members, f"{members} descendants")
    return root.children(recursive=True)


def assert_all_gone(processes: list[psutil.Process]) -> None:
    wait_until(lambda: not [each for each in processes if is_running(each)], f"the end of {processes}")


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[bytes]]:
    guardian = started("sh", "-c", STUBBORN)
    yield guardian
    if guardian.poll() is None:
        os.killpg(guardian.pid, signal.SIGKILL)
    guardian.communicate()


def test_the_server_has_the_pipes_to_itself() -> None:
    told, complained = started("cat").communicate(b"one line\n", timeout=30)
    assert (told, complained) == (b"one line\n", b"")


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -9 $$", 137)])
def test_the_status_is_that_of_the_server(script: str, status: int) -> None:
    guardian = started("sh", "-c", script)
    guardian.communicate(timeout=30)
    assert guardian.returncode == status


def test_a_command_that_does_not_exist_is_told_in_words() -> None:
    guardian = started("no-such-command-anywhere")
    _, complained = guardian.communicate(timeout=30)
    assert (guardian.returncode, complained) == (127, b"no-such-command-anywhere: No such file or directory\n")


def test_asked_to_end_it_ends_all_that_the_server_started(stubborn: subprocess.Popen[bytes]) -> None:
    processes = family(stubborn.pid, 3)
    stubborn.terminate()
    assert_all_gone([*processes, psutil.Process(stubborn.pid)])


def test_a_server_that_ends_leaves_nothing_behind() -> None:
    guardian = started("sh", "-c", "setsid sleep 1003 >/dev/null 2>&1 & setsid sh -c 'sleep 1004 & wait' & sleep 0.5")
    processes = family(guardian.pid, 4)
    guardian.communicate(timeout=30)
    assert_all_gone(processes)


def test_a_killed_gateway_takes_everything_with_it() -> None:
    """The gateway is played by a process that is killed while its upstream runs."""
    command = [*GUARDIAN, "sh", "-c", STUBBORN]
    script = f"import subprocess, time; subprocess.Popen({command!r}, start_new_session=True); time.sleep(600)"
    gateway = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    processes = family(gateway.pid, 4)
    gateway.kill()
    gateway.communicate()
    assert_all_gone(processes)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of the death of its parent")
def test_a_killed_guardian_takes_the_server_with_it() -> None:
    guardian = started("sleep", "1005")
    processes = family(guardian.pid, 1)
    guardian.kill()
    guardian.communicate()
    assert_all_gone(processes)


def test_a_flood_of_complaints_is_cut(tmp_path: Path) -> None:
    script = "import sys; [sys.stderr.write('x' * 1000 + chr(10)) for _ in range(20_000)]; print('done')"
    told, complained = started(sys.executable, "-c", script).communicate(timeout=60)
    assert told == b"done\n"
    assert child.LOG_BYTES <= len(complained) < child.LOG_BYTES + 200
    assert b"bytes of this server's log were left out" in complained
