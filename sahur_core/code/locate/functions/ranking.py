"""Both looks put together: functions in, the likeliest out with their reasons."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.functions.callers import caller_signals, find_calls
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.functions.names import name_signals
from sahur_core.code.locate.functions.reading import read_code, reading_signals
from sahur_core.code.locate.functions.shape import shape_signals
from sahur_core.code.locate.functions.words import word_signals
from sahur_core.code.locate.model import Scored
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.suspects import Board
from sahur_core.code.records import SuspectFunction

MAX_READ = 150
"""Candidates that are looked at more closely."""
MAX_REASONS = 6
DIGITS = 4


def rank_functions(repository: Repository, case: Case, file_scores: Numbers, board: Board, limit: int) -> list[SuspectFunction]:
    """At most `MAX_READ` functions, the likeliest first; a score is how much likelier or less likely one is than the first."""
    field = Field(case, file_scores)
    if not len(field):
        return []
    first = first_look(field, board)
    scores = add_up(first, load("first")).scores
    numbers = np.argsort(-scores, kind="stable")[:MAX_READ].tolist()
    codes = read_code(repository, field, numbers)
    second = [*first, *reading_signals(field, codes), *caller_signals(field, find_calls(field, codes), scores)]
    scored = add_up(second, load("second"))
    best = sorted(numbers, key=lambda number: (-scored.scores[number], number))[:limit]
    top = float(scored.scores[best[0]])
    return [_suspect(field, scored, number, top) for number in best]


def first_look(field: Field, board: Board) -> list[Signal]:
    """What the index and the stack traces tell."""
    return [*word_signals(field), *name_signals(field), *shape_signals(field, board)]


def add_up(signals: Sequence[Signal], weights: Mapping[str, float]) -> Scored:
    """The sum of all signals by their weights; a signal without one counts nothing."""
    values = np.stack([signal.values for signal in signals], axis=1)
    shares = values * np.array([weights.get(signal.name, 0.0) for signal in signals])
    return Scored(shares.sum(axis=1), signals, shares)


@lru_cache
def load(look: str) -> Mapping[str, float]:
    """The weights of the first or second look."""
    content = json.loads((Path(__file__).parent.parent / "weights" / "functions.json").read_text("utf-8"))
    weights: Mapping[str, float] = content[look]
    return weights


def _suspect(field: Field, scored: Scored, number: int, top: float) -> SuspectFunction:
    candidate = field.candidates[number]
    start, end = candidate.spans[0]
    return SuspectFunction(
        path=candidate.path,
        name=candidate.name,
        start=start,
        end=end,
        score=round(math.exp(float(scored.scores[number]) - top), DIGITS),
        reasons=scored.reasons(number, MAX_REASONS),
    )
