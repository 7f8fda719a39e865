"""Small repositories: where there is little to compare, what was found on the stack decides.

The trained model compares candidates with each other. Of a handful of files one is always the most alike by far, whatever
the report is about, so that in a small repository the board's accusations (frames, values that the failing line uses,
latest changes) count instead; between `FEW` and `MANY` candidates both do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sahur_core.code.locate.suspects import Board
from sahur_core.code.records import SuspectFile, SuspectFunction

FEW, MANY = 20, 200
STEEPNESS = 4.0
"""How much a difference between two accusations counts against one between two scores of the model."""
FLOOR = 0.01
"""The least that a candidate is suspected by either."""
DIGITS = 4
MAX_REASONS = 6


def model_share(candidates: int) -> float:
    """How much the model counts, from 0 for a handful of candidate files to 1 for many."""
    share = (math.log(max(candidates, 1)) - math.log(FEW)) / (math.log(MANY) - math.log(FEW))
    return min(max(share, 0.0), 1.0)


def blend_functions(board: Board, ranked: Sequence[SuspectFunction], share: float) -> list[SuspectFunction]:
    """The functions by both; those that only one of them knows come behind."""
    accused = {(entry.path, entry.name): entry for entry in board.ranked_functions(len(ranked) + 1)} if share < 1 else {}
    by_model = {(entry.path, entry.name): entry for entry in ranked}
    found = []
    for key in {**by_model, **accused}:
        own, other = by_model.get(key), accused.get(key)
        score = _blended(own.score if own else 0.0, other.score if other else 0.0, share)
        reasons = [*(other.reasons if other else ()), *(own.reasons if own else ())]
        entry = own or other
        if entry is not None and reasons:  # what nothing speaks for is no suspect
            found.append(entry.model_copy(update={"score": score, "reasons": list(dict.fromkeys(reasons))[:MAX_REASONS]}))
    found.sort(key=lambda entry: (-entry.score, entry.path, entry.start))
    top = found[0].score if found else 1.0
    return [entry.model_copy(update={"score": round(entry.score / top, DIGITS)}) for entry in found]


def blend_files(board: Board, ranked: Sequence[SuspectFile], share: float) -> list[SuspectFile]:
    """The files by both; a file is accused as much as its most accused function."""
    if share >= 1:
        return list(ranked)
    suspicions = board.suspicions()
    most = max((value for value, _ in suspicions.values()), default=1.0)
    found = []
    for entry in ranked:
        value, told = suspicions.get(entry.path, (0.0, []))
        reasons = list(dict.fromkeys([*told[:2], *entry.reasons]))[:MAX_REASONS]
        score = _blended(entry.score, value / most if most > 0 else 0.0, share)
        found.append(entry.model_copy(update={"score": score, "reasons": reasons}))
    found.sort(key=lambda entry: (-entry.score, entry.path))
    top = found[0].score if found else 1.0
    return [entry.model_copy(update={"score": round(entry.score / top, DIGITS)}) for entry in found]


def _blended(model: float, accused: float, share: float) -> float:
    score: float = _lifted(model) ** share * _lifted(accused) ** (STEEPNESS * (1 - share))
    return score


def _lifted(score: float) -> float:
    return FLOOR + (1 - FLOOR) * score
