"""What people were promised: every report, message and answer that a door has acknowledged. Ids only, so it stays small."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answered:
    decision: str
    answer: str


@dataclass
class Ledger:
    """`sent` holds what was tried at all: it may be there once, but not twice."""

    sent: set[str] = field(default_factory=set)
    reports: dict[str, str] = field(default_factory=dict)
    """Mark of the report: the door that took it."""
    messages: dict[str, str] = field(default_factory=dict)
    """Mark of the message: the run it was said to."""
    answers: dict[str, Answered] = field(default_factory=dict)
    """Id of the input request: what the acknowledged answer said."""
    follow_ups: dict[str, str] = field(default_factory=dict)
    """Client id of a run that was asked for: the issue's key."""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new_mark(self, kind: str) -> str:
        """A word that stands in one report or message and nowhere else. The end is fixed: none is part of another."""
        with self._lock:
            mark = f"soak-{kind}-{next(self._numbers):06}"
            self.sent.add(mark)
            return mark
