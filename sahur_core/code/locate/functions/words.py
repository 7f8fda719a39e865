"""The report's words against the words of functions: of their text (BM25), their name, and what is said of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.parsing import PieceKind
from sahur_core.code.index.terms import TOKEN, token_terms
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.signals import Explain, Signal

_QUERIES = {
    "cause": "what the report says besides stack traces",
    "report": "the report",
    "title": "the title",
    "prose": "the report's description",
    "code": "the report's code",
    "names": "the names in the report",
}


def word_signals(field: Field) -> Iterator[Signal]:
    """Words of the code itself, then those of names and documentation."""
    for query, what in _QUERIES.items():
        values = share(_of_candidates(field, field.case.piece_scores(query)))
        yield Signal(query, values, _fit(values, f"its words fit {what}"), "words")
        yield Signal(f"{query}_in_file", values / np.maximum(_greatest(values, field.groups), 1e-9), lambda _: "")
    report = share(_of_candidates(field, field.case.piece_scores("report")))
    is_best = (report > 0) & (report == _greatest(report, field.groups))
    yield Signal("best_in_file", is_best.astype(np.float64), lambda _: "no function of its file fits the report better")
    yield from _surroundings(field, report)
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


def _surroundings(field: Field, report: Numbers) -> Iterator[Signal]:
    """How well the other methods of its class fit, and the class itself without its methods."""
    members: dict[tuple[int, str], list[int]] = {}
    for number, candidate in enumerate(field.candidates):
        members.setdefault((candidate.place, candidate.owner), []).append(number)
    mean, best = field.zeros(), field.zeros()
    for numbers in members.values():
        values = report[numbers]
        for number in numbers if len(numbers) > 1 else ():
            mean[number] = (values.sum() - report[number]) / (len(numbers) - 1)
        top = np.sort(values)[::-1]
        best[numbers] = np.where(values >= top[0], top[1] if len(top) > 1 else 0.0, top[0])
    yield Signal("siblings", mean, lambda _: "the functions around it fit the report")
    yield Signal("sibling_best", best, lambda _: "")
    values = share(_class_scores(field))
    yield Signal("class_report", values, _fit(values, "the words of its class fit the report"))


def _class_scores(field: Field) -> Numbers:
    index, case = field.case.index, field.case
    scores = case.piece_scores("report")
    kinds = index.piece_kinds[case.pieces]
    wanted = set(field.places.tolist())
    of_class: dict[tuple[int, str], float] = {}
    definitions = index.piece_definitions[case.pieces]
    blobs = {int(case.blobs[place]): place for place in wanted}
    for piece in np.flatnonzero((kinds == PieceKind.CLASS) & (scores > 0)).tolist():
        place = blobs.get(int(case.piece_blobs[piece]))
        if place is not None and definitions[piece] >= 0:
            key = (place, index.definition_name(int(definitions[piece])))
            of_class[key] = max(of_class.get(key, 0.0), float(scores[piece]))
    return np.array([of_class.get((each.place, each.owner), 0.0) for each in field.candidates], dtype=np.float64)


def _name_words(field: Field) -> Iterator[Signal]:
    """How much of a name's words the report says, and how much of the title's words a name says."""
    report = field.case.report
    said = {
        "title": set(stems_of(report.title)),
        "report": set(stems_of(report.text)),
        "ticked": set(stems_of(" ".join(report.ticked))),
    }
    bare = [set(stems_of(each.bare)) for each in field.candidates]
    owner = [set(stems_of(each.owner)) for each in field.candidates]
    docs = [set(stems_of(each.doc)) for each in field.candidates]
    both = [a | b for a, b in zip(bare, owner, strict=True)]
    rarity = rarity_of(both)
    for what in ("title", "report", "ticked"):
        shared = [words & said[what] for words in bare]
        yield Signal(f"name_covered_{what}", _covered(bare, said[what], rarity), _tell(shared, what), "name")
    yield Signal(
        "name_of_title", _recalled(bare, said["title"], rarity), _tell([w & said["title"] for w in bare], "title"), "name"
    )
    yield Signal("full_name_of_title", _recalled(both, said["title"], rarity), lambda _: "")
    yield Signal("full_name_covered", _covered(both, said["report"], rarity), lambda _: "")
    shared = [words & said["title"] for words in owner]
    yield Signal(
        "class_covered_title", _covered(owner, said["title"], rarity), _tell(shared, "title", "its class's name"), "class"
    )
    rarity = rarity_of(docs)
    for what in ("title", "report"):
        shared = [words & said[what] for words in docs]
        yield Signal(
            f"doc_{what}", _recalled(docs, said[what], rarity), _tell(shared, what, "its documentation"), "documentation"
        )


def _covered(names: Sequence[set[str]], said: set[str], rarity: dict[str, float]) -> Numbers:
    """For each name the share of its words (by rarity) that are said."""
    totals = [sum(rarity.get(word, 0.0) for word in sorted(name)) for name in names]
    found = [sum(rarity.get(word, 0.0) for word in sorted(name & said)) for name in names]
    return np.array([value / total if total else 0.0 for value, total in zip(found, totals, strict=True)])


def _recalled(names: Sequence[set[str]], said: set[str], rarity: dict[str, float]) -> Numbers:
    """For each name the share of what is said (by rarity) that it has."""
    total = sum(rarity.get(word, 0.0) for word in sorted(said)) or 1.0
    return np.array([sum(rarity.get(word, 0.0) for word in sorted(name & said)) / total for name in names])


def _tell(shared: Sequence[set[str]], what: str, which: str = "its name") -> Explain:
    where = {"title": "the title", "report": "the report", "ticked": "what the report quotes as code"}[what]

    def reason(number: int) -> str:
        return f"{which} has words of {where}" if shared[number] else ""

    return reason
