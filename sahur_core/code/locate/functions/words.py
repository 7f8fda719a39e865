"""The report's words against the words of functions: of their text (BM25), and of their name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.terms import TOKEN, token_terms
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.signals import Explain, Signal

_QUERIES = {
    "cause": "what the report says besides stack traces",
    "report": "the report",
    "title": "the title",
    "prose": "the report's description",
}


def word_signals(field: Field) -> Iterator[Signal]:
    """Words of the code itself, then those of names."""
    for query, what in _QUERIES.items():
        values = share(_of_candidates(field, field.case.piece_scores(query)))
        yield Signal(query, values, _fit(values, f"its words fit {what}"), "words")
        if query == "report":
            yield Signal("report_in_file", values / np.maximum(_greatest(values, field.groups), 1e-9), lambda _: "")
    yield from _name_words(field)


def share(values: Numbers) -> Numbers:
    """Values as shares of the greatest."""
    greatest = float(values.max(initial=0.0))
    return values / greatest if greatest > 0 else values


def stems_of(text: str) -> list[str]:
    """The stemmed words of a text without those that say nothing, in their order."""
    return [term for token in TOKEN.findall(text) for term in token_terms(token) if term[0] != "="]


def rarity_of(documents: Sequence[set[str]]) -> dict[str, float]:
    """How rare each word is among sets of words."""
    counted = Counter(word for document in documents for word in document)
    return {word: math.log(1 + len(documents) / count) for word, count in counted.items()}


def _of_candidates(field: Field, scores: Numbers) -> Numbers:
    return np.array([max((scores[piece] for piece in each.pieces), default=0.0) for each in field.candidates], dtype=np.float64)


def _greatest(values: Numbers, groups: Numbers) -> Numbers:
    """For each candidate the greatest value in its group."""
    best = np.zeros(int(groups.max(initial=-1)) + 1)
    np.maximum.at(best, groups, values)
    found: Numbers = best[groups]
    return found


def _fit(values: Numbers, what: str) -> Explain:
    return lambda number: f"{what} ({values[number]:.0%} of the best)"


def _name_words(field: Field) -> Iterator[Signal]:
    """How much of a name's words the report says, and how much of the title's words a name says."""
    report = field.case.report
    names = [set(stems_of(f"{each.owner} {each.bare}")) for each in field.candidates]
    rarity = rarity_of(names)
    yield Signal("full_name_of_title", _recalled(names, set(stems_of(report.title)), rarity), lambda _: "")
    yield Signal("full_name_covered", _covered(names, set(stems_of(report.text)), rarity), lambda _: "")


def _covered(names: Sequence[set[str]], said: set[str], rarity: dict[str, float]) -> Numbers:
    """For each name the share of its words (by rarity) that are said."""
    totals = [sum(rarity.get(word, 0.0) for word in sorted(name)) for name in names]
    found = [sum(rarity.get(word, 0.0) for word in sorted(name & said)) for name in names]
    return np.array([value / total if total else 0.0 for value, total in zip(found, totals, strict=True)])


def _recalled(names: Sequence[set[str]], said: set[str], rarity: dict[str, float]) -> Numbers:
    """For each name the share of what is said (by rarity) that it has."""
    total = sum(rarity.get(word, 0.0) for word in sorted(said)) or 1.0
    return np.array([sum(rarity.get(word, 0.0) for word in sorted(name & said)) / total for name in names])
