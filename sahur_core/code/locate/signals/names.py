"""Names that the report spells, against what the files define."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal

MAX_DEFINERS = 40
"""A name that more files define says nothing."""
MAX_QUALIFIED, MAX_SAME_NAME = 10, 200
MIN_CHARS = 3
_COMMON_WORDS = """
    self cls true false none null return import from class def print error exception value name type data
    test tests args kwargs object str int float list dict set len range main init code file line version
    example output
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def name_signals(case: Case) -> Iterator[Signal]:
    """Who defines what the title names, and what the report names by its last two parts (`Order.total`)."""
    yield _titled(case)
    yield _qualified(case)


class _Tally:
    """Values of candidates with the names they come from."""

    def __init__(self, case: Case) -> None:
        self.values = case.empty()
        self._names: dict[int, list[tuple[float, str]]] = defaultdict(list)

    def add(self, places: Sequence[int], value: float, name: str) -> None:
        """Share a value among candidates."""
        for place in places:
            self.values[place] += value / len(places)
            self._names[place].append((value, name))

    def explain(self, place: int) -> str:
        names = [name for _, name in sorted(self._names.get(place, ()), key=lambda entry: -entry[0])]
        told = ", ".join(f"`{name}`" for name in list(dict.fromkeys(names))[:3])
        return f"defines {told}, named in the report" if told else ""


def _titled(case: Case) -> Signal:
    report, tally = case.report, _Tally(case)
    for token in sorted(report.title_tokens):
        if len(token) < MIN_CHARS or token.lower() in _COMMON or not report.looks_like_code(token):
            continue
        places = _places_of(case, case.index.definitions_of(token))
        if len(places) <= MAX_DEFINERS:
            tally.add(places, 1 + 0.5 * math.log(report.tokens.get(token, 1)), token)
    return Signal("defines_title", tally.values, tally.explain, "defines")


def _qualified(case: Case) -> Signal:
    tally = _Tally(case)
    for parts in case.report.dotted:
        for outer, inner in pairwise(parts):
            same = case.index.definitions_of(inner)[:MAX_SAME_NAME]
            found = [number for number in same if case.index.definition_name(int(number)).endswith(f"{outer}.{inner}")]
            places = _places_of(case, np.array(found, dtype=np.int64))
            if len(places) <= MAX_QUALIFIED:
                tally.add(places, 1.0, f"{outer}.{inner}")
    return Signal("defines_qualified", tally.values, tally.explain, "defines")


def _places_of(case: Case, definitions: Numbers) -> list[int]:
    """The candidates that hold one of these definitions."""
    blobs = np.unique(case.index.definition_blobs[definitions])
    return sorted(place for blob in blobs.tolist() for place in case.places_of_blob.get(blob, ()))
