"""What the child of a stdio upstream writes to its standard error: its end is kept, and the log gets a bounded share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TextIO

from sahur_core.redaction.redactor import Redactor

logger = logging.getLogger(__name__)

KEPT_LINES = 40
MAX_LINE_CHARS = 400
BURST_LINES = 20
LINES_PER_SECOND = 0.2
"""Of one upstream, in the log: a burst of lines, then twelve a minute."""
DRAIN_SECONDS = 0.5
_CHUNK_BYTES = 65_536


class ChildOutput:
    """Reads one child's standard error for as long as the child lives. Secrets are taken out of what is shown of it."""

    def __init__(self, upstream: str, secrets: tuple[str, ...], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._upstream = upstream
        self._secrets = secrets
        self._clock = clock
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._rest = b""
        self._allowance = float(BURST_LINES)
        self._refilled_at = clock()
        self._left_out = 0

    @property
    def last_lines(self) -> list[str]:
        """The last lines, oldest first; each cut and without secrets."""
        redactor = Redactor(self._secrets)
        return [redactor.text(line)[:MAX_LINE_CHARS] for line in self._lines]

    @asynccontextmanager
    async def pipe(self) -> AsyncIterator[TextIO]:
        """The file to give to the child. Close it once the child has it: the end of the child is then seen here."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(reading, self._read, reading, ended)
        try:
            with os.fdopen(writing, "w") as file:
                yield file
            # The child is gone; what it wrote last may still lie in the pipe.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    await ended.wait()
        finally:
            loop.remove_reader(reading)
            os.close(reading)
            self._take(b"\n" if self._rest else b"")

    def _read(self, reading: int, ended: asyncio.Event) -> None:
        try:
            data = os.read(reading, _CHUNK_BYTES)
        except BlockingIOError:
            return
        if not data:
            asyncio.get_running_loop().remove_reader(reading)
            ended.set()
        self._take(data)

    def _take(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_CHUNK_BYTES:]
        for line in lines:
            text = "".join(char if char.isprintable() else " " for char in line.decode(errors="replace")).rstrip()
            if text:
                # A secret that the cut would halve is longer than anything that is shown of the line.
                self._lines.append(text[: 10 * MAX_LINE_CHARS])
                self._log(self._lines[-1])

    def _log(self, line: str) -> None:
        now = self._clock()
        self._allowance = min(BURST_LINES, self._allowance + (now - self._refilled_at) * LINES_PER_SECOND)
        self._refilled_at = now
        if self._allowance < 1:
            self._left_out += 1
            return
        self._allowance -= 1
        if self._left_out:
            logger.info("upstream %s wrote %d more lines to its standard error", self._upstream, self._left_out)
            self._left_out = 0
        logger.info("upstream %s: %s", self._upstream, Redactor(self._secrets).text(line)[:MAX_LINE_CHARS])
