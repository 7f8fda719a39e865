"""Commits are suspected for what they changed, by age, and by how well they fit the report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.commit_window import CommitWindow
from sahur_core.code.locate.culprits import (
    History,
    accuse_recent_changes,
    rank_commits,
    read_changes,
    read_history,
    similar_commits,
)
from sahur_core.code.locate.suspects import Board, Function
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]
RATE = Function("a.py", "rate", 1, 2)
SHOW = Function("a.py", "show", 5, 6)


def _clues(prose: str, *, worked_before: bool = False) -> Clues:
    return Clues(title="", prose=prose, traces=[], files=[], names=[], texts=[], worked_before=worked_before)


def _code(rate: int, show: int) -> dict[str, str | bytes | None]:
    return {"a.py": f"def rate():\n    return {rate}\n\n\ndef show():\n    return {show}\n"}


@pytest.fixture
def shas(origin: Origin) -> list[str]:
    messages = [("Start", 1, 1), ("Round the rate of taxes", 2, 1), ("Show cents", 2, 2)]
    return [origin.commit(message, _code(rate, show)) for message, rate, show in messages]


def _read(repository: Repository, clues: Clues) -> History:
    history = read_history(repository, "main", clues, None)
    read_changes(repository, "main", history, [RATE, SHOW])
    return history


def test_the_history_of_each_function_is_read(shas: list[str], cloned: Clone) -> None:
    history = _read(cloned(), _clues(""))
    assert [commit.sha for commit in history.changes[RATE]] == [shas[1], shas[0]]
    assert [commit.sha for commit in history.changes[SHOW]] == [shas[2], shas[0]]


def test_changes_fade_and_faster_if_it_worked_before(shas: list[str], cloned: Clone) -> None:
    slow, fast = (_read(cloned(), _clues("", worked_before=worked)) for worked in (False, True))
    newest, older, first = slow.recent
    assert slow.recency(newest) == 1
    assert slow.recency(older) > fast.recency(older) > slow.recency(first)
    assert slow.is_first(first)


def test_messages_that_speak_of_the_report_are_similar(shas: list[str], cloned: Clone) -> None:
    clues = _clues("The tax rate is rounded wrongly")
    assert similar_commits(_read(cloned(), clues), clues) == {shas[1]: 1.0}


def test_one_common_word_is_no_similarity(shas: list[str], cloned: Clone) -> None:
    clues = _clues("cents")
    assert similar_commits(_read(cloned(), clues), clues) == {}


def test_the_commit_that_changed_the_most_suspect_function_comes_first(shas: list[str], cloned: Clone, tmp_path: Path) -> None:
    repository, clues = cloned(), _clues("")
    board = Board(build_index(repository, "main", tmp_path, lambda _: None))
    board.accuse(RATE, "frame", 0.6, "in the stack")
    board.accuse(SHOW, "frame", 0.2, "in the stack")
    ranked = rank_commits(repository, board, _read(repository, clues), clues, {shas[1]: "line 2"}, 10)
    assert [suspicion.commit.sha for suspicion in ranked] == [shas[1], shas[2], shas[0]]
    assert "last changed `rate` in a.py" in ranked[0].reasons
    assert ranked[0].touches == ["a.py:rate"]
    assert "wrote line 2" in ranked[0].reasons


def test_what_lies_outside_of_the_told_window_ranks_behind_and_says_so(shas: list[str], cloned: Clone, tmp_path: Path) -> None:
    repository, clues = cloned(), _clues("Show cents")
    board = Board(build_index(repository, "main", tmp_path, lambda _: None))
    board.accuse(SHOW, "frame", 0.6, "in the stack")
    board.accuse(RATE, "frame", 0.1, "in the stack")
    history = _read(repository, clues)
    assert rank_commits(repository, board, history, clues, {}, 10)[0].commit.sha == shas[2]
    history.window = CommitWindow(said="since 4.2", between=frozenset({shas[1]}), versions="4.1 … 4.2")
    ranked = rank_commits(repository, board, history, clues, {}, 10)
    assert [(found.commit.sha, found.in_window) for found in ranked] == [(shas[1], True), (shas[2], False), (shas[0], False)]
    assert [found.score for found in ranked] == sorted((found.score for found in ranked), reverse=True)
    assert "although it lies outside of the told window: 4.1 … 4.2 (“since 4.2”)" in ranked[1].reasons


def test_what_speaks_against_a_commit_is_marked_and_stands_last(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("Start", {"tests/test_a.py": "def test_rate():\n    assert 1\n"})
    origin.commit("Test more", {"tests/test_a.py": "def test_rate():\n    assert 2\n"})
    function, repository, clues = Function("tests/test_a.py", "test_rate", 1, 2), cloned(), _clues("Test more rates")
    board = Board(build_index(repository, "main", tmp_path, lambda _: None))
    board.accuse(function, "frame", 0.6, "in the stack")
    history = read_history(repository, "main", clues, None)
    read_changes(repository, "main", history, [function])
    for found in rank_commits(repository, board, history, clues, {}, 10):
        assert found.reasons[-1].startswith("although it")
        assert not found.reasons[0].startswith("although it")


def test_a_report_that_points_nowhere_has_no_suspect_commits(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("Start", _code(1, 1))
    sha = origin.commit("Bump what we use", {"requirements.txt": "a==2"})
    repository, clues = cloned(), _clues("")
    board = Board(build_index(repository, "main", tmp_path, lambda _: None))
    history = read_history(repository, "main", clues, None)
    assert rank_commits(repository, board, history, clues, {}, 10) == []
    history.window = CommitWindow(said="since 4.2", between=frozenset({sha}), versions="4.1 … 4.2")
    assert [found.commit.sha for found in rank_commits(repository, board, history, clues, {}, 10)] == [sha]


def test_the_first_commit_makes_nothing_suspect(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("Start", _code(1, 1))
    repository, clues = cloned(), _clues("", worked_before=True)
    board = Board(build_index(repository, "main", tmp_path, lambda _: None))
    accuse_recent_changes(board, _read(repository, clues), clues)
    assert board.functions == {}


@pytest.mark.usefixtures("shas")
def test_after_a_long_quiet_the_newest_commits_are_as_new_as_ever(cloned: Clone) -> None:
    at_once = _read(cloned(), _clues("", worked_before=True))
    later = at_once.recent[0].committed_at + timedelta(days=300)
    after_a_year = read_history(cloned(), "main", _clues("", worked_before=True), later)
    assert [after_a_year.recency(commit) for commit in after_a_year.recent] == [
        at_once.recency(commit) for commit in at_once.recent
    ]
