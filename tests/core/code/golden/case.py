"""What a golden case is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.core.code.histories import Step


@dataclass(frozen=True)
class Golden:
    """A report on a small repository. `file`, `function` and `commit` (its message) are where the cause is.

    Each has to be among the first so many of its list, as the three numbers of `first` say; an empty one is not looked at.
    """

    name: str
    steps: Sequence[Step]
    title: str
    report: str
    file: str = ""
    function: str = ""
    commit: str = ""
    first: tuple[int, int, int] = (1, 1, 1)
    reported_at: datetime | None = None
    is_anchored: bool = True
