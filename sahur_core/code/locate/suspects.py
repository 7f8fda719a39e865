"""The board of suspects: what speaks for each file and function, and how much.

Every clue has a fixed weight between 0 and 1, as if it were the chance that it points to the cause. Clues add up as
independent ones do (1 - product of (1 - weight)), so that many weak ones never outweigh everything; clues of the same
kind are not independent, so only the strongest of a kind counts. Weights were set by hand and are not fitted to any data set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from sahur_core.code.index.index import ROLE_WEIGHTS, CodeIndex
from sahur_core.code.languages.lookup import enclosing, find_definition
from sahur_core.code.languages.roles import role_of
from sahur_core.code.records import SuspectFile, SuspectFunction

MAX_REASONS = 8

Signal = Literal[
    "frame",
    "called",
    "origin",
    "told",
    "raises",
    "name",
    "text",
    "file",
    "words",
    "title",
    "recent change",
]

_SPOKEN = frozenset({"words", "title", "text", "raises"})
MESSENGER_SHARE = 0.4
"""How much the words of a function count that only handed the error on."""


@dataclass
class Score:
    """What speaks for one suspect. Of several clues of the same kind only the strongest counts."""

    clues: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Reason to signal and weight."""

    def add(self, signal: str, weight: float, reason: str) -> None:
        known = self.clues.get(reason)
        if known is None or known[1] < weight:
            self.clues[reason] = (signal, weight)

    @property
    def value(self) -> float:
        strongest: dict[str, float] = {}
        for signal, weight in self.clues.values():
            strongest[signal] = max(weight, strongest.get(signal, 0.0))
        return noisy_or(strongest.values())

    @property
    def reasons(self) -> list[str]:
        return sorted(self.clues, key=lambda reason: -self.clues[reason][1])[:MAX_REASONS]


@dataclass(frozen=True)
class Function:
    """A function, or where there are no symbols, a chunk of lines."""

    path: str
    name: str
    start: int
    end: int


class Board:
    """Scores of functions and files at one commit. Tests, documents and data count less than source."""

    def __init__(self, index: CodeIndex) -> None:
        self._index = index
        self.functions: dict[Function, Score] = {}
        self.files: list[SuspectFile] = []
        """The likeliest files, once they are ranked."""
        self.messengers: set[Function] = set()
        """Functions that only handed an error on (a retry, a wrapper): they speak the report's words whatever is wrong."""

    def accuse(self, function: Function, signal: Signal, weight: float, reason: str) -> None:
        if function in self.messengers and signal in _SPOKEN:
            weight *= MESSENGER_SHARE
        self.functions.setdefault(function, Score()).add(signal, weight * ROLE_WEIGHTS[role_of(function.path)], reason)

    def function_at(self, path: str, line: int, name: str = "") -> Function | None:
        """The function at a line. A name wins over the line, since the report may come from another version."""
        symbols = self._index.symbols(path=path)
        symbol = enclosing(symbols, line)
        if name and name.isidentifier() and (symbol is None or symbol.name.rsplit(".", 1)[-1] != name):
            named = find_definition(symbols, name)
            symbol = named if named and named.kind != "variable" else symbol
        if symbol:
            return Function(path, symbol.name, symbol.start, symbol.end)
        chunks = [chunk for chunk in self._index.chunks_of(path) if chunk.start <= line <= chunk.end]
        nearest = min(chunks, key=lambda chunk: chunk.end - chunk.start, default=None)
        return Function(path, nearest.name, nearest.start, nearest.end) if nearest else None

    def ranked(self) -> list[tuple[Function, Score]]:
        """Functions, the most suspect first; ties by place, so that the order is the same every time."""
        return sorted(self.functions.items(), key=lambda item: (-item[1].value, item[0].path, item[0].start))

    def first(self, limit: int) -> list[Function]:
        """The most suspect functions; the rest of a module only where none of its functions is among them."""
        top = [function for function, _ in self.ranked()[: 2 * limit]]
        named = {function.path for function in top if function.name}
        return [function for function in top if function.name or function.path not in named][:limit]

    def ranked_functions(self, limit: int) -> list[SuspectFunction]:
        ranked = [(function, score) for function, score in self.ranked() if function.name]
        top = ranked[0][1].value if ranked else 1.0
        return [
            SuspectFunction(
                path=function.path,
                name=function.name,
                start=function.start,
                end=function.end,
                score=round(score.value / top, 4),
                reasons=score.reasons,
            )
            for function, score in ranked[:limit]
        ]

    def suspicions(self) -> dict[str, tuple[float, list[str]]]:
        """How suspect each file is by its most suspect function, and why."""
        found: dict[str, tuple[float, list[str]]] = {}
        for function, score in reversed(self.ranked()):
            name = f"`{function.name}`: " if function.name else ""
            found[function.path] = (score.value, [f"{name}{reason}" for reason in score.reasons])
        return found


def noisy_or(weights: Iterable[float]) -> float:
    """The chance that at least one of independent clues is right."""
    miss = 1.0
    for weight in weights:
        miss *= 1.0 - min(max(weight, 0.0), 0.99)
    return 1.0 - miss
