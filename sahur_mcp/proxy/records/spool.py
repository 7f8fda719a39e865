"""Receipts on disk until the server has them: a crash, a restart or a server that is down loses none.

A spool directory holds one numbered folder per gateway process, locked while the process lives. A receipt is one JSON
line, appended to the open segment; a segment that was cut is synced and renamed, and removed once the server has stored
it.
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

SEGMENT_BYTES = 8_000_000
"""A segment is read back as a whole, so it is cut when it is longer than this."""
REFUSED_BYTES = 50_000_000
"""What the server refused is kept for people to look at, but no more of it than this."""


@dataclass
class OpenSegment:
    path: Path
    file: FileIO
    size: int = 0


class Spool:
    """A queue of lines in files. Not thread-safe, except for `seal`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._folder = directory
        self._lock: FileIO | None = None
        self._segment: OpenSegment | None = None
        self._cut: list[OpenSegment] = []
        self._sealed: dict[Path, int] = {}
        self.size = 0
        """Bytes of all lines that were not removed yet."""

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
        self._sealed = {path: path.stat().st_size for path in self._folder.glob(f"*{_SEALED}")}
        self.size = sum(self._sealed.values())

    def append(self, line: bytes) -> None:
        """Add one line. After this a killed process loses nothing; a killed machine may lose what is not sealed.

        Raises `OSError` where the disk does not take it, or only in part; then nothing of the line is left.
        """
        segment = self._write(line + b"\n")
        segment.size += len(line) + 1
        self.size += len(line) + 1
        if segment.size >= SEGMENT_BYTES:
            self._end_segment()

    def try_out(self, size: int) -> None:
        """Raises `OSError` if a line of this size could not be added. Writes, and takes back, empty lines."""
        self._take_back(self._write(b"\n" * size))

    def _write(self, data: bytes) -> OpenSegment:
        if self._segment is None:
            path = self._folder / f"{uuid7()}{_OPEN}"
            self._segment = OpenSegment(path, FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a"))
        segment = self._segment
        try:
            while data:
                data = data[segment.file.write(data) or 0 :]
        except OSError:
            self._take_back(segment)
            raise
        return segment

    def _take_back(self, segment: OpenSegment) -> None:
        """Cut off what was written last, or else end the segment with it: readers leave a torn last line out."""
        try:
            os.ftruncate(segment.file.fileno(), segment.size)
        except OSError:
            self._end_segment()

    def _end_segment(self) -> None:
        if self._segment is not None:
            self._cut.append(self._segment)
            self._segment = None

    def cut(self) -> list[OpenSegment]:
        """End the open segment, if there is one; the next line starts another. All that are ended and not sealed yet."""
        self._end_segment()
        return list(self._cut)

    def seal(self, segment: OpenSegment) -> None:
        """Make a segment that was cut durable. May run in a thread of its own; `sealed` must follow."""
        os.fsync(segment.file.fileno())
        if segment.path.exists():
            segment.path.rename(segment.path.with_suffix(_SEALED))
        _sync_folder(self._folder)

    def sealed(self, segment: OpenSegment) -> None:
        """The segment was sealed, and may be read."""
        segment.file.close()
        self._cut.remove(segment)
        self._sealed[segment.path.with_suffix(_SEALED)] = segment.size

    def segments(self) -> list[Path]:
        """The sealed segments, oldest first."""
        return sorted(self._sealed)

    def read(self, segment: Path) -> list[bytes]:
        """Its whole lines; one that was torn by a crash is left out."""
        lines = segment.read_bytes().split(b"\n")
        if lines[-1]:
            logger.warning("The last receipt in %s was torn by a crash and is left out.", segment.name)
        return [line for line in lines[:-1] if line]

    def remove(self, segment: Path) -> None:
        segment.unlink(missing_ok=True)
        self.size -= self._sealed.pop(segment, 0)

    def set_aside(self, line: bytes) -> None:
        """Keep a line that the server refuses where people can look at it, as long as there is room for such."""
        with (self._folder / f"receipts{_REFUSED}").open("ab") as file:
            if file.tell() + len(line) <= REFUSED_BYTES:
                file.write(line + b"\n")

    def close(self) -> None:
        for segment in self.cut():
            self.seal(segment)
            self.sealed(segment)
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
