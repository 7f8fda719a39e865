"""What the person in the terminal of `manage.py up` gets to read: steps that take long, restarts, warnings in the logs."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from sahur.embedded.terminal import printable

_NOTEWORTHY = re.compile(r"\b(WARNING|ERROR|CRITICAL|FATAL|PANIC)\b|^Traceback ")
# True, but nothing that the person at the terminal could act on: a browser's bad request, a worker that Flower asks too early.
_ONLY_FOR_THE_LOG = re.compile(r"\bWARNING\b.*\b(django\.request|flower\.inspector)\b")
_SLOW_SECONDS = 2.0
_MAX_LINE = 300


@dataclass
class Console:
    """Writes whole lines, from any thread."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, line: str, name: str = "sahur") -> None:
        with self._lock:
            self.stream.write(f"{name:>8} | {printable(line)}\n")
            self.stream.flush()

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Says what is being done as soon as it takes longer than two seconds, then every ten, and when it is done."""
        done = threading.Event()
        started = time.monotonic()

        def report() -> None:
            pause = _SLOW_SECONDS
            while not done.wait(pause):
                self.say(f"{doing} … {time.monotonic() - started:.0f} s")
                pause = 10.0

        reporter = threading.Thread(target=report, name=f"step {doing}", daemon=True)
        reporter.start()
        try:
            yield
        finally:
            done.set()
            reporter.join()
        if time.monotonic() - started > _SLOW_SECONDS:
            self.say(f"{doing}: done in {time.monotonic() - started:.0f} s")


class LogWatch:
    """Shows warnings and errors of the log files from now on, each with the name of its process."""

    def __init__(self, console: Console, log_dir: Path) -> None:
        self._console = console
        self._log_dir = log_dir
        self._read = {path: path.stat().st_size for path in self._files()}

    def _files(self) -> list[Path]:
        # The supervisor's own log is told in better words by Supervision.
        return [path for path in sorted(self._log_dir.glob("*.log")) if path.stem != "supervisor"]

    def look(self) -> None:
        """Show what was written since the last look."""
        for path in self._files():
            start = self._read.get(path, 0)
            size = path.stat().st_size
            if size == start:
                continue
            with path.open("rb") as file:
                # Smaller than before: supervisord has begun a new file.
                file.seek(start if size > start else 0)
                fresh = file.read(1_000_000)
                whole = fresh.rfind(b"\n") + 1
                self._read[path] = file.tell() - len(fresh) + whole
            for line in fresh[:whole].decode(errors="replace").splitlines():
                if _NOTEWORTHY.search(line) and not _ONLY_FOR_THE_LOG.search(line):
                    self._console.say(line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]}…", path.stem)
