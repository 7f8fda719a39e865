"""A circuit breaker: after several transport errors in a row an upstream is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Breaker:
    """Counts transport errors and time-outs, never errors that a tool itself reports.

    After `threshold` in a row it is open for `rest_seconds`; then one call may try (half open), and its outcome decides.
    """

    def __init__(self, threshold: int = 5, rest_seconds: float = 15.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold = threshold
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._is_probing = False
        self.last_failure = ""
        """What went wrong the last time, also where it works again since."""
        self.last_failed_at = ""
        """When that was: ISO 8601, UTC."""

    @property
    def state(self) -> str:
        if self._failures < self._threshold:
            return "closed"
        return "half_open" if self._clock() - self._opened_at >= self._rest_seconds else "open"

    def admits(self) -> bool:
        """Whether a call may go out now; when half open only the first one that asks may."""
        state = self.state
        if state == "half_open" and not self._is_probing:
            self._is_probing = True
            return True
        return state == "closed"

    def succeeded(self) -> None:
        self._failures = 0
        self._is_probing = False

    def failed(self, why: str = "") -> None:
        self._failures += 1
        self.last_failure, self.last_failed_at = why, datetime.now(UTC).isoformat(timespec="milliseconds")
        self._opened_at = self._clock()
        self._is_probing = False

    def abandoned(self) -> None:
        """A call ended without an outcome (canceled): the next one may probe."""
        self._is_probing = False
