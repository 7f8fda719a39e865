"""Texts that a file can write (messages, option names), against what the report repeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.phrases import phrases_of
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal

MAX_FILES = 12
"""A phrase that more files can write says nothing."""


def text_signals(case: Case) -> Iterator[Signal]:
    """Phrases of the report that stand in a file's texts; the fewer files have one, the more it counts."""
    values = case.empty()
    phrases: dict[int, list[str]] = defaultdict(list)
    known = case.index.phrases
    for phrase in dict.fromkeys(phrases_of(case.report.text)):
        files = [case.index.file_of_path[path] for path in known.get(phrase, ())]
        places = [int(place) for file in files if (place := case.place_of_file[file]) >= 0]
        for place in places if len(places) <= MAX_FILES else ():
            values[place] += 1 / len(places)
            phrases[place].append(phrase)

    def explain(place: int) -> str:
        return f"can write “{max(phrases[place], key=len)}”, which the report repeats" if place in phrases else ""

    yield Signal("text", np.asarray(values), explain)
