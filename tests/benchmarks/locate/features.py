"""`python -m tests.benchmarks.locate features`: what the product's own signals say of each instance, kept for training.

One `.npz` for each instance: `labels` of the columns, `values` (a row for each candidate), `is_gold`, and whether all gold
is among the candidates. The columns are those that the model weighs, so that what is trained is what runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sahur_core.code.index.build import build_index
from sahur_core.code.locate.locate import examine
from sahur_core.code.locate.model import columns
from sahur_core.code.locate.signals.all import all_signals, matrix
from sahur_core.code.opening import open_repository
from tests.benchmarks.locate.instances import Instance, by_repository, find_mirror


@dataclass(frozen=True)
class Table:
    """The candidates of one instance."""

    instance: Instance
    labels: list[str]
    values: np.ndarray
    is_gold: np.ndarray
    is_complete: bool
    """All gold is among the candidates; else the instance is a miss whatever the weights are."""


def dump(instances: Sequence[Instance], mirrors: Path, cache: Path, folder: Path) -> None:
    """Write the tables of all instances that have none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for repo, asked in by_repository(instances).items():
        source = str(find_mirror(mirrors, repo))
        for number, instance in enumerate(asked, 1):
            place = folder / f"{instance.id}.npz"
            if place.exists():
                continue
            print(f"{repo} {number}/{len(asked)}", file=sys.stderr, flush=True)
            opened = open_repository(source, instance.commit, cache, lambda _: None)
            index = build_index(opened.repository, opened.commit, opened.directory, lambda _: None)
            case = examine(opened.repository, index, instance.text, instance.title).case
            labels, values = columns(*matrix(all_signals(case)))
            paths = [index.paths[int(file)] for file in case.files]
            gold = set(instance.files)
            fresh = place.with_suffix(".new.npz")
            np.savez_compressed(
                fresh,
                labels=np.array(labels),
                values=values.astype(np.float32),
                is_gold=np.array([path in gold for path in paths]),
                is_complete=np.array(gold <= set(paths)),
            )
            fresh.rename(place)


def load_tables(instances: Sequence[Instance], folder: Path) -> list[Table]:
    """The tables of the instances; one that is missing, or has other columns than the first, ends the program."""
    tables: list[Table] = []
    for instance in instances:
        place = folder / f"{instance.id}.npz"
        if not place.exists():
            raise SystemExit(f"{place} is missing: run `features` first.")
        with np.load(place) as stored:
            labels = [str(label) for label in stored["labels"]]
            table = Table(instance, labels, stored["values"], stored["is_gold"], bool(stored["is_complete"]))
        if tables and labels != tables[0].labels:
            raise SystemExit(
                f"{place} has other columns than {tables[0].instance.id}: remove the folder and run `features` again."
            )
        tables.append(table)
    return tables
