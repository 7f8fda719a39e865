"""`python -m tests.benchmarks.locate train`: weights for the product's model, and how well they do on what they never saw.

A softmax over the candidates of each instance, trained so that the gold ones are likely. Columns that speak for a candidate
have no negative weight (`model.FREE` lists those that may). Two tables: five-fold cross-validation, and each repository
scored by weights that were trained without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sahur_core.code.evaluate.scoring import KS, Ranks, score
from sahur_core.code.locate.model import FREE, PRESET
from tests.benchmarks.locate.features import Table
from tests.benchmarks.locate.fitting import Example, fit
from tests.benchmarks.locate.instances import Instance

FOLDS = 5
SEED = 5
DIGITS = 4


def train(tables: Sequence[Table], penalty: float) -> np.ndarray:
    """The weights under which the gold candidates are likeliest, less half of `penalty` times the sum of their squares."""
    labels = tables[0].labels
    free = np.array([label in FREE for label in labels])
    preset = [labels.index(label) for label in PRESET]
    examples = []
    for table in tables:
        trained = ~table.values[:, preset].any(axis=1) | table.is_gold
        examples.append(Example(table.values[trained].astype(np.float64), table.is_gold[trained]))
    weights = fit(examples, free, penalty)
    weights[preset] = list(PRESET.values())
    return weights


def gold_ranks(table: Table, weights: np.ndarray) -> Ranks:
    """Places of the gold candidates, ties in the order of the candidates; None for each that is no candidate."""
    order = np.argsort(-(table.values.astype(np.float64) @ weights), kind="stable")
    places = np.empty(len(order), dtype=int)
    places[order] = np.arange(1, len(order) + 1)
    found: list[int | None] = [int(place) for place in places[table.is_gold]]
    return found if table.is_complete else [*found, None]


def held_out(tables: Sequence[Table], group_of: Callable[[Instance], str], penalty: float) -> dict[str, Ranks]:
    """The ranks of each instance by weights that were trained on the other groups."""
    found: dict[str, Ranks] = {}
    for group in sorted({group_of(table.instance) for table in tables}):
        weights = train([table for table in tables if group_of(table.instance) != group], penalty)
        found |= {table.instance.id: gold_ranks(table, weights) for table in tables if group_of(table.instance) == group}
    return found


def fold_of(instance: Instance) -> str:
    """Instances of one commit stay together."""
    return str(int(hashlib.sha256(instance.commit.encode()).hexdigest(), 16) % FOLDS)


def show(tables: Sequence[Table], sets: dict[str, set[str]], penalty: float) -> None:
    """Both tables, for each set."""
    in_training = train(tables, penalty)
    rows = {
        "trained on all of it (too good)": {table.instance.id: gold_ranks(table, in_training) for table in tables},
        f"{FOLDS}-fold cross-validation": held_out(tables, fold_of, penalty),
        "trained without the repository": held_out(tables, lambda instance: instance.repo, penalty),
    }
    for name, members in sets.items():
        print(f"\n{name}: files, all gold among the first k (in brackets: 95 % of bootstrap samples)")
        for row, ranks in rows.items():
            result = score([ranks[each] for each in sorted(members & ranks.keys())], SEED, KS)
            cells = "".join(f"{f'{each.all_gold:.2f} [{each.low:.0f}–{each.high:.0f}]':>18}" for each in result.accuracies)
            print(f"  {row:34}{result.questions:>5}{cells}{result.mean_reciprocal_rank:>8.3f}")


def save(tables: Sequence[Table], penalty: float, place: Path) -> None:
    """The weights of all instances, those that round to nothing left out, as the product reads them."""
    weights = train(tables, penalty)
    labels = tables[0].labels
    kept = {
        label: round(float(weight), DIGITS)
        for label, weight in zip(labels, weights, strict=True)
        if abs(weight) >= 0.5 * 10**-DIGITS
    }
    place.write_text(json.dumps({"trained_on": len(tables), "penalty": penalty, "weights": kept}, indent=1) + "\n", "utf-8")
