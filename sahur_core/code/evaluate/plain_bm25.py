"""The yardstick: plain BM25 over whole files and over functions, as anybody would write it first.

Words are split at snake and camel case; no stemming, no stop list; Lucene's formula (see bm25s, arXiv 2407.03618) with k1 = 1.5
and b = 0.75. What was counted of a blob is kept, so that the next commit counts only its new blobs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sahur_core.code.git.repository import Repository
from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.languages.outline import outline

K1, B = 1.5, 0.75
MAX_FILE_BYTES = 2 * 1024 * 1024
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]{2,}")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def plain_words(text: str) -> list[str]:
    """Parts of identifiers and words, in lower case, of two letters or more."""
    return [part.lower() for word in _WORD.findall(text) for part in _PART.findall(word) if len(part) > 1]


@dataclass(frozen=True)
class _Counted:
    """The different words of a text, as numbers, and how often each occurs."""

    words: Any
    counts: Any
    length: int


@dataclass(frozen=True)
class _Blob:
    whole: _Counted
    functions: list[tuple[str, _Counted]]


@dataclass(frozen=True)
class PlainRanking:
    """Best first. A function is `path:Class.method`."""

    files: list[str]
    functions: list[str]


class PlainBm25:
    """Ranks the files and functions of any commit of one repository."""

    def __init__(self, repository: Repository, is_candidate: Callable[[str], bool], *, with_functions: bool = True) -> None:
        self._repository = repository
        self._is_candidate = is_candidate
        self._with_functions = with_functions
        self._numbers: dict[str, int] = {}
        self._blobs: dict[tuple[str, str], _Blob] = {}

    def rank(self, commit: str, query: str, limit: int = 50) -> PlainRanking:
        """The candidates at a commit that fit a query. Raises `RepositoryError`."""
        blobs = self._candidates(commit)
        asked = Counter(self._numbers[word] for word in plain_words(query) if word in self._numbers)
        paths = list(blobs)
        whole = _scores([blob.whole for blob in blobs.values()], asked, len(self._numbers))
        names = [f"{path}:{name}" for path, blob in blobs.items() for name, _ in blob.functions]
        bodies = [counted for blob in blobs.values() for _, counted in blob.functions]
        of_functions = _scores(bodies, asked, len(self._numbers))
        unique = dict.fromkeys(_best(names, of_functions, limit * 2))
        return PlainRanking(_best(paths, whole, limit), list(unique)[:limit])

    def _candidates(self, commit: str) -> dict[str, _Blob]:
        entries = [
            entry
            for entry in self._repository.entries(commit)
            if entry.is_file and entry.size <= MAX_FILE_BYTES and self._is_candidate(entry.path)
        ]
        suffixes = {entry.path: "." + entry.path.rsplit(".", 1)[-1] for entry in entries}
        missing = {(entry.blob, suffixes[entry.path]): entry.path for entry in entries}
        missing = {key: path for key, path in missing.items() if key not in self._blobs}
        contents = self._repository.read_blobs([blob for blob, _ in missing])
        for (key, path), data in zip(missing.items(), contents, strict=True):
            self._blobs[key] = self._count(path, data)
        return {entry.path: self._blobs[entry.blob, suffixes[entry.path]] for entry in entries}

    def _count(self, path: str, data: bytes) -> _Blob:
        text = decode_source(data)
        if not self._with_functions:
            return _Blob(self._counted(text), [])
        lines = text.split("\n")
        functions = [(name, self._counted("\n".join(lines[start - 1 : end]))) for name, start, end in outer_functions(path, text)]
        return _Blob(self._counted(text), functions)

    def _counted(self, text: str) -> _Counted:
        found = Counter(plain_words(text))
        numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in found]
        counts = np.fromiter(found.values(), dtype=np.int32, count=len(found))
        return _Counted(np.array(numbers, dtype=np.int32), counts, int(counts.sum()))


def outer_functions(path: str, text: str) -> list[tuple[str, int, int]]:
    """Name (`Class.method`), first and last line of each function; functions within functions belong to the outer one."""
    found: list[tuple[str, int, int]] = []
    covered_to = 0
    for definition in outline(path, text).definitions:
        if definition.kind in ("function", "method") and definition.start > covered_to:
            found.append((definition.name, definition.start, definition.end))
            covered_to = definition.end
    return found


def _scores(documents: Sequence[_Counted], asked: Mapping[int, int], size: int) -> Any:
    if not documents or not asked:
        return np.zeros(len(documents))
    lengths = np.array([document.length for document in documents], dtype=np.float64)
    places = np.repeat(np.arange(len(documents)), [len(document.words) for document in documents])
    words = np.concatenate([document.words for document in documents])
    counts = np.concatenate([document.counts for document in documents])
    weight = np.zeros(size)
    weight[list(asked)] = list(asked.values())
    hits = weight[words] > 0
    places, words, counts = places[hits], words[hits], counts[hits].astype(np.float64)
    holding = np.bincount(words, minlength=size).astype(np.float64)
    rarity = np.log1p((len(documents) - holding + 0.5) / (holding + 0.5))
    saturated = counts / (counts + K1 * (1 - B + B * lengths[places] / max(lengths.mean(), 1.0)))
    return np.bincount(places, weights=weight[words] * rarity[words] * saturated, minlength=len(documents))


def _best(names: Sequence[str], scores: Any, limit: int) -> list[str]:
    order = np.argsort(-scores, kind="stable")[:limit]
    return [names[place] for place in order if scores[place] > 0]
