"""Files by how likely they hold the cause."""

from __future__ import annotations

import math

import numpy as np

from sahur_core.code.locate.case import Case
from sahur_core.code.locate.model import Scored, load_weights, weigh
from sahur_core.code.locate.signals.all import all_signals
from sahur_core.code.records import SuspectFile

MAX_REASONS = 6
DIGITS = 4


def score_files(case: Case) -> Scored:
    """Scores of `case.files`, in their order."""
    return weigh(all_signals(case), load_weights("files"))


def order_of(scored: Scored) -> list[int]:
    """Places of the candidates, the likeliest first; ties by path, so that the order is the same every time."""
    return [int(place) for place in np.argsort(-scored.scores, kind="stable")]


def anything_fits(scored: Scored) -> bool:
    """Whether the report has anything in common with any candidate."""
    return any(scored.fits(place) for place in range(len(scored.scores)))


def rank_files(case: Case, scored: Scored, limit: int) -> list[SuspectFile]:
    """Those for which anything speaks. A score is how much likelier or less likely a file is than the first."""
    best = order_of(scored)[:limit]
    top = float(scored.scores[best[0]]) if best else 0.0
    found = []
    for place in best:
        if scored.fits(place):
            score = round(math.exp(float(scored.scores[place]) - top), DIGITS)
            path = case.index.paths[int(case.files[place])]
            found.append(SuspectFile(path=path, score=score, reasons=scored.reasons(place, MAX_REASONS)))
    return found + _rank_others(case, limit - len(found), found[-1].score if found else 1.0)


def _rank_others(case: Case, limit: int, below: float) -> list[SuspectFile]:
    """Tests and documents: they speak the report's words whatever is wrong, and come behind everything else."""
    others = np.flatnonzero(case.place_of_file < 0)
    if limit <= 0 or not len(others) or not case.queries["report"]:
        return []
    fit = case.best_piece_scores(others) * case.index.file_weights[others]
    best = [int(place) for place in np.argsort(-fit, kind="stable")[:limit] if fit[place] > 0]
    greatest = float(fit[best[0]]) if best else 1.0
    return [
        SuspectFile(
            path=case.index.paths[int(others[place])],
            score=round(below * float(fit[place]) / greatest, DIGITS),
            reasons=["a test or document that speaks the report's words"],
        )
        for place in best
    ]
