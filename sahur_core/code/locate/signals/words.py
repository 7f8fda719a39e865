"""The report's words against the words of files and functions (BM25)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Explain, Signal

BEST_PIECES = 3
_FIELDS = {
    "report": "the report",
    "title": "the title",
    "prose": "the report's description",
    "code": "the report's code",
    "names": "the names in the report",
}


def word_signals(case: Case) -> Iterator[Signal]:
    """Whole files, and their best functions, against parts of the report."""
    for query, what in _FIELDS.items():
        values = case.file_scores(query)
        yield Signal(f"file_{query}", values, _fit(values, f"the words of the file fit {what}"))
    for query in ("report", "title"):
        values, best = _best_pieces(case, query, 1)
        yield Signal(f"piece_{query}", values, _piece_fit(case, values, best, _FIELDS[query]))
    values, best = _best_pieces(case, "report", BEST_PIECES)
    yield Signal("pieces_report", values, _piece_fit(case, values, best, _FIELDS["report"]))


def _best_pieces(case: Case, query: str, count: int) -> tuple[Numbers, Numbers]:
    """The sum of the scores of each file's best pieces, and its best piece."""
    scores = case.piece_scores(query)
    total = case.index.blob_count
    order = np.lexsort((-scores, case.piece_blobs))
    blobs = case.piece_blobs[order]
    starts = np.searchsorted(blobs, np.arange(total))
    rank = np.arange(len(order)) - starts[blobs]
    chosen = order[rank < count]
    sums = np.bincount(case.piece_blobs[chosen], weights=scores[chosen], minlength=total)
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
        name = f"`{chunk.name}`" if chunk.name else f"lines {chunk.start} to {chunk.end}"
        return f"the words of {name} fit {what} ({values[place] / greatest:.0%} of the best)" if greatest > 0 else ""

    return explain
