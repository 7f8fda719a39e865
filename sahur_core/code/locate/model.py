"""The model that weighs signals: a sum of weights, all of them in a file that people can read.

A signal counts by its share of the greatest value among the candidates. Signals that speak for a candidate may not have a
negative weight, so that a reason for it is never held against it; those that only describe a file (`FREE`) may. Trained as
a softmax over the candidates of a report (`tests/benchmarks/locate`), so that the difference of two scores is the logarithm
of how much likelier one is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.signals import Signal

FREE = frozenset(["lines", "aside", "imported_by", "recency", "commit_count", "fix_rate", "activity_30", "activity_1000"])
"""Signals whose weights may be negative."""
PRESET = {"data": -2.0}
"""Weights that are set by hand: no report that they are trained on is about settings or data."""
DESCRIPTIVE = FREE | {"neighbor_best", "neighbor_mean", "data"}
"""Signals that say nothing about what the report and a candidate have in common."""
DIGITS = 9
"""Sums of the same numbers in another order differ behind these."""


def columns(names: Sequence[str], values: Numbers) -> tuple[list[str], Numbers]:
    """The columns that are weighed of a matrix of signals (a row for each candidate), and their names."""
    if not len(values):
        return list(names), values
    greatest = np.abs(values).max(axis=0)
    return list(names), np.round(values / np.where(greatest > 0, greatest, 1.0), DIGITS)


@dataclass(frozen=True)
class Scored:
    """Scores of all candidates (natural logarithms of likelihoods, up to a constant), and what each signal adds to them."""

    scores: Numbers
    signals: Sequence[Signal]
    shares: Numbers
    """A row for each candidate, a column for each signal."""

    def fits(self, place: int) -> bool:
        """Whether the report has anything in common with a candidate."""
        return any(share > 0 and s.name not in DESCRIPTIVE for share, s in zip(self.shares[place], self.signals, strict=True))

    def reasons(self, place: int, limit: int) -> list[str]:
        """What speaks most for a candidate, in words."""
        told: dict[str, str] = {}
        for number in np.argsort(-self.shares[place], kind="stable"):
            signal = self.signals[int(number)]
            topic = signal.topic or signal.name
            if self.shares[place][number] <= 0 or len(told) == limit:
                break
            reason = "" if topic in told else signal.explain(place)
            if reason and reason not in told.values():
                told[topic] = reason
        return list(told.values())


def weigh(signals: Sequence[Signal], weights: Mapping[str, float]) -> Scored:
    """A signal that has no weight counts nothing."""
    names = [signal.name for signal in signals]
    _, values = columns(names, np.stack([signal.values for signal in signals], axis=1).astype(np.float64))
    shares = values * np.array([weights.get(name, 0.0) for name in names])
    return Scored(shares.sum(axis=1), signals, shares)


@lru_cache
def load_weights(name: str) -> Mapping[str, float]:
    """The weights in a file of this folder."""
    content = json.loads((Path(__file__).parent / "weights" / f"{name}.json").read_text("utf-8"))
    weights: Mapping[str, float] = content["weights"]
    return weights
