"""Accuracy among the first k, by the rule of the published tables, and how far chance alone may move it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

KS = (1, 3, 5, 10)
BOOTSTRAP_ROUNDS = 2000

Ranks = Sequence[int | None]
"""For each gold entry its place, from 1; None where it was not found."""


@dataclass(frozen=True)
class Accuracy:
    """Percent of questions. The interval is the middle 95 % of bootstrap samples."""

    k: int
    all_gold: float
    """All gold entries among the first k."""
    any_gold: float
    """At least one of them."""
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    questions: int
    accuracies: list[Accuracy]
    mean_reciprocal_rank: float


def ranks(gold: Sequence[str], predicted: Sequence[str]) -> list[int | None]:
    """The place of each gold entry among the predicted ones."""
    first: dict[str, int] = {}
    for place, name in enumerate(predicted, 1):
        first.setdefault(name, place)
    return [first.get(name) for name in gold]


def score(rows: Sequence[Ranks], seed: int, ks: Sequence[int] = KS) -> Score:
    """The accuracies of many questions, each given by the ranks of its gold entries; the same seed gives the same interval."""
    if not rows:
        return Score(0, [], 0.0)
    draws = np.random.default_rng(seed).integers(0, len(rows), size=(BOOTSTRAP_ROUNDS, len(rows)))
    accuracies = []
    for k in ks:
        complete = np.array([all(rank is not None and rank <= k for rank in row) for row in rows], dtype=float)
        partial = [any(rank is not None and rank <= k for rank in row) for row in rows]
        low, high = np.percentile(100 * complete[draws].mean(axis=1), [2.5, 97.5])
        accuracies.append(Accuracy(k, 100 * float(complete.mean()), 100 * sum(partial) / len(rows), float(low), float(high)))
    best = [min((rank for rank in row if rank), default=0) for row in rows]
    return Score(len(rows), accuracies, sum(1 / rank for rank in best if rank) / len(rows))
