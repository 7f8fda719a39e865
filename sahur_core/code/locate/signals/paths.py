"""The report's words against paths: files and modules that it spells, and words that a path is made of."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.ranking import split_word, stem
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal

_PATH = re.compile(r"(?<![\w\-./\\])[\w\-./\\]{0,200}[\w\-]\.[A-Za-z]{1,5}\b")
_WORD = re.compile(r"[^\W_]+")


def path_signals(case: Case) -> Iterator[Signal]:
    """Paths that are spelled, and words that paths share with the report."""
    yield _mentioned(case)
    words = [case.index.path_words[file] for file in case.files]
    frequency = Counter(word for each in words for word in each)
    rarity = {word: math.log(1 + len(words) / count) for word, count in frequency.items()}
    said = {word for token in case.report.tokens for word in stem(split_word(token))}
    values = np.array([sum(rarity[word] for word in sorted(each & said)) for each in words])

    def explain(place: int) -> str:
        path = case.index.paths[int(case.files[place])]
        shared = [word for word in _WORD.findall(path.rsplit(".", 1)[0]) if said.intersection(stem(split_word(word)))]
        return f"its path has words of the report: {', '.join(dict.fromkeys(shared))}" if shared else ""

    yield Signal("path_report", values, explain, "path")


def _mentioned(case: Case) -> Signal:
    """A path counts more, the more of it is spelled and the fewer files it can mean."""
    values = case.empty()
    said: dict[int, str] = {}
    endings = _endings(case)
    for spelled in dict.fromkeys(_PATH.findall(case.report.without_traces)):
        parts = [part for part in spelled.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        for start in range(len(parts)):
            places = endings.get("/".join(parts[start:]), [])
            length = len(parts) - start
            if places and (length >= 2 or len(places) <= 3):
                for place in places:
                    value = (1.0 if length >= 2 else 0.6) / math.sqrt(len(places))
                    if value > values[place]:
                        values[place], said[place] = value, spelled
                break
    return Signal("path_mentioned", values, lambda place: f"the report names {said.get(place, 'it')}", "path")


def _endings(case: Case) -> dict[str, list[int]]:
    """Every ending of each candidate's path."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, file in enumerate(case.files):
        parts = case.index.paths[file].split("/")
        for start in range(len(parts)):
            found["/".join(parts[start:])].append(place)
    return found
