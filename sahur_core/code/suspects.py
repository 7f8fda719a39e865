"""The board of suspects: what speaks for each file and function, and how much.

Every clue has a fixed weight between 0 and 1, as if it were the chance that it points to the cause. Clues add up as
independent ones do (1 - product of (1 - weight)), so that many weak ones never outweigh everything, and no score has to
be tuned against the number of clues. Weights were set by hand and are not fitted to any data set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sahur_core.code.index import ROLE_WEIGHTS, CodeIndex
from sahur_core.code.records import SuspectFile, SuspectFunction
from sahur_core.code.symbols import enclosing, find_definition, role_of

MAX_REASONS = 8
FUNCTION_SHARE = 0.8
"""How much of a function's score counts for its file; only the best three functions count."""


@dataclass
class Score:
    """What speaks for one suspect. The same clue counts once, with its greatest weight."""

    clues: dict[str, float] = field(default_factory=dict)

    def add(self, reason: str, weight: float) -> None:
        self.clues[reason] = max(weight, self.clues.get(reason, 0.0))

    @property
    def value(self) -> float:
        return noisy_or(self.clues.values())

    @property
    def reasons(self) -> list[str]:
        return sorted(self.clues, key=lambda reason: -self.clues[reason])[:MAX_REASONS]


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
        self._files: dict[str, Score] = {}

    def accuse(self, function: Function, weight: float, reason: str) -> None:
        self.functions.setdefault(function, Score()).add(reason, weight * ROLE_WEIGHTS[role_of(function.path)])

    def accuse_file(self, path: str, weight: float, reason: str) -> None:
        self._files.setdefault(path, Score()).add(reason, weight * ROLE_WEIGHTS[role_of(path)])

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

    def ranked_files(self, limit: int) -> list[SuspectFile]:
        of_file: dict[str, list[tuple[Function, Score]]] = {}
        for function, score in self.ranked():
            of_file.setdefault(function.path, []).append((function, score))
        rows: list[tuple[float, str, list[str]]] = []
        for path in {*of_file, *self._files}:
            own = self._files.get(path, Score())
            best = of_file.get(path, [])[:3]
            value = noisy_or([own.value, *(FUNCTION_SHARE * score.value for _, score in best)])
            told = [
                f"{function.name}: {reason}" if function.name else reason
                for function, score in best
                for reason in score.reasons[:3]
            ]
            rows.append((value, path, [*own.reasons, *told][:MAX_REASONS]))
        rows.sort(key=lambda row: (-row[0], row[1]))
        top = rows[0][0] if rows else 1.0
        return [SuspectFile(path=path, score=round(value / top, 4), reasons=reasons) for value, path, reasons in rows[:limit]]


def noisy_or(weights: Iterable[float]) -> float:
    """The chance that at least one of independent clues is right."""
    miss = 1.0
    for weight in weights:
        miss *= 1.0 - min(max(weight, 0.0), 0.99)
    return 1.0 - miss
