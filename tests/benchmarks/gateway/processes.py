"""Processes that the benchmark starts, their cost, and their end: none outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[3]
_TIED = Path(__file__).with_name("tied.py")
STOP_SECONDS = 15


class NotStarted(Exception):
    """A process did not come up; the message tells what it said."""


@dataclass
class Server:
    """A running process with all of its children."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until(self, probe: Callable[[], bool], seconds: float = 60) -> None:
        """Raises `NotStarted` if it ends, or if the probe is not true in time."""
        until = time.monotonic() + seconds
        while not probe():
            if self.process.poll() is not None or time.monotonic() > until:
                end = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
                raise NotStarted(f"{self.name} did not start (status {self.process.returncode}):\n{end}")
            time.sleep(0.1)

    def cpu_seconds(self) -> float:
        """Processor time of the process and its children, ended ones too."""
        total = 0.0
        for process in self._tree():
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total

    def memory_mb(self) -> float:
        """Resident memory of the process and its children, in megabytes."""
        total = 0
        for process in self._tree():
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total / 2**20

    def _tree(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def stop(self) -> None:
        """End it in order, with its whole group; kill what does not end in time."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def start(name: str, command: list[str], log: Path, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Server:
    """Start a command in a process group of its own, its output in a log. `env` comes on top of ours."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, str(_TIED), *command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Server(name, process, log)
