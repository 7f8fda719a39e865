"""The functions that may hold the cause, with what the index knows of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.segment import KINDS
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals.names import MIN_CHARS

MAX_FILES = 25
"""Likeliest files of which every function is a candidate."""
MAX_PIECES = 80
"""Pieces of any file whose words fit best, and whose functions are candidates too."""
MAX_NAMED = 4
"""Functions of other files are candidates if the report names them and no more share the name."""
MAX_PER_FILE = 1500
_FUNCTIONS = tuple(KINDS.index(kind) for kind in ("function", "method"))
_CLASS = KINDS.index("class")


@dataclass
class Candidate:
    """A function. Definitions of the same qualified name in one file (overloads, a getter and its setter) are one."""

    place: int
    """Of its file in `case.files`."""
    path: str
    name: str
    """`Order.total`"""
    spans: list[tuple[int, int]] = field(default_factory=list)
    """First and last line of each of its definitions."""
    pieces: list[int] = field(default_factory=list)
    """Its places in `case.pieces`."""

    @cached_property
    def bare(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    @cached_property
    def owner(self) -> str:
        """The qualified name of its class; empty for a plain function."""
        return self.name.rpartition(".")[0]

    @cached_property
    def owner_bare(self) -> str:
        return self.owner.rsplit(".", 1)[-1]

    def holds(self, line: int) -> bool:
        """Whether a line is in it."""
        return any(start <= line <= end for start, end in self.spans)


class Field:
    """All candidates of a case; they are numbered by their place in `candidates`."""

    def __init__(self, case: Case, file_scores: Numbers) -> None:
        self.case = case
        order = np.argsort(-file_scores, kind="stable")
        self.file_scores = file_scores
        self._pieces_of_definition = self._map_pieces()
        self.candidates: list[Candidate] = []
        self._number: dict[tuple[int, str], int] = {}
        for place in order[:MAX_FILES].tolist():
            self._add_file(place, None)
        for place, names in self._elsewhere(order).items():
            self._add_file(place, names)

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def places(self) -> Numbers:
        """For each candidate the place of its file."""
        return np.array([candidate.place for candidate in self.candidates], dtype=np.int64)

    @cached_property
    def groups(self) -> Numbers:
        """For each candidate a number of its file, counted from 0."""
        found: Numbers = np.unique(self.places, return_inverse=True)[1]
        return found

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """The candidates of each bare name."""
        found: dict[str, list[int]] = {}
        for number, candidate in enumerate(self.candidates):
            found.setdefault(candidate.bare, []).append(number)
        return found

    @cached_property
    def by_path(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, candidate in enumerate(self.candidates):
            found.setdefault(candidate.path, []).append(number)
        return found

    def find(self, path: str, name: str, line: int) -> int | None:
        """The candidate around a line of a file; a name wins over the line, since lines move between versions."""
        there = self.by_path.get(path, ())
        named = [number for number in there if self.candidates[number].bare == name]
        at_line = [number for number in named or there if self.candidates[number].holds(line)]
        return at_line[0] if at_line else named[0] if len(named) == 1 else None

    def count_functions(self, bare_name: str) -> int:
        """How many functions of the repository have a name."""
        kinds = self.case.index.definition_kinds[self.case.index.definitions_of(bare_name)]
        return int(np.isin(kinds, _FUNCTIONS).sum())

    def classes(self, bare_name: str) -> list[int]:
        """The classes of the candidates' files that have a name."""
        index = self.case.index
        found = index.definitions_of(bare_name)
        found = found[index.definition_kinds[found] == _CLASS]
        return [int(n) for n in found if int(index.definition_blobs[n]) in self.case.places_of_blob]

    def zeros(self) -> Numbers:
        return np.zeros(len(self.candidates))

    # ---- gathering

    def _map_pieces(self) -> dict[int, list[int]]:
        definitions = self.case.index.piece_definitions[self.case.pieces]
        found: dict[int, list[int]] = {}
        for place in np.flatnonzero(definitions >= 0).tolist():
            found.setdefault(int(definitions[place]), []).append(place)
        return found

    def _add_file(self, place: int, names: set[str] | None) -> None:
        """The functions of a file, or those of them with these names; what is inside of a function belongs to it."""
        index = self.case.index
        blob = int(self.case.blobs[place])
        if blob < 0:
            return
        first, last = (int(n) for n in index.definition_starts[blob : blob + 2])
        kinds = index.definition_kinds[first:last]
        spans = index.definition_spans[first:last]
        inside = 0
        for number in (first + np.flatnonzero(np.isin(kinds, _FUNCTIONS))[:MAX_PER_FILE]).tolist():
            start, end = (int(line) for line in spans[number - first])
            if start <= inside and end <= inside:
                continue
            inside = max(inside, end)
            symbol = index.symbol(number, int(self.case.files[place]))
            if names is None or symbol.name in names:
                self._add(place, symbol.path, symbol.name, (start, end), number)

    def _add(self, place: int, path: str, name: str, span: tuple[int, int], definition: int) -> None:
        known = self._number.get((place, name))
        if known is None:
            known = self._number[place, name] = len(self.candidates)
            self.candidates.append(Candidate(place, path, name))
        candidate = self.candidates[known]
        candidate.spans.append(span)
        candidate.pieces += self._pieces_of_definition.get(definition, [])

    def _elsewhere(self, order: Numbers) -> dict[int, set[str]]:
        """Functions of less likely files: those whose words fit best, and those that the report names."""
        taken = set(order[:MAX_FILES].tolist())
        found: dict[int, set[str]] = {}
        for definition in dict.fromkeys([*self._best_pieces(), *self._named()]):
            blob = int(self.case.index.definition_blobs[definition])
            for place in self.case.places_of_blob.get(blob, ()):
                if place not in taken:
                    found.setdefault(place, set()).add(self.case.index.definition_name(definition))
        return found

    def _best_pieces(self) -> Iterable[int]:
        scores = self.case.piece_scores("report")
        order = np.argsort(-scores, kind="stable")[: 4 * MAX_PIECES]
        definitions = self.case.index.piece_definitions[self.case.pieces[order]]
        kinds = self.case.index.definition_kinds[definitions] if len(definitions) else definitions
        found = definitions[(definitions >= 0) & np.isin(kinds, _FUNCTIONS)]
        return [int(number) for number in found[:MAX_PIECES]]

    def _named(self) -> Iterable[int]:
        index, report = self.case.index, self.case.report
        for token in report.tokens:
            if len(token) > MIN_CHARS and report.looks_like_code(token):
                found = index.definitions_of(token)
                found = found[np.isin(index.definition_kinds[found], _FUNCTIONS)]
                if len(found) <= MAX_NAMED:
                    yield from (int(number) for number in found)
        for parts in report.dotted:
            for outer, inner in pairwise(parts):
                for number in index.definitions_of(inner)[:200].tolist():
                    if index.definition_name(number).endswith(f"{outer}.{inner}"):
                        yield number
