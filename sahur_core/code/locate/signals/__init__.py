"""Signals: what speaks for each file, as numbers with reasons. One module for each thing that a report can be compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sahur_core.code.index.arrays import Numbers

Explain = Callable[[int], str]
"""The reason in words why the candidate at a place has its value; empty: nothing worth telling."""


def _silent(_: int) -> str:
    return ""


@dataclass(frozen=True)
class Signal:
    """Values of all candidates, 0 for those that it says nothing about.

    Of the reasons with one `topic` only the strongest is told; without a topic the signal's name is its own.
    """

    name: str
    values: Numbers
    explain: Explain = _silent
    topic: str = ""
