"""Terms: what a word of code or prose is searched by, as 64-bit numbers.

An identifier gives its stemmed parts (`MaskedColumn`: `mask`, `column`) and, marked by `=`, itself as a whole. A term is
kept as the first eight bytes of its BLAKE2b digest, so that no dictionary has to be stored, merged or loaded; with a
million different terms the chance that any two share a number is below one in thirty million.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

from sahur_core.code.index.ranking import stem, word_parts

TOKEN = re.compile(r"[^\W\d]\w*|\d{2,}")
MAX_TOKEN_CHARS = 80

Numbers = np.ndarray[Any, Any]


@lru_cache(maxsize=200_000)
def term_number(term: str) -> int:
    """The number of a term."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@lru_cache(maxsize=200_000)
def token_terms(token: str) -> tuple[str, ...]:
    """The terms of one word as written; none for a stop word."""
    if len(token) > MAX_TOKEN_CHARS:
        return ()
    parts = word_parts(token)
    whole = len(parts) > 1 or "_" in token.strip("_") or (token[0].isupper() and len(token) > 2)
    stems = tuple(stem(parts))
    return (*stems, "=" + token) if whole and not token.isdigit() else stems


def count_terms(text: str) -> dict[str, int]:
    """How often each term occurs in a text."""
    counted: Counter[str] = Counter()
    for token, times in Counter(TOKEN.findall(text)).items():
        for term in token_terms(token):
            counted[term] += times
    return dict(counted)


class Vocabulary(dict[str, int]):
    """Numbers tokens in the order in which they are met, and knows the terms of each."""

    def __init__(self, *, wholes: bool = True) -> None:
        """`wholes`: whether identifiers count as a whole too."""
        super().__init__()
        self._wholes = wholes
        self._terms: dict[str, int] = {}
        self._starts: list[int] = [0]
        self._members: list[int] = []

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        self._members += [
            self._terms.setdefault(term, len(self._terms)) for term in token_terms(token) if self._wholes or term[0] != "="
        ]
        self._starts.append(len(self._members))
        return number

    def encode(self, text: str) -> Numbers:
        """The numbers of a text's tokens, in their order."""
        tokens = TOKEN.findall(text)
        return np.fromiter(map(self.__getitem__, tokens), dtype=np.int32, count=len(tokens))

    def terms(self) -> tuple[Numbers, Numbers, Numbers]:
        """`(numbers, starts, members)`: the number of each term; token t has the terms `members[starts[t]:starts[t + 1]]`."""
        numbers = np.fromiter(map(term_number, self._terms), dtype=np.uint64, count=len(self._terms))
        return numbers, np.array(self._starts, dtype=np.int64), np.array(self._members, dtype=np.int64)
