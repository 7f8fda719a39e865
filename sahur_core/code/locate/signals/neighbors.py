"""What stands around a file: files that import it, tests that speak of the report, and what kind of file it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np

from sahur_core.code.index.view import ROLES
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal

MAX_TESTS = 40
MAX_SAME_NAME = 4
_TEST_AFFIX = re.compile(r"^tests?_|[._-]?(tests?|spec)$|^Test(?=[A-Z])|Tests?$", re.I)
_ASIDE = re.compile(
    r"(^|/)(docs?|examples?|samples?|demos?|bench(?:mark)?s?|asv_bench|galleries|tutorials|tools|scripts|bin|release|ci)(/|$)"
    r"|(^|/)(setup|conf)\.py$",
)


def neighbor_signals(case: Case) -> Iterator[Signal]:
    """Import graph, tests and priors."""
    graph = case.index.graph
    importers: dict[int, set[int]] = defaultdict(set)
    around: dict[int, set[int]] = defaultdict(set)
    for place, file in enumerate(case.files.tolist()):
        for target in graph.targets[file]:
            other = int(case.place_of_file[target])
            if other >= 0:
                importers[other].add(place)
                around[other].add(place)
                around[place].add(other)
    counts = np.array([len(importers.get(place, ())) for place in range(len(case.files))])
    yield Signal("imported_by", np.log1p(counts))
    fit = case.file_scores("report")
    fit = fit / max(float(fit.max()) if len(fit) else 0.0, 1e-9)
    near = [[fit[other] for other in around.get(place, ())] for place in range(len(case.files))]
    yield Signal("neighbor_best", np.array([max(each, default=0.0) for each in near]))
    yield Signal("neighbor_mean", np.array([float(np.mean(each)) if each else 0.0 for each in near]))
    yield from _tests(case)
    yield from _priors(case)


def _tests(case: Case) -> Iterator[Signal]:
    """What the tests that speak the report's words import, or are named after."""
    index = case.index
    tests = np.flatnonzero((index.roles == ROLES.index("test")) & (index.file_blobs >= 0))
    imported, named = case.empty(), case.empty()
    by: dict[int, str] = {}
    if len(tests):
        by_name: dict[str, list[int]] = defaultdict(list)
        for place, file in enumerate(case.files):
            by_name[PurePosixPath(index.paths[file]).stem.strip("_").lower()].append(place)
        fit = case.best_piece_scores(tests)
        greatest = max(float(fit.max()), 1e-9)
        for number in np.argsort(-fit, kind="stable")[:MAX_TESTS]:
            share = fit[number] / greatest
            path = index.paths[int(tests[number])]
            targets = [int(place) for t in index.graph.targets[int(tests[number])] if (place := case.place_of_file[t]) >= 0]
            for place in targets:
                if share / np.sqrt(len(targets)) > imported[place]:
                    imported[place], by[place] = share / np.sqrt(len(targets)), path
            pure = PurePosixPath(path)
            for name in {_TEST_AFFIX.sub("", pure.stem), _TEST_AFFIX.sub("", pure.parent.name)}:
                same = by_name.get(name.lower(), []) if name else []
                for place in same if len(same) <= MAX_SAME_NAME else ():
                    named[place] = max(named[place], share / len(same))
                    by.setdefault(place, path)
    explain = lambda place: f"tested by {by[place]}, which speaks the report's words" if place in by else ""  # noqa: E731
    yield Signal("test_imports", imported, explain)
    yield Signal("test_name", named, explain)


def _priors(case: Case) -> Iterator[Signal]:
    """What holds for a file whatever the report says."""
    paths = [case.index.paths[file] for file in case.files]
    lines = case.of_files(np.asarray(case.index.blob_lines, dtype=np.float64))
    yield Signal("lines", np.log1p(lines))
    yield Signal("aside", np.array([float(bool(_ASIDE.search(path))) for path in paths]))
    data = np.array([float(case.index.roles[file] == ROLES.index("data")) for file in case.files])
    yield Signal("data", data)
