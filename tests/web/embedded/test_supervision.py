"""Supervision: what dies is started again and said, and nothing is left after the end."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sahur.embedded import leftovers
from sahur.embedded.home import Home
from sahur.embedded.processes import Process
from sahur.embedded.supervision import Supervision, ending_in_words

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
# A parent with a child in its own process group, as a Celery worker has.
FAMILY = [sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"]


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def pid_of(supervision: Supervision, name: str) -> int:
    process = leftovers.process_of(supervision.home.pid_file(name))
    return process.pid if process else 0


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., tuple[Supervision, list[str]]]]:
    running: list[Supervision] = []

    def start(*processes: Process, folder: str = "home 100% #1 ;") -> tuple[Supervision, list[str]]:
        said: list[str] = []
        home = Home(tmp_path / folder)
        home.create()
        supervision = Supervision(home, tmp_path, processes, said.append)
        running.append(supervision)
        supervision.start()
        for process in processes:
            supervision.start_process(process)
        wait_for(lambda: all(pid_of(supervision, process.name) for process in processes))
        return supervision, said

    yield start
    for supervision in running:
        # What a killed parent leaves behind is nobody's child any more, but still of the group that bears its id.
        groups = [pid for process in supervision.processes if (pid := pid_of(supervision, process.name))]
        supervision.stop()
        for group in groups:
            leftovers.kill_group(group)
        supervision.home.clear()


def test_a_killed_process_is_started_again_and_said(supervised: Callable[..., tuple[Supervision, list[str]]]) -> None:
    supervision, said = supervised(Process("sleeper", SLEEPER))
    before = pid_of(supervision, "sleeper")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: pid_of(supervision, "sleeper") not in (0, before))
    wait_for(lambda: bool(said))
    assert said == ["sleeper was killed (signal 9): started again"]


def test_orphans_of_a_killed_process_are_ended(supervised: Callable[..., tuple[Supervision, list[str]]]) -> None:
    supervision, _ = supervised(Process("family", FAMILY))
    parent = psutil.Process(pid_of(supervision, "family"))
    wait_for(lambda: bool(parent.children()))
    child = parent.children()[0]
    parent.kill()
    wait_for(lambda: not child.is_running())


def test_stop_ends_groups_in_reverse_order_and_leaves_nothing(supervised: Callable[..., tuple[Supervision, list[str]]]) -> None:
    supervision, _ = supervised(Process("postgres", SLEEPER, "postgres", priority=1), Process("web", SLEEPER))
    pids = [pid_of(supervision, name) for name in ("postgres", "web")]
    supervision.stop()
    log = supervision.home.log("supervisor").read_text()
    assert log.index("stopped: web") < log.index("stopped: postgres")
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_what_a_killed_supervisor_left_is_found_and_ended(supervised: Callable[..., tuple[Supervision, list[str]]]) -> None:
    supervision, _ = supervised(Process("postgres", SLEEPER, "postgres", priority=1), Process("family", FAMILY))
    supervisor = psutil.Process(int(supervision.home.pid_file("supervisor").read_text()))
    pids = [pid_of(supervision, name) for name in ("postgres", "family")]
    supervisor.kill()
    wait_for(lambda: not supervision.is_alive())
    assert all(psutil.pid_exists(pid) for pid in pids)
    assert Supervision(supervision.home, supervision.directory, supervision.processes, print).end_leftovers() == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_process_that_does_not_stay_up_is_given_up_with_the_end_of_its_log(
    supervised: Callable[..., tuple[Supervision, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sahur.embedded.supervision._STARTS_BEFORE_GIVING_UP", 0)
    supervision, said = supervised(Process("good", SLEEPER))
    supervision.stop()
    supervision, said = (
        Supervision(
            supervision.home, supervision.directory, [Process("bad", ["/bin/sh", "-c", "echo no luck; exit 3"])], said.append
        ),
        said,
    )
    supervision.start()
    try:
        supervision.start_process(supervision.processes[0])
        wait_for(lambda: "bad" in supervision.gave_up)
    finally:
        supervision.stop()
    assert "no luck" in said[-1]


def test_a_process_that_ends_a_while_after_each_start_cannot_start(
    supervised: Callable[..., tuple[Supervision, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sahur.embedded.supervision._STARTS_BEFORE_GIVING_UP", 2)
    supervision, _ = supervised(Process("late", ["/bin/sh", "-c", "sleep 2.2; exit 1"]), Process("good", SLEEPER))
    wait_for(lambda: supervision.cannot_start("late"))
    assert "late" not in supervision.gave_up
    assert not supervision.cannot_start("good")


def test_a_process_does_not_see_what_is_kept_from_it(
    supervised: Callable[..., tuple[Supervision, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAHUR_SECRET_KEY", "hidden")
    monkeypatch.setenv("SAHUR_LOG_LEVEL", "seen")
    supervision, _ = supervised(Process("sleeper", SLEEPER, without=("SAHUR_SECRET_KEY",)))
    pid = pid_of(supervision, "sleeper")
    wait_for(lambda: psutil.Process(pid).name().startswith("python"))
    environ = psutil.Process(pid).environ()
    assert "SAHUR_SECRET_KEY" not in environ
    assert environ["SAHUR_LOG_LEVEL"] == "seen"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("terminated by SIGKILL", "was killed (signal 9)"),
        ("terminated by SIGSEGV (core dumped)", "was killed (signal 11)"),
        ("exit status 1", "ended (exit status 1)"),
    ],
)
def test_how_a_process_ended_is_told_in_words(reason: str, words: str) -> None:
    assert ending_in_words(reason) == words
