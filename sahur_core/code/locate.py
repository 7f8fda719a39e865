"""Fault localization: report in, ranked files, functions and commits out, each with its reasons.

Signals, with their greatest weight (`suspects.Board` adds them up; what each brings was measured on public bug reports):

| signal                                                                     | weight |
|----------------------------------------------------------------------------|--------|
| frames of the stack, the innermost of our own strongest                    | 0.55, 0.40, 0.30, … (half if the system raised the error) |
| makes a value that the failing line uses                                   | 0.50, 0.40, 0.30 by frame |
| called on a line of the stack                                              | 0.40, 0.30, 0.20 by frame |
| raises the reported exception                                              | 0.35 |
| defines a name that the report names                                       | 0.50, shared among its definitions |
| can write a text that the report repeats                                   | 0.50 |
| the report names its file (or its line)                                    | 0.45 (0.55) |
| BM25 of its words with the report; with the title alone                    | 0.40; 0.25 |
| past commits with a similar message touched its file                       | 0.20 |
| changed lately; if the report says that it worked before                   | 0.20; 0.45 |

Tests, documents and data count less (`index.ROLE_WEIGHTS`).
"""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np

from sahur_core.code.clues import Clues, read_clues
from sahur_core.code.culprits import (
    MAX_FUNCTIONS,
    accuse_recent_changes,
    rank_commits,
    read_changes,
    read_history,
    similar_commits,
)
from sahur_core.code.index import CodeIndex
from sahur_core.code.messages import letters
from sahur_core.code.origins import called_on, find_origins
from sahur_core.code.ranking import words
from sahur_core.code.records import Location
from sahur_core.code.repository import Repository
from sahur_core.code.suspects import Board, Function
from sahur_core.code.traceback import Frame, StackTrace
from sahur_core.errors import InputError, NotFound, RepositoryTimeout

_FRAME_WEIGHTS = (0.55, 0.40, 0.30, 0.25, 0.20)
_CALLED_WEIGHTS = (0.40, 0.30, 0.20)
_ORIGIN_WEIGHTS = (0.50, 0.40, 0.30)
MAX_CHUNKS = 25
"""Chunks that BM25 puts forward."""
MAX_TRACES = 6


class _Place:
    """A frame that is in our code. `depth` is 0 for the innermost of its trace."""

    def __init__(self, frame: Frame, path: str, depth: int, number: int, function: Function | None) -> None:
        self.frame, self.path, self.depth, self.number, self.function = frame, path, depth, number, function


def locate(
    repository: Repository,
    index: CodeIndex,
    report_text: str,
    title: str = "",
    limit: int = 10,
    reported_at: datetime | None = None,
) -> Location:
    """Rank what the report points to at the index's commit. Odd text is no error: an empty report locates nothing."""
    clues = read_clues(report_text, title, index)
    board = Board(index)
    places = _accuse_stacks(repository, index, board, clues)
    _accuse_named(board, index, clues)
    has_anchor = bool(board.functions or places or clues.files)
    _accuse_by_words(board, index, clues)
    history = read_history(repository, index.commit, reported_at)
    by_sha = {commit.sha: commit for commit in history.recent}
    known = set(index.paths)
    for sha, similarity in sorted(similar_commits(history, clues).items(), key=lambda item: -item[1])[:20]:
        for path in known.intersection(by_sha[sha].files) if not history.is_first(by_sha[sha]) else ():
            board.accuse_file(
                path, 0.2 * similarity, f"touched by {sha[:10]} “{by_sha[sha].summary}”, which the report resembles"
            )
    suspects = [function for function, _ in board.ranked()[:MAX_FUNCTIONS]]
    read_changes(repository, index.commit, history, suspects)
    accuse_recent_changes(board, history, clues)
    failing = _blame_frames(repository, index, places)
    return Location(
        commit=index.commit,
        files=board.ranked_files(limit),
        functions=board.ranked_functions(limit),
        commits=rank_commits(repository, board, history, clues, failing, limit),
        has_anchor=has_anchor,
        word_fit=_word_fit(index, clues),
        notes=[f"The history of {function.path} took too long to read." for function in history.unread],
    )


def _accuse_stacks(repository: Repository, index: CodeIndex, board: Board, clues: Clues) -> list[_Place]:
    every: list[_Place] = []
    for trace in clues.traces[:MAX_TRACES]:
        places = _places(board, index, trace)
        every += places
        surfaced = trace.is_environmental or _is_wrapped(trace, clues)
        for place in places:
            if place.function:
                weight = _FRAME_WEIGHTS[min(place.depth, len(_FRAME_WEIGHTS) - 1)] * (0.5 if surfaced else 1.0)
                where = "innermost frame of ours" if place.depth == 0 else f"frame {place.number}"
                board.accuse(place.function, weight, f"{where} in the stack trace, line {place.frame.line}")
        for place in places[: len(_ORIGIN_WEIGHTS)]:
            _accuse_around(repository, index, board, place)
    for exception in {trace.exception.rsplit(".", 1)[-1] for trace in clues.traces if trace.exception}:
        _accuse_raisers(repository, index, board, exception)
    return every


def _is_wrapped(trace: StackTrace, clues: Clues) -> bool:
    """A later exception of a chain: raised because of an earlier one, which is nearer to the cause."""
    first = clues.traces[0]
    return trace is not first and bool(first.message) and first.message in trace.message


