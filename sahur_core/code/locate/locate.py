"""Fault localization: report in, ranked files, functions and commits out, each with its reasons.

Signals, with their greatest weight (`suspects.Board` adds them up):

| signal                                                                   | weight                      |
|--------------------------------------------------------------------------|-----------------------------|
| frames of the stack, the innermost of our own strongest                  | 0.65, 0.40, 0.30, … (less   |
|                                                                          | if they handed it on)       |
| makes a value that a line of the stack uses (more if the report names it)| 0.50, 0.40, 0.30 by frame   |
| makes a value that is told in a text which the report repeats            | 0.35                        |
| called on a line of the stack                                            | 0.40, 0.30, 0.20 by frame   |
| raises the reported exception                                            | 0.35                        |
| defines a name that the report names                                     | 0.50, shared                |
| can write a text that the report repeats                                 | 0.45                        |
| the report names its line; its file; its module (as loggers do)          | 0.55; 0.45; 0.25            |
| BM25 of its words with the report; with the title alone                  | 0.40; 0.25                  |
| past commits with a similar message touched its file                     | 0.20                        |
| changed lately; if the report says that it worked before                 | 0.20; 0.45                  |

Tests, documents and data count less (`index.ROLE_WEIGHTS`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import numpy as np

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.index.ranking import words
from sahur_core.code.languages.messages import letters
from sahur_core.code.locate.clues import Clues, read_clues
from sahur_core.code.locate.culprits import (
    MAX_FUNCTIONS,
    History,
    accuse_recent_changes,
    rank_commits,
    read_changes,
    read_history,
    similar_commits,
)
from sahur_core.code.locate.stacks import accuse_stacks, accuse_told_values, blame_stacks
from sahur_core.code.locate.suspects import Board, Function, Signal
from sahur_core.code.records import Location

NAME_WEIGHT = 0.50
TEXT_WEIGHTS = (0.45, 0.30)
"""For a text with 20 letters or more outside of its placeholders, and for a shorter one."""
LINE_WEIGHT, FILE_WEIGHT, MODULE_WEIGHT = 0.55, 0.45, 0.25
WORD_WEIGHT, TITLE_WEIGHT = 0.40, 0.25
FILE_WORD_SHARE = 0.6
"""How much the words of a whole file count against those of a function."""
MODULE_SHARE = 0.7
"""A module's rest (imports, constants) is short and fits by chance."""
SIMILAR_WEIGHT = 0.20
MAX_CHUNKS = 25
"""Chunks that BM25 puts forward."""
MAX_SIMILAR = 20


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
    places = accuse_stacks(repository, index, board, clues)
    accuse_told_values(repository, index, board, clues)
    _accuse_named(board, index, clues)
    has_anchor = bool(board.functions or places or clues.files)
    _accuse_by_words(board, index, clues)
    history = read_history(repository, index.commit, clues, reported_at)
    _accuse_by_past(board, index, clues, history)
    read_changes(repository, index.commit, history, board.first(MAX_FUNCTIONS))
    accuse_recent_changes(board, history, clues)
    failing = blame_stacks(repository, index, places)
    return Location(
        commit=index.commit,
        files=board.ranked_files(limit),
        functions=board.ranked_functions(limit),
        commits=rank_commits(repository, board, history, clues, failing, limit),
        has_anchor=has_anchor,
        word_fit=_word_fit(index, clues),
        notes=[f"The history of {function.path} took too long to read." for function in history.unread],
    )


def _accuse_named(board: Board, index: CodeIndex, clues: Clues) -> None:
    """Names, files and texts that the report spells out."""
    raised = {trace.exception.rsplit(".", 1)[-1] for trace in clues.traces}
    for name in clues.names:
        definitions = [symbol for symbol in index.symbols(name=name) if symbol.kind != "variable"]
        for symbol in definitions if len(definitions) <= 6 else ():
            weight = NAME_WEIGHT * (0.3 if name in raised else 1.0) / len(definitions)
            function = Function(symbol.path, symbol.name, symbol.start, symbol.end)
            board.accuse(function, "name", weight, f"defines `{name}`, which the report names")
    for text in clues.texts:
        function_there = board.function_at(text.path, text.line)
        weight = TEXT_WEIGHTS[0] if letters(text.template) >= 20 else TEXT_WEIGHTS[1]
        if function_there:
            what = f"line {text.line} can write “{text.template}”, which the report repeats"
            board.accuse(function_there, "text", weight, what)
    for named in clues.files:
        function_there = board.function_at(named.path, named.line) if named.line else None
        if function_there:
            board.accuse(function_there, "file", LINE_WEIGHT, f"the report names {named.as_said}:{named.line}")
        is_path = named.as_said.endswith(named.path.rsplit("/", 1)[-1])
        board.accuse_file(named.path, "file", FILE_WEIGHT if is_path else MODULE_WEIGHT, f"the report names {named.as_said}")


def _accuse_by_words(board: Board, index: CodeIndex, clues: Clues) -> None:
    """Functions, and whole files, that use the words of the report; the title counts as a query of its own."""
    queries: tuple[tuple[str, Signal, float, str], ...] = (
        (clues.query, "words", WORD_WEIGHT, "report"),
        (clues.title, "title", TITLE_WEIGHT, "title"),
    )
    for query, signal, weight, what in queries:
        of_chunks = index.chunk_ranker.scores(query) * index.file_weights[index.chunk_files]
        for place, fit in _best(of_chunks, MAX_CHUNKS):
            chunk = index.chunks[place]
            share = MODULE_SHARE if chunk.kind == "module" else 1.0
            function = Function(chunk.path, chunk.name, chunk.start, chunk.end)
            board.accuse(function, signal, share * weight * fit**2, f"its words fit the {what} ({fit:.0%} of the best)")
        for place, fit in _best(index.file_ranker.scores(query) * index.file_weights, 10):
            reason = f"the words of the file fit the {what} ({fit:.0%} of the best)"
            board.accuse_file(index.paths[place], signal, FILE_WORD_SHARE * weight * fit**2, reason)


def _best(scores: Any, limit: int) -> list[tuple[int, float]]:
    """Positions of the greatest scores above 0, each with its share of the greatest."""
    order = np.argsort(-scores, kind="stable")[:limit]
    return [(int(place), float(scores[place] / scores[order[0]])) for place in order if scores[place] > 0]


def _accuse_by_past(board: Board, index: CodeIndex, clues: Clues, history: History) -> None:
    """Files that past commits with a similar message touched."""
    by_sha = {commit.sha: commit for commit in history.recent}
    known = set(index.paths)
    similar = sorted(similar_commits(history, clues).items(), key=lambda item: -item[1])[:MAX_SIMILAR]
    for commit, similarity in [(by_sha[sha], similarity) for sha, similarity in similar]:
        for path in known.intersection(commit.files) if not history.is_first(commit) else ():
            reason = f"touched by {commit.sha[:10]} “{commit.summary}”, which the report resembles"
            board.accuse_file(path, "similar commit", SIMILAR_WEIGHT * similarity, reason)


def _word_fit(index: CodeIndex, clues: Clues) -> float:
    """The share of the report's different words that the repository uses at all."""
    asked = {word for word in words(f"{clues.title}\n{clues.prose}") if not re.fullmatch(r"\d+", word)}
    return round(len(asked & index.words) / len(asked), 4) if asked else 0.0
