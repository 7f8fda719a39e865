"""The report's words against paths: files and modules that it spells, and words that a path is made of."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from pathlib import PurePosixPath

import numpy as np

from sahur_core.code.index.ranking import split_word, stem
from sahur_core.code.index.terms import TOKEN
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Explain, Signal

_PATH = re.compile(r"(?<![\w\-./\\])[\w\-./\\]{0,200}[\w\-]\.[A-Za-z]{1,5}\b")
_PACKAGE_FILES = frozenset({"__init__", "index", "mod", "main"})
"""Files that bear the name of their folder."""


def path_signals(case: Case) -> Iterator[Signal]:
    """Paths that are spelled, and words that paths share with the report."""
    yield _mentioned(case)
    paths = [case.index.paths[file] for file in case.files]
    words = [case.index.path_words[file] for file in case.files]
    names = [_name_words(path) for path in paths]
    frequency = Counter(word for each in words for word in each)
    rarity = {word: math.log(1 + len(paths) / count) for word, count in frequency.items()}
    for part, text in (("title", case.report.title), ("report", case.report.text)):
        said = {word for token in TOKEN.findall(text) for word in stem(split_word(token))}
        shared = [each & said for each in words]
        values = np.array([sum(rarity[word] for word in sorted(each)) for each in shared])
        yield Signal(f"path_{part}", values, _explain(shared))
        shared = [each & said for each in names]
        values = np.array(
            [
                sum(rarity.get(w, 0.0) for w in sorted(each)) / math.sqrt(len(name) or 1)
                for each, name in zip(shared, names, strict=True)
            ]
        )
        yield Signal(f"name_{part}", values, _explain(shared))
    spoken = set(re.findall(r"\w+", case.report.text.lower()))
    stems = [PurePosixPath(path).stem.lower() for path in paths]
    counts = Counter(stems)
    values = np.array([math.log(1 + len(paths) / (1 + counts[s])) if s in spoken and len(s) > 2 else 0.0 for s in stems])
    yield Signal("name_word", values, lambda place: f"the report says `{stems[place]}`, its name")


def _name_words(path: str) -> set[str]:
    pure = PurePosixPath(path)
    name = pure.parent.name if pure.stem in _PACKAGE_FILES and pure.parent.name else pure.stem
    return set(stem(split_word(name)))


def _explain(shared: Sequence[Set[str]]) -> Explain:
    def reason(place: int) -> str:
        words = ", ".join(sorted(shared[place]))
        return f"its path has words of the report: {words}" if words else ""

    return reason


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
    return Signal("path_mentioned", values, lambda place: f"the report names {said.get(place, 'it')}")


def _endings(case: Case) -> dict[str, list[int]]:
    """Every ending of each candidate's path."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, file in enumerate(case.files):
        parts = case.index.paths[file].split("/")
        for start in range(len(parts)):
            found["/".join(parts[start:])].append(place)
    return found
