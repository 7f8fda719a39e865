"""What holds whatever the words are: how likely the file is, what was found on the stack, and what kind of function it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.phrases import phrases_of
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.functions.names import name_counts
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.suspects import Board

MIN_FILE_LOG = -12.0
"""Less likely files count as this likely: the sum of weak evidence for a function may be enough."""
MAX_PHRASES = 6
TOLD_FILES = 3
"""Of so many files it is told that they are likely."""


def shape_signals(field: Field, board: Board) -> Iterator[Signal]:
    """File, stack, texts, and kind."""
    yield from _file(field)
    yield from _stack(field)
    yield from _accused(field, board)
    yield _texts(field)
    yield from _kind(field)


def file_values(scores: Numbers) -> tuple[Numbers, Numbers]:
    """For each file how likely it is (1 for the only one that can be, by logarithms), and one over its rank."""
    if not len(scores):
        return scores, scores
    shifted = scores - scores.max()
    logs = shifted - np.log(np.exp(shifted).sum())
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1.0 + np.maximum(logs, MIN_FILE_LOG) / abs(MIN_FILE_LOG), 1.0 / ranks


def _file(field: Field) -> Iterator[Signal]:
    likely, ranked = file_values(field.file_scores)

    def reason(number: int) -> str:
        return "its file is among the likeliest" if ranked[field.places[number]] >= 1 / TOLD_FILES else ""

    yield Signal("file", likely[field.places], reason)
    yield Signal("file_rank", ranked[field.places], lambda _: "")


def _stack(field: Field) -> Iterator[Signal]:
    """Which functions are on the stack, and how near to where it failed (1 for the innermost of ours)."""
    near, last = field.zeros(), field.zeros()
    told: dict[int, str] = {}
    for trace in field.case.report.traces:
        depth = 0
        for number, frame in reversed(list(enumerate(trace.frames, 1))):
            path = field.case.index.path_map.find(frame.path)
            found = field.find(path, frame.function, frame.line) if path else None
            if found is not None:
                near[found] = max(near[found], 1 / (1 + depth))
                last[found] = max(last[found], float(depth == 0))
                told.setdefault(found, f"frame {number} of the stack trace, line {frame.line}")
            depth += bool(path)
    yield Signal("stack", (near > 0).astype(np.float64), lambda number: told.get(number, ""), "stack")
    yield Signal("stack_near", near, lambda number: told.get(number, ""), "stack")
    yield Signal("stack_last", last, lambda number: f"{told[number]}: the innermost of ours" if number in told else "", "stack")


def _accused(field: Field, board: Board) -> Iterator[Signal]:
    """What the board holds against functions: values that failed on the stack, raised exceptions, named lines."""
    values = field.zeros()
    told: dict[int, str] = {}
    for function, score in board.ranked():
        found = field.find(function.path, function.name.rsplit(".", 1)[-1], function.start)
        if found is None:
            found = field.find(function.path, "", function.start)
        if found is not None and score.value > values[found]:
            values[found] = score.value
            told[found] = score.reasons[0] if score.reasons else ""
    yield Signal("accused", values, lambda number: told.get(number, ""), "stack")


def _texts(field: Field) -> Signal:
    """Phrases of the report that stand in the texts that a function can write."""
    said = set(phrases_of(field.case.report.text))
    found: dict[str, dict[int, None]] = defaultdict(dict)
    for path, line, template in field.case.index.templates:
        if path in field.by_path:
            shared = [phrase for phrase in phrases_of(template.replace("{}", "\n")) if phrase in said]
            holders = [number for number in field.by_path[path] if shared and field.candidates[number].holds(line)]
            for phrase in shared if holders else ():
                found[phrase] |= dict.fromkeys(holders)
    values = field.zeros()
    told: dict[int, list[str]] = defaultdict(list)
    for phrase, numbers in found.items():
        for number in numbers:
            values[number] += 1 / len(numbers)
            told[number].append(phrase)

    def reason(number: int) -> str:
        return f"may write “{max(told[number], key=len)}”, which the report repeats" if number in told else ""

    return Signal("text", np.minimum(values, MAX_PHRASES) / MAX_PHRASES, reason)


def _kind(field: Field) -> Iterator[Signal]:
    kinds = {
        "special": [each.bare.startswith("__") for each in field.candidates],
        "private": [each.bare.startswith("_") and not each.bare.startswith("__") for each in field.candidates],
    }
    for name, facts in kinds.items():
        yield Signal(name, np.array(facts, dtype=np.float64), lambda _: "")
    yield Signal("same_name", np.log1p(name_counts(field)) / 5, lambda _: "")
