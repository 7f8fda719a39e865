"""Which models cannot answer for a while, so that not every call waits for a dead vendor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

FIRST_REST = 60.0
LONGEST_REST = 600.0
"""Seconds for which a model that failed a call is left alone; doubled each time it fails again."""
RATE_LIMITED = "rate_limited"
"""Why a model rests whose server asked for it. Any other reason is the code of the error of its last call."""


@dataclass
class _Rest:
    until: float
    failures: int = 0
    reason: str = ""


class Board(Protocol):
    """Where the processes of a system tell each other what they learned. It may forget, and raises nothing."""

    async def read(self, models: Sequence[str]) -> Mapping[str, float]:
        """Seconds for which each of these models should be left alone; those that may be asked are missing."""
        ...

    async def write(self, model: str, seconds: float, reason: str = "") -> None:
        """The model should be left alone for so long, and why; 0: it may be asked again."""
        ...


class Rests:
    """Shared by all runs of a process, and over a board by all processes. A model is named by its name and address."""

    def __init__(self, now: Callable[[], float] = time.monotonic, board: Board | None = None) -> None:
        self._now = now
        self._board = board
        self._rests: dict[str, _Rest] = {}

    async def hear(self, models: Sequence[str]) -> None:
        """Heed what other processes have learned since."""
        if self._board:
            for model, seconds in (await self._board.read(models)).items():
                self.pause(model, seconds)

    async def tell(self, model: str) -> None:
        """Let other processes know what was learned of a model."""
        if self._board:
            rest = self._rests.get(model)
            await self._board.write(model, self.seconds_left(model), rest.reason if rest else "")

    def seconds_left(self, model: str) -> float:
        """How long the model should still be left alone; 0 if it may be asked."""
        rest = self._rests.get(model)
        return max(0.0, rest.until - self._now()) if rest else 0.0

    def is_doubtful(self, model: str) -> bool:
        """Whether the model failed when it was asked last: then one try must do to see whether it is back."""
        rest = self._rests.get(model)
        return rest is not None and rest.failures > 0

    def pause(self, model: str, seconds: float, reason: str = "") -> None:
        """A rate limit: the server itself says for how long. Other runs heed it, too."""
        rest = self._rests.setdefault(model, _Rest(until=0.0))
        rest.reason = reason or rest.reason
        rest.until = max(rest.until, self._now() + seconds)

    def failed(self, model: str, reason: str = "") -> None:
        """All tries of a call failed. `reason` is the code of the error, without any words of the server."""
        rest = self._rests.setdefault(model, _Rest(until=0.0))
        rest.reason = reason
        rest.until = max(rest.until, self._now() + min(LONGEST_REST, FIRST_REST * 2**rest.failures))
        rest.failures += 1

    def answered(self, model: str) -> bool:
        """The model is back; whether it had been left alone."""
        return self._rests.pop(model, None) is not None
