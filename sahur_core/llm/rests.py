"""Which models cannot answer for a while, so that not every call waits for a dead vendor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_REST = 60.0
LONGEST_REST = 600.0
"""Seconds for which a model that failed a call is left alone; doubled each time it fails again."""


@dataclass
class _Rest:
    until: float
    failures: int = 0


class Rests:
    """Shared by all runs of a process. A model is named by its name and address."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rests: dict[str, _Rest] = {}

    def seconds_left(self, model: str) -> float:
        """How long the model should still be left alone; 0 if it may be asked."""
        rest = self._rests.get(model)
        return max(0.0, rest.until - self._now()) if rest else 0.0

    def is_doubtful(self, model: str) -> bool:
        """Whether the model failed when it was asked last: then one try must do to see whether it is back."""
        rest = self._rests.get(model)
        return rest is not None and rest.failures > 0

    def pause(self, model: str, seconds: float) -> None:
        """A rate limit: the server itself says for how long. Other runs heed it, too."""
        rest = self._rests.setdefault(model, _Rest(until=0.0))
        rest.until = max(rest.until, self._now() + seconds)

    def failed(self, model: str) -> None:
        """All tries of a call failed."""
        rest = self._rests.setdefault(model, _Rest(until=0.0))
        rest.until = max(rest.until, self._now() + min(LONGEST_REST, FIRST_REST * 2**rest.failures))
        rest.failures += 1

    def answered(self, model: str) -> None:
        self._rests.pop(model, None)
