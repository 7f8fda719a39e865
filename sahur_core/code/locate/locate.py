"""Fault localization: report in, ranked files, functions and commits out, each with its reasons.

Files are ranked by signals (`signals/`) that a small trained model weighs (`model.py`). Functions gather accusations on a
board (`suspects.py`), with their greatest weight:

| accusation                                                               | weight                      |
|--------------------------------------------------------------------------|-----------------------------|
| frames of the stack, the innermost of our own strongest                  | 0.65, 0.40, 0.30, … (less   |
|                                                                          | if they handed it on)       |
| makes a value that a line of the stack uses (more if the report names it)| 0.50, 0.40, 0.30 by frame   |
| makes a value that is told in a text which the report repeats            | 0.35                        |
| called on a line of the stack                                            | 0.40, 0.30, 0.20 by frame   |
| raises the reported exception                                            | 0.35                        |
| defines a name that the report names                                     | 0.50, shared                |
| can write a text that the report repeats                                 | 0.45                        |
| the report names its line                                                | 0.55                        |
| BM25 of its words with the report; with the title alone                  | 0.40; 0.25                  |
| changed lately; if the report says that it worked before                 | 0.20; 0.45                  |

What is found on the stack and around it counts for a function's file too (the signals `suspect_stack` and
`suspect_spelled`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.index.terms import count_terms
from sahur_core.code.languages.messages import letters
from sahur_core.code.locate.blend import blend_files, blend_functions, model_share
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.clues import Clues, read_clues
from sahur_core.code.locate.culprits import (
    MAX_FUNCTIONS,
    MAX_PATHS,
    accuse_recent_changes,
    rank_commits,
    read_changes,
    read_history,
)
from sahur_core.code.locate.files import anything_fits, rank_files, score_files
from sahur_core.code.locate.functions.ranking import rank_functions
from sahur_core.code.locate.report import Report
from sahur_core.code.locate.stacks import Place, accuse_stacks, accuse_told_values, blame_stacks
from sahur_core.code.locate.suspects import Board, Function, Signal
from sahur_core.code.records import Location, SuspectFunction

NAME_WEIGHT = 0.50
TEXT_WEIGHTS = (0.45, 0.30)
"""For a text with 20 letters or more outside of its placeholders, and for a shorter one."""
LINE_WEIGHT = 0.55
RANKED_WEIGHT, WORD_WEIGHT, TITLE_WEIGHT = 0.5, 0.40, 0.25
MODULE_SHARE = 0.7
"""A module's rest (imports, constants) is short and fits by chance."""
MAX_PIECES = 25
"""Pieces that BM25 puts forward."""
MAX_FILES = 50
"""Files that commits are sought for."""
MAX_DEFINITIONS = 6
"""A name that is defined more often says nothing about one of its definitions."""


def locate(
    repository: Repository,
    index: CodeIndex,
    report_text: str,
    title: str = "",
    limit: int = 10,
    reported_at: datetime | None = None,
    project: str = "",
) -> Location:
    """Rank what the report points to at the index's commit. Odd text is no error: an empty report locates nothing.

    `project` is the repository's name: "worked in Django 3.1" speaks of a version of Django only in Django itself.
    """
    examined = examine(repository, index, report_text, title, reported_at)
    case, clues, board = examined.case, examined.clues, examined.board
    scored = score_files(case)
    ranked = rank_functions(repository, case, scored.scores, board, max(limit, MAX_FUNCTIONS)) if anything_fits(scored) else []
    _accuse_by_words(board, case)
    _accuse_ranked(board, case, ranked)
    share = model_share(len(case.files))
    files = rank_files(case, scored, max(limit, MAX_FILES))
    board.files = blend_files(board, files, share)
    history = read_history(repository, index.commit, clues, reported_at, project)
    read_changes(repository, index.commit, history, board.first(MAX_FUNCTIONS), [file.path for file in board.files[:MAX_PATHS]])
    accuse_recent_changes(board, history, clues)
    failing = blame_stacks(repository, index, examined.places)
    board.files = blend_files(board, files, share)
    return Location(
        commit=index.commit,
        files=board.files[:limit],
        functions=blend_functions(board, ranked, share)[:limit],
        commits=rank_commits(repository, board, history, clues, failing, limit),
        has_anchor=examined.has_anchor,
        word_fit=_word_fit(index, clues),
        notes=[*history.notes, *history.window.notes],
    )


@dataclass(frozen=True)
class Examined:
    """What the report names, and what was found where its stack traces point."""

    clues: Clues
    case: Case
    board: Board
    places: list[Place]
    has_anchor: bool


def examine(
    repository: Repository, index: CodeIndex, report_text: str, title: str = "", reported_at: datetime | None = None
) -> Examined:
    """Read the report against the repository, up to where files can be scored."""
    clues = read_clues(report_text, title, index)
    case = Case(index, Report.read(report_text, title), reported_at)
    board = Board(index)
    places = accuse_stacks(repository, index, board, clues)
    accuse_told_values(repository, index, board, clues)
    case.on_stack = board.suspicions()
    _accuse_named(board, index, clues)
    case.spelled = board.suspicions()
    return Examined(clues, case, board, places, bool(board.functions or places or clues.files))


def _accuse_named(board: Board, index: CodeIndex, clues: Clues) -> None:
    """Names, lines and texts that the report spells out."""
    raised = {trace.exception.rsplit(".", 1)[-1] for trace in clues.traces}
    for name in clues.names:
        definitions = [symbol for symbol in index.symbols(name=name) if symbol.kind != "variable"]
        for symbol in definitions if len(definitions) <= MAX_DEFINITIONS else ():
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


def _accuse_by_words(board: Board, case: Case) -> None:
    """Functions that use the words of the report; the title counts as a query of its own."""
    queries: tuple[tuple[str, Signal, str, float], ...] = (
        ("hinted", "words", "report", WORD_WEIGHT),
        ("title", "title", "title", TITLE_WEIGHT),
    )
    for query, signal, what, weight in queries:
        for piece, fit in _best(case.piece_scores(query), MAX_PIECES):
            chunk = case.index.chunk(int(case.pieces[piece]))
            share = MODULE_SHARE if chunk.kind == "module" else 1.0
            function = Function(chunk.path, chunk.name, chunk.start, chunk.end)
            board.accuse(function, signal, share * weight * fit**2, f"its words fit the {what} ({fit:.0%} of the best)")


def _best(scores: Numbers, limit: int) -> list[tuple[int, float]]:
    """Positions of the greatest scores above 0, each with its share of the greatest."""
    order = np.argsort(-scores, kind="stable")[:limit]
    return [(int(place), float(scores[place] / scores[order[0]])) for place in order if scores[place] > 0]


def _accuse_ranked(board: Board, case: Case, functions: Sequence[SuspectFunction]) -> None:
    """The likeliest functions are suspects for the commits that are sought."""
    share = model_share(len(case.files))
    for suspect in functions[:MAX_FUNCTIONS] if share > 0 else ():
        function = Function(suspect.path, suspect.name, suspect.start, suspect.end)
        board.accuse(function, "words", share * RANKED_WEIGHT * suspect.score**0.5, "one of the likeliest functions")


def _word_fit(index: CodeIndex, clues: Clues) -> float:
    """The share of the report's different words that the repository uses at all."""
    asked = {word for word in re.findall(r"[^\W\d]\w+", f"{clues.title}\n{clues.prose}".lower()) if count_terms(word)}
    return round(len(index.known_words(asked)) / len(asked), 4) if asked else 0.0
