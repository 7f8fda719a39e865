"""What stands near the likely files: a first guess from a few strong signals, spread over imports and over the past.

The cause often lies one step from what the report describes: in a file that the described one imports, or that is
changed together with it, or with the tests that speak of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from sahur_core.code.index.arrays import Numbers, expand, starts_of
from sahur_core.code.index.history import path_key
from sahur_core.code.index.view import ROLES
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal

GUESS = {
    "fields_mixed": 7.0,
    "fields_title": 2.0,
    "nearest_mixed": 3.0,
    "frame_near": 1.5,
    "path_mentioned": 2.0,
    "resolved": 1.5,
    "aside": -2.0,
}
"""Weights of the first guess, of each signal's share of its greatest value. Set by hand: the model weighs what comes of it."""
LIKELY = 60
"""From how many files it is spread."""
MAX_TOUCHED = 30
TESTS = 25


def spread_signals(case: Case, found: Sequence[Signal]) -> Iterator[Signal]:
    """From the signals found before."""
    guess = _first_guess(case, found)
    targets, importers = _edges(case)
    size = len(case.files)
    out_degree = np.bincount(importers, minlength=size)
    imported = np.bincount(targets, weights=guess[importers] / np.maximum(out_degree[importers], 1), minlength=size)
    sources = _strongest(importers, targets, guess)

    def of_import(place: int) -> str:
        return (
            f"imported by {case.index.paths[int(case.files[sources[place]])]}, which the report fits" if place in sources else ""
        )

    yield Signal("spread_imports", imported, of_import)
    near = case.empty()
    np.maximum.at(near, targets, guess[importers])
    np.maximum.at(near, importers, guess[targets])
    yield Signal("spread_near", near, lambda _: "")
    yield _changed_with_tests(case)


def _first_guess(case: Case, found: Sequence[Signal]) -> Numbers:
    """How likely each candidate is by `GUESS`; 0 for all but the likeliest."""
    total = case.empty()
    for signal in found:
        if signal.name in GUESS:
            greatest = float(np.abs(signal.values).max()) if len(signal.values) else 0.0
            total += GUESS[signal.name] * signal.values / (greatest if greatest > 0 else 1.0)
    if not len(total):
        return total
    chances: Numbers = np.exp(total - total.max())
    chances /= chances.sum()
    chances[np.argsort(-chances, kind="stable")[LIKELY:]] = 0.0
    return chances


def _edges(case: Case) -> tuple[Numbers, Numbers]:
    """Candidates that are imported, and those that import them."""
    pairs = [
        (int(case.place_of_file[target]), place)
        for place, file in enumerate(case.files.tolist())
        for target in case.index.graph.targets[file]
        if case.place_of_file[target] >= 0
    ]
    edges = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return edges[:, 0], edges[:, 1]


def _strongest(importers: Numbers, targets: Numbers, guess: Numbers) -> dict[int, int]:
    """For each candidate the likeliest one that imports it."""
    order = np.argsort(guess[importers], kind="stable")
    return dict(zip(targets[order].tolist(), importers[order].tolist(), strict=True))


def _changed_with_tests(case: Case) -> Signal:
    """What past commits changed together with the tests that speak the report's words."""
    index, history = case.index, case.index.history
    values = case.empty()
    told: dict[int, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    tests = np.flatnonzero((index.roles == ROLES.index("test")) & (index.file_blobs >= 0))
    if len(tests) and len(history):
        fit = case.best_piece_scores(tests)
        best = [int(n) for n in np.argsort(-fit, kind="stable")[:TESTS] if fit[n] > 0]
        starts, commits, places = _touches(case)
        for number in best:
            path = index.paths[int(tests[number])]
            with_test = np.flatnonzero(history.touched[1] == np.uint64(path_key(path)))
            of_test = np.unique(np.searchsorted(history.touched[0], with_test, side="right") - 1)
            rows = expand(starts, of_test)
            shares = 1.0 / np.maximum((starts[commits[rows] + 1] - starts[commits[rows]]), 1)
            weight = (fit[number] / fit[best[0]]) ** 4 / (float(shares.sum()) + 1.0)
            for place, value in zip(places[rows].tolist(), (shares * weight).tolist(), strict=True):
                values[place] += value
                told[place] = max(told[place], (value, path))

    def explain(place: int) -> str:
        return f"changed together with {told[place][1]}, which speaks the report's words" if place in told else ""

    return Signal("changed_with_tests", values, explain)


def _touches(case: Case) -> tuple[Numbers, Numbers, Numbers]:
    """`(starts, commits, places)`: the candidates that each ancestor touched; of those that touched many none."""
    starts, keys = case.index.history.touched
    own = np.array([path_key(case.index.paths[file]) for file in case.files], dtype=np.uint64)
    order = np.argsort(own)
    found = np.minimum(np.searchsorted(own[order], keys), len(own) - 1)
    known = own[order][found] == keys
    commits = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[known]
    places = order[found[known]]
    counts = np.bincount(commits, minlength=len(starts) - 1)
    few = counts[commits] <= MAX_TOUCHED
    commits, places = commits[few], places[few]
    return starts_of(np.bincount(commits, minlength=len(starts) - 1)), commits, places
