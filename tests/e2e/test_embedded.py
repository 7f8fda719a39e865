"""The system that `make run` starts: it comes up, does its job, heals itself and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from sahur.embedded import environment, leftovers
from sahur.embedded.home import Home
from tests.fakes.repositories import BugCase, build
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
SUPERVISED = ("postgres", "valkey", "web", "mcp", "worker", "effects", "indexer", "reaper")
pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("embedded")]


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not in time"
        time.sleep(0.2)


@dataclass
class Running:
    """`manage.py up` in a home of its own, with everything it has said."""

    home: Home
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def url(self) -> str:
        return environment.read(self.home.env_file)["SAHUR_PUBLIC_URL"]

    def is_ready(self) -> bool:
        status = self.home.status()
        assert self.process.poll() is None, self.said
        return status is not None and status.phase == "ready" and status.pid == self.process.pid

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/health/ready/", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

    def pid_of(self, name: str) -> int:
        process = leftovers.process_of(self.home.pid_file(name))
        return process.pid if process else 0

    def all_pids(self) -> set[int]:
        """Every process of this system, with all their children."""
        pids = {pid for pid in map(self.pid_of, ("supervisor", *SUPERVISED)) if pid} | {self.process.pid}
        for pid in list(pids):
            if psutil.pid_exists(pid):
                pids |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
        return pids


def clean_environment(home: Home) -> dict[str, str]:
    """The environment of a person's shell: nothing of the test session's own services."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"SAHUR_|DATABASE_URL|REDIS_URL|DJANGO_", name)}
    return kept | {"SAHUR_EMBEDDED_DIR": str(home.directory)}


def manage(home: Home, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=clean_environment(home), text=True, capture_output=True, check=False, timeout=300, **options
    )  # type: ignore[call-overload,no-any-return]


def start(home: Home) -> Running:
    output = home.directory.parent / f"up-{time.monotonic_ns()}.log"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-flower"],
            cwd=ROOT,
            env=clean_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    return Running(home, process, output)


def stop(running: Running) -> None:
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(90)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("embedded") / "a home with spaces")
    made.create()
    names = ("SAHUR_WEB_PORT", "SAHUR_MCP_PORT", "SAHUR_FLOWER_PORT", "SAHUR_VALKEY_PORT")
    environment.write(made.env_file, {name: str(free_port()) for name in names})
    return made


@pytest.fixture(scope="module")
def running(home: Home) -> Iterator[Running]:
    started = start(home)
    try:
        wait_for(started.is_ready, "the first start")
        yield started
    finally:
        stop(started)


@pytest.fixture(scope="module")
def bug(tmp_path_factory: pytest.TempPathFactory) -> BugCase:
    return build("booking", tmp_path_factory.mktemp("bug"))


def report_on(bug: BugCase) -> list[str]:
    return ["report", "--repository", str(bug.path), "--title", bug.title, "--body-file", "-"]


def test_the_first_start_prints_a_one_time_password_once(running: Running) -> None:
    assert re.search(r"First user: admin\n +One-time password: \S{12,}", running.said)


def test_secrets_are_for_their_owner_only(running: Running) -> None:
    assert stat.S_IMODE(running.home.env_file.stat().st_mode) == 0o600


def test_a_second_start_says_where_the_first_one_is(running: Running) -> None:
    done = manage(running.home, "up")
    assert done.returncode == 1
    assert f"already running here at {running.url}" in done.stderr


def test_a_report_ends_in_a_solution(running: Running, bug: BugCase) -> None:
    done = manage(running.home, *report_on(bug), "--json", input=bug.body)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["issue"]["key"].startswith("SAH-")
    assert bug.file in [location["path"] for location in answer["solution"]["locations"]]
    assert answer["evidence"]


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        (["--repository", "."], "", "empty"),
        (["--repository", "."], "x" * 900_000, "longer than"),
        (["--repository", "."], "a\x00b", "binary"),
        (["--repository", "/does/not/exist"], "it broke", "/does/not/exist"),
        (["--repository", "file:///etc"], "it broke", "file"),
        (["--repository", ".", "--team", "NOPE"], "it broke", "no team NOPE"),
    ],
    # The test's name lies in the environment of what it starts: there is no room for the long text.
    ids=["empty", "too long", "binary", "no such folder", "a file's address", "no such team"],
)
def test_bad_input_is_refused_with_a_clear_message(running: Running, arguments: list[str], text: str, expected: str) -> None:
    done = manage(running.home, "report", *arguments, "--title", "", "--body-file", "-", input=text)
    assert (done.returncode, expected in done.stderr) == (2, True), done.stdout + done.stderr


def test_a_missing_report_file_is_refused(running: Running) -> None:
    done = manage(running.home, "report", "--repository", ".", "--body-file", "/no/such/file")
    assert done.returncode == 2
    assert "/no/such/file" in done.stderr


@pytest.mark.parametrize("name", SUPERVISED)
def test_a_killed_process_heals_and_is_said(running: Running, name: str) -> None:
    wait_for(lambda: running.pid_of(name) != 0, name)
    before = running.pid_of(name)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: running.pid_of(name) not in (0, before), f"a new {name}")
    wait_for(lambda: f"{name} was killed (signal 9): started again" in running.said, f"{name} in the terminal")
    wait_for(running.answers, "health")


@pytest.mark.full
def test_a_killed_supervisor_heals(running: Running) -> None:
    before = running.pid_of("supervisor")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: running.pid_of("supervisor") not in (0, before), "a new supervisor")
    wait_for(running.answers, "health")


def test_stopping_leaves_nothing_and_the_next_start_finds_its_data(running: Running) -> None:
    pids = running.all_pids()
    running.process.terminate()
    assert running.process.wait(90) == 0, running.said
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    assert not running.home.socket_dir.exists()
    again = start(running.home)
    try:
        wait_for(again.is_ready, "the second start")
        assert "One-time password" not in again.said
        assert again.url == running.url
    finally:
        stop(again)
    assert manage(running.home, "check").returncode == 0


@pytest.mark.full
def test_when_the_command_itself_is_killed_nothing_stays(running: Running) -> None:
    again = start(running.home)
    wait_for(again.is_ready, "a start")
    pids = again.all_pids()
    again.process.kill()
    again.process.wait()
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids), "the end of all processes")


@pytest.mark.full
def test_a_report_starts_the_system_for_itself_and_stops_it(running: Running, bug: BugCase) -> None:
    done = manage(running.home, *report_on(bug), input=bug.body)
    assert done.returncode == 0, done.stdout + done.stderr
    assert bug.file in done.stdout
    assert not running.home.is_locked()
