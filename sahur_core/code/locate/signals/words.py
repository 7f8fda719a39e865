"""The report's words against the words of files and functions (BM25)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.fields import SHARES, FieldScores
from sahur_core.code.locate.signals import Explain, Signal

BEST_PIECES = 3
_FIELDS = {
    "mixed": "the report",
    "report": "the report",
    "title": "the title",
    "prose": "the report's description",
    "code": "the report's code",
    "ticked": "the code in the report's sentences",
    "names": "the names in the report",
}


def word_signals(case: Case) -> Iterator[Signal]:
    """Whole files, and their best functions, against parts of the report."""
    for query, what in _FIELDS.items():
        values = case.file_scores(query)
        yield Signal(f"file_{query}", values, _fit(values, f"the words of the file fit {what}"))
    for query in ("mixed", "report", "title"):
        values, best = _best_pieces(case, case.piece_scores(query), 1.0)
        yield Signal(f"piece_{query}", values, _piece_fit(case, values, best, _FIELDS[query]))
        values, best = _best_pieces(case, case.piece_scores(query), *(1.0,) * BEST_PIECES)
        yield Signal(f"pieces_{query}", values, _piece_fit(case, values, best, _FIELDS[query]))
    fielded = FieldScores(case)
    for query in ("mixed", "report", "title", "prose"):
        scores = fielded.pieces(query)
        for name, shares in (("field", (1.0,)), ("fields", SHARES)):
            values, best = _best_pieces(case, scores, *shares)
            yield Signal(f"{name}_{query}", values, _piece_fit(case, values, best, _FIELDS[query]))
    covered = case.file_coverage("title")
    yield Signal("cover_title", covered, lambda place: f"has {covered[place]:.0%} of the title's words, by their rarity")
    for name, count in (("piece_cover_title", 1), ("pieces_cover_title", BEST_PIECES)):
        covered, best = _best_pieces(case, case.piece_coverage("title"), *(1.0,) * count)
        yield Signal(name, covered, _piece_fit(case, covered, best, _FIELDS["title"]))
    for query in ("title", "mixed"):
        yield from _named_alike(case, query)


def _named_alike(case: Case, query: str) -> Iterator[Signal]:
    """The names of a file's definitions, by their words."""
    fit = case.name_fit(query)
    total = case.index.blob_count
    order = np.lexsort((-fit, case.index.definition_blobs))
    blobs = case.index.definition_blobs[order]
    rank = np.arange(len(order)) - np.searchsorted(blobs, np.arange(total))[blobs]
    best = np.zeros(total, dtype=np.int64)
    best[blobs[rank == 0]] = order[rank == 0]

    def explain(place: int) -> str:
        name = case.index.definition_name(int(best[case.blobs[place]]))
        return f"the name of `{name}` has words of {_FIELDS[query]}"

    for name, count in ((f"named_{query}", 1), (f"names_{query}", BEST_PIECES)):
        chosen = order[rank < count]
        sums = np.bincount(case.index.definition_blobs[chosen], weights=fit[chosen], minlength=total)
        yield Signal(name, case.of_files(sums), explain)


def _best_pieces(case: Case, scores: Numbers, *shares: float) -> tuple[Numbers, Numbers]:
    """The sum of the scores of each file's best pieces, of which the n-th counts its share; and its best piece."""
    total = case.index.blob_count
    order = np.lexsort((-scores, case.piece_blobs))
    blobs = case.piece_blobs[order]
    starts = np.searchsorted(blobs, np.arange(total))
    rank = np.arange(len(order)) - starts[blobs]
    is_best = rank < len(shares)
    chosen = order[is_best]
    weights = scores[chosen] * np.array(shares)[rank[is_best]]
    sums = np.bincount(case.piece_blobs[chosen], weights=weights, minlength=total)
    best = np.zeros(total, dtype=np.int64)
    first = order[rank == 0]
    best[case.piece_blobs[first]] = first
    return case.of_files(sums), np.append(best, 0)[case.blobs]


def _fit(values: Numbers, what: str) -> Explain:
    greatest = float(values.max()) if len(values) else 0.0
    return lambda place: f"{what} ({values[place] / greatest:.0%} of the best)" if greatest > 0 else ""


def _piece_fit(case: Case, values: Numbers, best: Numbers, what: str) -> Explain:
    greatest = float(values.max()) if len(values) else 0.0

    def explain(place: int) -> str:
        chunk = case.index.chunk(int(case.pieces[best[place]]))
        rest = "what stands outside of its functions" if chunk.kind == "module" else f"lines {chunk.start} to {chunk.end}"
        name = f"`{chunk.name}`" if chunk.name else rest
        return f"the words of {name} fit {what} ({values[place] / greatest:.0%} of the best)" if greatest > 0 else ""

    return explain
