"""Who calls whom among the candidates: the cause is often in what a function calls that the report describes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.functions.reading import Code, Receiver
from sahur_core.code.locate.signals import Signal

MAX_MEANT = 4
"""A called name that can mean more candidates means none."""
SOFTNESS = 1.5
"""By how much the logarithms of likelihoods are divided: a caller need not be the first to count."""


def find_calls(field: Field, codes: Mapping[int, Code]) -> dict[int, set[int]]:
    """For each candidate that was read the candidates that it calls."""
    found: dict[int, set[int]] = {}
    for number, code in codes.items():
        meant = {target for name in code.calls for target in _meant(field, number, code, name)}
        meant.discard(number)
        if meant:
            found[number] = meant
    return found


def _meant(field: Field, number: int, code: Code, name: str) -> list[int]:
    """Candidates that a called name can mean: on the object itself those of its class, on nothing those of its file."""
    named = field.by_name.get(name, [])
    if not named:
        return []
    caller = field.candidates[number]
    if code.calls[name] == Receiver.ITSELF:
        own = [n for n in named if (field.candidates[n].place, field.candidates[n].owner) == (caller.place, caller.owner)]
        named = own or [n for n in named if field.candidates[n].owner]
    elif code.calls[name] == Receiver.NOTHING:
        plain = [n for n in named if not field.candidates[n].owner]
        named = [n for n in plain if field.candidates[n].place == caller.place] or plain or named
    return named if len(named) <= MAX_MEANT else []


def caller_shares(total: int, calls: Mapping[int, set[int]], scores: Numbers) -> dict[str, Numbers]:
    """How much each of `total` candidates gets from those that call it."""
    likely = _likely(scores)
    callers = _callers(calls)
    values = {name: np.zeros(total) for name in ("called_by", "called_by_shared")}
    for number, found in callers.items():
        values["called_by"][number] = max(likely[caller] for caller in found)
        values["called_by_shared"][number] = max(likely[caller] / math.sqrt(len(calls[caller])) for caller in found)
    return values


def caller_signals(field: Field, calls: Mapping[int, set[int]], scores: Numbers) -> Iterator[Signal]:
    """By the scores of a first look."""
    callers = _callers(calls)

    def of_caller(number: int) -> str:
        best = max(callers.get(number, ()), key=lambda caller: scores[caller], default=None)
        return _told(field, best, number) if best is not None else ""

    for name, values in caller_shares(len(field), calls, scores).items():
        yield Signal(name, values, of_caller, "calls")


def _told(field: Field, caller: int, called: int) -> str:
    """Calls are found by name: what several things are called is not told, as it may be any of them."""
    is_sure = len(field.case.index.definitions_of(field.candidates[called].bare)) == 1
    return f"`{field.candidates[caller].name}` calls it, to which the report points" if is_sure else ""


def _likely(scores: Numbers) -> Numbers:
    """How likely each candidate is against the likeliest, softened."""
    return np.exp((scores - scores.max(initial=-np.inf)) / SOFTNESS) if len(scores) else scores


def _callers(calls: Mapping[int, set[int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for caller, called in calls.items():
        for number in called:
            found.setdefault(number, []).append(caller)
    return found