def _places(board: Board, index: CodeIndex, trace: StackTrace) -> list[_Place]:
    """Our own frames, innermost first; a function that called itself counts once."""
    places: list[_Place] = []
    seen: set[tuple[str, int]] = set()
    for number, frame in reversed(list(enumerate(trace.frames, 1))):
        path = index.path_map.find(frame.path)
        if path and (path, frame.line) not in seen:
            seen.add((path, frame.line))
            places.append(_Place(frame, path, len(places), number, board.function_at(path, frame.line, frame.function)))
    return places


def _accuse_around(repository: Repository, index: CodeIndex, board: Board, place: _Place) -> None:
    """The functions that the failing line calls, and those that made the values it uses."""
    code = place.frame.code or _line_of(repository, index, place)
    where = "the failing line" if place.depth == 0 else f"the line of frame {place.number}"
    for symbol in called_on(code, index):
        function = Function(symbol.path, symbol.name, symbol.start, symbol.end)
        if function != place.function:
            board.accuse(function, _CALLED_WEIGHTS[place.depth], f"called on {where}: `{code[:120]}`")
    class_name = place.function.name.rsplit(".", 2)[-2] if place.function and "." in place.function.name else ""
    try:
        origins = find_origins(repository, index, code, class_name)
    except InputError:
        return  # a search that takes too long gives no origins
    for origin in origins:
        symbol = origin.symbol
        if symbol.kind == "variable":
            continue
        function = Function(symbol.path, symbol.name, symbol.start, symbol.end)
        if function != place.function:
            board.accuse(function, _ORIGIN_WEIGHTS[place.depth], f"makes `{origin.value}`, which {where} uses")


def _line_of(repository: Repository, index: CodeIndex, place: _Place) -> str:
    try:
        found = repository.read(index.commit, place.path, place.frame.line, place.frame.line).lines
    except (InputError, NotFound):
        return ""
    return found[0].strip() if found else ""


def _accuse_raisers(repository: Repository, index: CodeIndex, board: Board, exception: str) -> None:
    if not exception.isidentifier():
        return
    try:
        matches = repository.grep(index.commit, rf"\braise (?:\w+\.)*{exception}\b", regex=True)
    except InputError:
        return  # a search that takes too long names nobody
    for match in matches if len(matches) <= 5 else ():
        function = board.function_at(match.path, match.line)
        if function:
            board.accuse(function, 0.35 / len(matches) ** 0.5, f"raises {exception} in line {match.line}")


def _accuse_named(board: Board, index: CodeIndex, clues: Clues) -> None:
    """Names, files and texts that the report spells out."""
    raised = {trace.exception.rsplit(".", 1)[-1] for trace in clues.traces}
    for name in clues.names:
        definitions = [symbol for symbol in index.symbols(name=name) if symbol.kind != "variable"]
        for symbol in definitions if len(definitions) <= 6 else ():
            weight = (0.15 if name in raised else 0.5) / len(definitions)
            board.accuse(
                Function(symbol.path, symbol.name, symbol.start, symbol.end), weight, f"defines `{name}`, which the report names"
            )
    for text in clues.texts:
        function = board.function_at(text.path, text.line)
        weight = 0.5 if letters(text.template) >= 20 else 0.35
        if function:
            board.accuse(function, weight, f"line {text.line} can write “{text.template}”, which the report repeats")
    for named in clues.files:
        function = board.function_at(named.path, named.line) if named.line else None
        if function:
            board.accuse(function, 0.55, f"the report names {named.as_said}:{named.line}")
        board.accuse_file(named.path, 0.45, f"the report names {named.as_said}")


def _accuse_by_words(board: Board, index: CodeIndex, clues: Clues) -> None:
    """Functions, and whole files, that use the words of the report; the title counts as a query of its own."""
    for query, weight, what in ((clues.query, 0.40, "report"), (clues.title, 0.25, "title")):
        scores = index.chunk_ranker.scores(query)
        if not scores.any():
            continue
        scores = scores * index.file_weights[index.chunk_files]
        for place in np.argsort(-scores, kind="stable")[:MAX_CHUNKS]:
            if scores[place] <= 0:
                break
            chunk = index.chunks[int(place)]
            fit = float(scores[place] / scores.max())
            board.accuse(
                Function(chunk.path, chunk.name, chunk.start, chunk.end),
                weight * fit**2,
                f"its words fit the {what} ({fit:.0%} of the best)",
            )
        of_files = index.file_ranker.scores(query) * index.file_weights
        for place in np.argsort(-of_files, kind="stable")[:10]:
            if of_files[place] > 0:
                fit = float(of_files[place] / of_files.max())
                board.accuse_file(
                    index.paths[int(place)],
                    0.6 * weight * fit**2,
                    f"the words of the file fit the {what} ({fit:.0%} of the best)",
                )


def _word_fit(index: CodeIndex, clues: Clues) -> float:
    """The share of the report's different words that the repository uses at all."""
    asked = {word for word in words(f"{clues.title}\n{clues.prose}") if not re.fullmatch(r"\d+", word)}
    return round(len(asked & index.words) / len(asked), 4) if asked else 0.0


def _blame_frames(repository: Repository, index: CodeIndex, places: list[_Place]) -> dict[str, str]:
    """Who wrote the innermost lines of the stack: sha to a description of the line."""
    wrote: dict[str, str] = {}
    for place in places:
        if place.depth > 1:
            continue
        try:
            lines = repository.blame(index.commit, place.path, place.frame.line, place.frame.line)
        except (NotFound, InputError, RepositoryTimeout):
            continue  # the deployed version may have more lines than this one
        for line in lines:
            wrote.setdefault(line.sha, f"line {line.line} of {place.path}, which is in the stack trace")
    return wrote
