"""What a report names is read against what is in the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.clues import read_clues
from tests.core.code.conftest import Origin


@pytest.fixture
def index(origin: Origin, cloned: Callable[[], Repository], tmp_path: Path) -> CodeIndex:
    code = "class Till:\n    def find(self): ...\n\ndef parse_rate(): ...\n\n"
    code += "def open(): raise Refused(f'the till {1} is closed now')\n"
    origin.commit("First", {"shop/till.py": code, "shop/open.py": "x = 1\n"})
    return build_index(cloned(), "main", tmp_path, lambda _: None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("parse_rate is wrong", ["parse_rate"]),
        ("we open the shop and find nothing", []),
        ("`find` gives nothing", ["find"]),
        ("calling open() fails", ["open"]),
        ("Till.find gives nothing", ["Till.find"]),
        ("parse_rates is not there", []),
    ],
)
def test_only_words_that_look_like_code_are_names(index: CodeIndex, text: str, names: list[str]) -> None:
    assert read_clues(text, "", index).names == names


def test_paths_lines_and_modules_are_found(index: CodeIndex) -> None:
    clues = read_clues("see shop/till.py:4, open.py and ERROR shop.till: x, not /etc/passwd or e.g. this", "", index)
    assert [(named.path, named.line) for named in clues.files] == [
        ("shop/till.py", 4),
        ("shop/open.py", None),
        ("shop/till.py", None),
    ]


def test_texts_of_the_source_are_recognized(index: CodeIndex) -> None:
    clues = read_clues("It says 'the till 7 is closed now'.", "", index)
    assert [(text.path, text.line) for text in clues.texts] == [("shop/till.py", 6)]


@pytest.mark.parametrize(
    ("text", "is_new"), [("It worked before", True), ("broken since the update", True), ("It is too slow", False)]
)
def test_a_report_of_something_new_is_recognized(index: CodeIndex, text: str, is_new: bool) -> None:
    assert read_clues(text, "", index).worked_before is is_new


@pytest.mark.parametrize("piece", ["a.", "a-", "a/", "-", "`", "Aa_", "a.py:1 ", "(", "A"])
def test_hostile_text_is_read_in_linear_time(index: CodeIndex, piece: str) -> None:
    assert read_clues(piece * 100_000 + "!", piece * 100, index).traces == []


def test_error_messages_hint_at_words_that_the_report_lacks(index: CodeIndex) -> None:
    assert "timezone" in read_clues("can't compare offset-naive and offset-aware datetimes", "", index).query
    assert "timezone" not in read_clues("it is slow", "", index).query
