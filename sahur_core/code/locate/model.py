"""The model that weighs signals: a sum of weights, all of them in a file that people can read.

A signal gives up to three columns: its share of the greatest value (`name`), one over its rank (`name/rank`), and its
value up to three (`name/value`). Columns that speak for a candidate may not have a negative weight, so that a reason for
it is never held against it; those that only describe a file (`FREE`) may. Trained as a softmax over the candidates of a
report (`tests/benchmarks/locate`), so that the difference of two scores is the logarithm of how much likelier one is.
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

RANKED = frozenset(
    [
        "file_report",
        "file_title",
        "file_prose",
        "file_code",
        "file_names",
        "piece_report",
        "file_mixed",
        "fields_mixed",
        "fields_title",
        "history_mixed",
        "history_title",
        "piece_mixed",
        "pieces_mixed",
        "pieces_title",
        "cover_title",
        "piece_cover_title",
        "named_title",
        "named_mixed",
        "names_title",
        "names_mixed",
        "piece_title",
        "pieces_report",
        "path_report",
        "message_best",
        "message_sum",
        "nearest_title",
        "nearest_mixed",
        "test_imports",
    ]
)
COUNTED = frozenset(
    [
        "frame_count",
        "defines_class",
        "defines_function",
        "defines_variable",
        "defines_title",
        "defines_ticked",
        "defines_only",
        "defines_qualified",
        "imported",
        "text",
    ]
)
FREE = frozenset(
    [
        "package_file",
        "depth",
        "lines",
        "aside",
        "imported_by",
        "recency",
        "changes_year",
        "changes_quarter",
        "generated",
        "commit_count",
        "fix_rate",
    ]
)
"""Signals whose weights may be negative."""
DESCRIPTIVE = FREE | {"neighbor_best", "neighbor_mean", "data"}
"""Signals that say nothing about what the report and a candidate have in common."""
MAX_VALUE = 3.0
TIE_DIGITS = 9
"""Sums of the same numbers in another order differ behind these, and a rank would make much of it."""


def columns(names: Sequence[str], values: Numbers) -> tuple[list[str], Numbers]:
    """The columns of a matrix of signals (a row for each candidate), and their names."""
    labels: list[str] = []
    found: list[Numbers] = []
    for name, column in zip(names, values.T.astype(np.float64), strict=True):
        greatest = float(np.abs(column).max()) if len(column) else 0.0
        labels.append(name)
        found.append(column / greatest if greatest > 0 else column)
        if name in RANKED:
            labels.append(f"{name}/rank")
            found.append(_one_over_rank(column))
        if name in COUNTED:
            labels.append(f"{name}/value")
            found.append(np.minimum(column, MAX_VALUE) / MAX_VALUE)
    return labels, np.stack(found, axis=1)


def _one_over_rank(column: Numbers) -> Numbers:
    column = column.round(TIE_DIGITS)
    ranks = np.empty(len(column))
    ranks[np.argsort(-column, kind="stable")] = np.arange(1, len(column) + 1)
    return np.where(column > 0, 1 / ranks, 0.0)


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
        told: dict[str, None] = {}
        for number in np.argsort(-self.shares[place], kind="stable"):
            if self.shares[place][number] <= 0 or len(told) == limit:
                break
            reason = self.signals[int(number)].explain(place)
            if reason:
                told[reason] = None
        return list(told)


def weigh(signals: Sequence[Signal], weights: Mapping[str, float]) -> Scored:
    """A column that has no weight counts nothing."""
    names = [signal.name for signal in signals]
    labels, values = columns(names, np.stack([signal.values for signal in signals], axis=1))
    added = values * np.array([weights.get(label, 0.0) for label in labels])
    shares = np.zeros((len(added), len(signals)))
    owner = {name: number for number, name in enumerate(names)}
    for column, label in enumerate(labels):
        shares[:, owner[label.partition("/")[0]]] += added[:, column]
    return Scored(shares.sum(axis=1), signals, shares)


@lru_cache
def load_weights(name: str) -> Mapping[str, float]:
    """The weights in a file of this folder."""
    content = json.loads((Path(__file__).parent / "weights" / f"{name}.json").read_text("utf-8"))
    weights: Mapping[str, float] = content["weights"]
    return weights
