"""The report's words against the words of files and functions (BM25)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.fields import SHARES, FieldScores
from sahur_core.code.locate.signals import Explain, Signal

_PARTS = {
    "mixed": "the report",
    "report": "the report",
    "title": "the title",
    "prose": "the report's description",
    "ticked": "the code in the report's sentences",
    "names": "the names in the report",
}
_FILE = "words of the file"
_PIECE = "words of a function"


def word_signals(case: Case) -> Iterator[Signal]:
    """Whole files, and their best functions, against parts of the report."""
    for query in ("names", "ticked"):
        values = case.file_scores(query)
        yield Signal(f"file_{query}", values, _fit(values, f"the words of the file fit {_PARTS[query]}"), _FILE)
    fielded = FieldScores(case)
    for query in ("mixed", "report", "title", "prose"):
        values, best = _best_pieces(case, fielded.pieces(query), 1.0)
        yield Signal(f"field_{query}", values, _piece_fit(case, values, best, _PARTS[query]), _PIECE)
    for query in ("report", "prose"):
        values, best = _best_pieces(case, fielded.pieces(query), *SHARES)
        yield Signal(f"fields_{query}", values, _piece_fit(case, values, best, _PARTS[query]), _PIECE)
    covered = case.file_coverage("title")
    told = "has {:.0%} of the title's words, by their rarity"
    yield Signal("cover_title", covered, lambda place: told.format(covered[place]), _FILE)
    values, best = _best_pieces(case, case.piece_coverage("title"), 1.0)
    yield Signal("piece_cover_title", values, _piece_fit(case, values, best, _PARTS["title"]), _PIECE)
    yield _named_alike(case)


def _named_alike(case: Case) -> Signal:
    """The name of a file's definition that has most words of the report."""
    fit = case.name_fit("mixed")
    total = case.index.blob_count
    order = np.lexsort((-fit, case.index.definition_blobs))
    blobs = case.index.definition_blobs[order]
    first = order[np.arange(len(order)) == np.searchsorted(blobs, np.arange(total))[blobs]]
    best = np.zeros(total, dtype=np.int64)
    best[case.index.definition_blobs[first]] = first
    values = np.zeros(total)
    values[case.index.definition_blobs[first]] = fit[first]

    def explain(place: int) -> str:
        name = case.index.definition_name(int(best[case.blobs[place]]))
        return f"the name of `{name}` has words of the report"

    return Signal("named_mixed", case.of_files(values), explain, "name")


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
