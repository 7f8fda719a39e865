"""Inverted lists: for each term the documents that hold it, and how often (at most 255 times)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sahur_core.code.index.arrays import Arrays, Numbers, expand
from sahur_core.code.index.terms import Vocabulary

MAX_COUNT = 255


def build_postings(vocabulary: Vocabulary, documents: Sequence[Numbers]) -> Arrays:
    """Postings of documents given by the numbers of their tokens; `lengths` are the documents' numbers of terms."""
    numbers, starts, members = vocabulary.terms()
    order = np.argsort(numbers)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    tokens = np.concatenate([*documents, np.zeros(0, dtype=np.int32)]).astype(np.int64)
    owners = np.repeat(np.arange(len(documents), dtype=np.int64), [len(document) for document in documents])
    owners = np.repeat(owners, starts[tokens + 1] - starts[tokens])
    terms = rank[members[expand(starts, tokens)]] if len(tokens) else np.zeros(0, dtype=np.int64)
    lengths = np.bincount(owners, minlength=len(documents)).astype(np.float32)
    pairs, counts = np.unique(terms * max(len(documents), 1) + owners, return_counts=True)
    return _arrays(numbers[order], pairs // max(len(documents), 1), pairs % max(len(documents), 1), counts) | {"lengths": lengths}


def merge_postings(parts: Sequence[Arrays]) -> Arrays:
    """Postings of all parts; the documents of each follow those of the part before it."""
    terms = np.concatenate([np.repeat(part["terms"], np.diff(part["posting_starts"])) for part in parts])
    offsets = np.cumsum([0, *(len(part["lengths"]) for part in parts)])
    documents = np.concatenate([part["documents"] + offset for part, offset in zip(parts, offsets, strict=False)])
    counts = np.concatenate([part["counts"] for part in parts])
    order = np.argsort(terms, kind="stable")
    numbers, ranks = np.unique(terms, return_inverse=True)
    merged = _arrays(numbers, ranks[order], documents[order], counts[order])
    return merged | {"lengths": np.concatenate([part["lengths"] for part in parts])}


def _arrays(numbers: Numbers, terms: Numbers, documents: Numbers, counts: Numbers) -> Arrays:
    """From triples that are sorted by term and document."""
    starts = np.searchsorted(terms, np.arange(len(numbers) + 1)).astype(np.int64)
    return {
        "terms": numbers,
        "posting_starts": starts,
        "documents": documents.astype(np.int32),
        "counts": np.minimum(counts, MAX_COUNT).astype(np.uint8),
    }


def find_terms(arrays: Arrays, wanted: Numbers) -> tuple[Numbers, Numbers]:
    """Which of the wanted terms occur, and where in `terms` each of these is."""
    known = arrays["terms"]
    if not len(known):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    there = np.flatnonzero(known[places] == wanted)
    return there, places[there]
