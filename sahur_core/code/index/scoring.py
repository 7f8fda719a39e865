"""BM25 (Lucene's variant: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) over parts of postings.

The documents of a query are those of one commit: the frequencies of terms and the mean length are theirs alone, as if
the index held nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sahur_core.code.index.arrays import Arrays, Numbers, expand
from sahur_core.code.index.postings import find_terms
from sahur_core.code.index.terms import term_number

K1 = 1.2


@dataclass(frozen=True)
class Hits:
    """Where the terms of a query occur: parallel arrays, sorted by term and document."""

    terms: Numbers
    """Place of the term in the query's list."""
    documents: Numbers
    counts: Numbers


def query_weights(counted: Mapping[str, int]) -> dict[str, float]:
    """A term said n times counts 1 + ln(n) times."""
    return {term: 1.0 + math.log(count) for term, count in counted.items()}


def find_hits(parts: Sequence[Arrays], terms: Sequence[str], documents: Numbers) -> Hits:
    """`documents` maps each document of all parts, one after the other, to its number for the caller; -1 leaves it out."""
    numbers = np.array([term_number(term) for term in terms], dtype=np.uint64)
    found: list[tuple[Numbers, Numbers, Numbers]] = []
    offset = 0
    for part in parts:
        wanted, places = find_terms(part, numbers)
        at = expand(part["posting_starts"], places)
        lengths = part["posting_starts"][places + 1] - part["posting_starts"][places]
        mapped = documents[offset + part["documents"][at]]
        alive = mapped >= 0
        found.append((np.repeat(wanted, lengths)[alive], mapped[alive], part["counts"][at][alive]))
        offset += len(part["lengths"])
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return Hits(empty, empty, empty)
    joined = [np.concatenate(column) for column in zip(*found, strict=True)]
    return Hits(joined[0], joined[1], joined[2].astype(np.float64))


def group_hits(hits: Hits, groups: Numbers, total: int) -> Hits:
    """The hits of groups of documents (`groups[document]`, below `total`): the counts of a group's documents are added up."""
    keys = hits.terms * total + groups[hits.documents]
    unique, inverse = np.unique(keys, return_inverse=True)
    return Hits(unique // total, unique % total, np.bincount(inverse, weights=hits.counts, minlength=len(unique)))


def term_weights(hits: Hits, lengths: Numbers, size: int, terms: int, length_weight: float) -> Numbers:
    """What each hit is worth for its document, before the weight of the term in the query.

    `size` is the number of documents; where `lengths` has more entries, those without text are none of them.
    """
    frequencies = np.bincount(hits.terms, minlength=terms)
    rarity = np.log1p((size - frequencies + 0.5) / (frequencies + 0.5))
    mean = float(lengths.sum()) / max(size, 1)
    norms = K1 * (1.0 - length_weight + length_weight * lengths / max(mean, 1e-9))
    counted: Numbers = rarity[hits.terms] * hits.counts / (hits.counts + norms[hits.documents])
    return counted


def score(hits: Hits, weights: Numbers, query: Numbers, size: int) -> Numbers:
    """The score of each document; `query` holds the weight of each term of the query's list."""
    return np.bincount(hits.documents, weights=weights * query[hits.terms], minlength=size)
