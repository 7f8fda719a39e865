"""Receipts on disk until the server has them: a crash, a restart or a server that is down loses none.

A spool directory holds one numbered folder per gateway process, locked while the process lives. A receipt is one JSON
line, appended to the open segment; a full segment is synced and renamed, and removed once the server has stored it.
"""

from __future__ import annotations

import fcntl
import logging
import os
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from uuid_utils.compat import uuid7

logger = logging.getLogger(__name__)

_OPEN = ".open"
_SEALED = ".jsonl"
_REFUSED = ".refused"


@dataclass(frozen=True)
class OpenSegment:
    path: Path
    file: FileIO


class Spool:
    """A queue of lines in files. Not thread-safe, except for `seal`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._folder = directory
        self._lock: FileIO | None = None
        self._segment: OpenSegment | None = None

    def open(self) -> None:
        """Take a folder of our own and adopt what ended processes left behind. Raises `OSError`."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = 0
        while (lock := _try_lock(self._directory / str(number))) is None:
            number += 1
        self._lock, self._folder = lock, self._directory / str(number)
        self._seal_leftovers(self._folder)
        for other in self._directory.iterdir():
            if other != self._folder and other.is_dir():
                self._adopt(other)

    def append(self, line: bytes) -> None:
        """Add one line. After this a killed process loses nothing; a killed machine may lose what is not sealed."""
        if self._segment is None:
            path = self._folder / f"{uuid7()}{_OPEN}"
            self._segment = OpenSegment(path, FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a"))
        data = line + b"\n"
        while data:
            data = data[self._segment.file.write(data) or 0 :]

    def cut(self) -> OpenSegment | None:
        """End the open segment, if there is one; the next line starts another."""
        segment, self._segment = self._segment, None
        return segment

    def seal(self, segment: OpenSegment) -> None:
        """Make a segment that was cut durable and ready to be read. May run in a thread of its own."""
        os.fsync(segment.file.fileno())
        segment.file.close()
        segment.path.rename(segment.path.with_suffix(_SEALED))
        _sync_folder(self._folder)

    def segments(self) -> list[Path]:
        """The sealed segments, oldest first."""
        return sorted(self._folder.glob(f"*{_SEALED}"))

    def read(self, segment: Path) -> list[bytes]:
        """Its whole lines; one that was torn by a crash is left out."""
        lines = segment.read_bytes().split(b"\n")
        if lines[-1]:
            logger.warning("The last receipt in %s was torn by a crash and is left out.", segment.name)
        return [line for line in lines[:-1] if line]

    def remove(self, segment: Path) -> None:
        segment.unlink(missing_ok=True)

    def set_aside(self, line: bytes) -> None:
        """Keep a line that the server refuses where people can look at it."""
        with (self._folder / f"receipts{_REFUSED}").open("ab") as file:
            file.write(line + b"\n")

    def close(self) -> None:
        segment = self.cut()
        if segment is not None:
            self.seal(segment)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _adopt(self, folder: Path) -> None:
        lock = _try_lock(folder)
        if lock is None:
            return
        self._seal_leftovers(folder)
        for segment in folder.glob(f"*{_SEALED}"):
            segment.rename(self._folder / segment.name)
        lock.close()

    @staticmethod
    def _seal_leftovers(folder: Path) -> None:
        for leftover in folder.glob(f"*{_OPEN}"):
            leftover.rename(leftover.with_suffix(_SEALED))


def _try_lock(folder: Path) -> FileIO | None:
    """The lock of a process's folder, or None while another process holds it."""
    folder.mkdir(exist_ok=True, mode=0o700)
    lock = FileIO(os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
