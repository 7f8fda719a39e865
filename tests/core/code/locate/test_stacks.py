"""Frames of our own accuse their functions; those that only handed an error on accuse them less."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.clues import read_clues
from sahur_core.code.locate.stacks import accuse_stacks, accuse_told_values, blame_stacks
from sahur_core.code.locate.suspects import Board
from tests.core.code.conftest import Origin

CODE = """def read(path):
    return limit(path) + 1

def limit(path):
    return int(path)

def retry(call):
    try:
        return call()
    except OSError as error:
        raise GaveUp(f"gave up: {error}") from error

def start(log, path):
    size = limit(path)
    log.info("the limit of the store is %s bytes", size)
"""
INNER = 'Traceback (most recent call last):\n  File "/srv/shop/store.py", line 2, in read\n    return limit(path) + 1\n'
OUTER = 'Traceback (most recent call last):\n  File "/srv/shop/store.py", line 11, in retry\n    raise GaveUp("x")\n'
Accused = Callable[[str], dict[str, dict[str, float]]]


@pytest.fixture
def accused(origin: Origin, cloned: Callable[[], Repository], tmp_path: Path) -> Accused:
    """For a report, the weight of each signal by function."""
    origin.commit("First", {"shop/store.py": CODE})

    def accuse(report: str) -> dict[str, dict[str, float]]:
        repository = cloned()
        index = build_index(repository, "main", tmp_path, lambda _: None)
        board, clues = Board(index), read_clues(report, "", index)
        accuse_stacks(repository, index, board, clues)
        accuse_told_values(repository, index, board, clues)
        return {function.name: dict(score.clues.values()) for function, score in board.functions.items()}

    return accuse


def test_the_innermost_frame_and_what_it_calls_are_accused(accused: Accused) -> None:
    found = accused(INNER + "ValueError: no number")
    assert found["read"]["frame"] > found["limit"]["called"] > 0


def test_an_error_of_the_system_speaks_less_against_the_frame(accused: Accused) -> None:
    own, system = (accused(INNER + last)["read"]["frame"] for last in ("ValueError: no", "OSError: no space"))
    assert own > system > 0


def test_a_wrapper_at_the_end_of_a_chain_speaks_least_against_itself(accused: Accused) -> None:
    link = "The above exception was the direct cause of the following exception:"
    chain = f"{INNER}OSError: full\n\n{link}\n\n{OUTER}GaveUp: gave up: full"
    found = accused(chain)
    assert found["read"]["frame"] > found["retry"]["frame"]
    assert accused(OUTER + "GaveUp: gave up: full")["retry"]["raises"] > found["retry"]["raises"]


def test_who_made_a_value_that_was_logged_is_accused(accused: Accused) -> None:
    found = accused("INFO the limit of the store is 7 bytes")
    assert found == {"limit": {"told": pytest.approx(0.35)}}


def test_frames_of_other_programs_accuse_nobody(accused: Accused) -> None:
    assert (
        accused('Traceback (most recent call last):\n  File "/srv/other/place.py", line 2, in read\n    x\nValueError: no') == {}
    )


def test_lines_that_this_version_does_not_have_are_blamed_on_nobody(
    origin: Origin, cloned: Callable[[], Repository], tmp_path: Path
) -> None:
    sha = origin.commit("First", {"shop/store.py": CODE})
    repository = cloned()
    index = build_index(repository, "main", tmp_path, lambda _: None)
    for line, blamed in ((2, {sha: "line 2 of shop/store.py, which is in the stack trace"}), (999, {})):
        clues = read_clues(
            f'Traceback (most recent call last):\n  File "/srv/shop/store.py", line {line}, in read\nE: x', "", index
        )
        assert blame_stacks(repository, index, accuse_stacks(repository, index, Board(index), clues)) == blamed
