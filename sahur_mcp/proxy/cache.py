"""Answers of reads that cannot change, kept for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Entry(Generic[T]):
    value: T
    size: int
    until: float


class ResultCache(Generic[T]):
    """The most recently used values within a number of bytes, each for at most `keep_seconds`.

    A key must hold everything that the answer depends on: who may see it, which server and policy, which arguments.
    """

    def __init__(
        self, max_bytes: int = 64_000_000, keep_seconds: float = 600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_bytes = max_bytes
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._entries: OrderedDict[str, _Entry[T]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> T | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.until <= self._clock():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: str, value: T, size: int, keep_seconds: float = 0.0) -> None:
        """Keep a value of about `size` bytes, for `keep_seconds` or as long as values are kept; none over a tenth of the room."""
        if size > self._max_bytes // 10:
            return
        self._drop(key)
        self._entries[key] = _Entry(value, size, self._clock() + (keep_seconds or self._keep_seconds))
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        self._bytes -= entry.size if entry else 0
