"""Words of code and prose, and ranking by BM25 (Lucene's variant, by bm25s)."""

from __future__ import annotations

import logging
import math
import re
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import bm25s
import numpy as np
import Stemmer

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs every index at DEBUG, whatever the root says
_WORD = re.compile(r"[^\W\d]\w*|\d{2,}")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_STOP_WORDS = """
    a an and are as at be been but by can could did do does for from had has have how i if in into is it its just me my
    no not of on one only or our should so some such than that the their then there these they this to us was we were what
    when where which while who why will with would you your please hi hello thanks team since after before get gets got
    python self def return import none true false error errors issue bug problem file line traceback most recent call
    last raise exception result expected actual
"""
_STOP = frozenset(_STOP_WORDS.split())
_MAX_WORD_CHARS = 80
_stemmers = threading.local()


def words(text: str) -> list[str]:
    """Stemmed lower-case words; identifiers give their parts and, marked by `=`, themselves as a whole."""
    found: list[str] = []
    wholes: list[str] = []
    for word in _WORD.findall(text):
        if len(word) > _MAX_WORD_CHARS:
            continue
        parts = split_word(word)
        found += [part for part in parts if part not in _STOP]
        if len(parts) > 1:
            wholes.append("=" + word.lower())
    return [*stem(found), *wholes]


def split_word(word: str) -> list[str]:
    """The parts of an identifier in lower case (`parseHTTPDate`: parse, http, date); single letters are left out."""
    return [part.lower() for part in _PART.findall(word) if len(part) > 1] if word.isascii() else [word.lower()]


def word_parts(word: str) -> list[str]:
    """As `split_word`, without the words that say nothing."""
    return [part for part in split_word(word) if part not in _STOP]


def stem(found: Sequence[str]) -> list[str]:
    """English stems, word by word."""
    stems: list[str] = _stemmer().stemWords(found)
    return stems


def _stemmer() -> Any:
    """One per thread: the stemmer keeps a state of its own."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return _stemmers.english


class Ranker:
    """BM25 over a fixed list of documents, each given by its words."""

    def __init__(self, model: Any, size: int) -> None:
        self._model = model
        self.size = size

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]], *, length_weight: float = 0.6) -> Ranker:
        if not any(documents):
            return cls(None, len(documents))
        model = bm25s.BM25(k1=1.2, b=length_weight, method="lucene")
        model.index([list(document) for document in documents], show_progress=False)
        return cls(model, len(documents))

    def scores(self, query: str) -> Any:
        """A score per document, 0 where no word fits. A word said n times counts 1 + log2(n) times."""
        counted = Counter(words(query))
        if self._model is None or not counted:
            return np.zeros(self.size)
        repeated = [word for word, count in counted.items() for _ in range(1 + int(math.log2(count)))]
        known = [word for word in repeated if word in self._model.vocab_dict]
        if not known:
            return np.zeros(self.size)
        return np.asarray(self._model.get_scores(known), dtype=float)
