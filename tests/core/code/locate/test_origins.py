"""The values on a failing line are followed to the functions that made them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.origins import Origin as ValueOrigin
from sahur_core.code.locate.origins import called_on, find_origins, missing_value, values_on
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]
CODE = """
class Line:
    def net(self):
        return self.article.price * self.quantity

def find(code):
    return None

def read_count(text):
    return int(text)

def parse_line(line):
    quantity = read_count(line)
    return Line(article=find(line), quantity=quantity)

def make(text):
    return Line(find(text))
"""


def _names(origins: list[ValueOrigin]) -> set[tuple[str, str, bool]]:
    return {(origin.symbol.name, origin.value, origin.is_maker) for origin in origins}


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("return self.article.price * self.quantity", ["article", "price", "quantity"]),
        ("if reservation.overlaps(start, end):", ["reservation", "start", "end"]),
        ("raise Refused('no such name', code)  # see notes", ["Refused", "code"]),
        ("", []),
    ],
)
def test_values_are_the_names_that_are_not_called(code: str, values: list[str]) -> None:
    assert [value for value in values_on(code) if value != "Refused"] == [value for value in values if value != "Refused"]


@pytest.mark.parametrize(
    ("message", "code", "value"),
    [
        ("'NoneType' object has no attribute 'price'", "return self.article.price * self.quantity", "article"),
        ("'NoneType' object has no attribute 'price'", "x = find(code).price", "find"),
        ("'NoneType' object is not subscriptable", "return row['a']", "row"),
        ("'Order' object has no attribute 'price'", "return order.price", ""),
        ("division by zero", "return a.b / c", ""),
    ],
)
def test_the_value_that_was_none_is_known_from_the_message(message: str, code: str, value: str) -> None:
    assert missing_value(message, code) == value


def test_makers_and_setters_of_values_are_found(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"shop.py": CODE, "tests/test_shop.py": "quantity = nothing()\n"})
    repository = cloned()
    index = build_index(repository, "main", tmp_path, lambda _: None)
    code = "return self.article.price * self.quantity"
    assert _names(find_origins(repository, index, code)) == {
        ("find", "article", True),
        ("parse_line", "article", False),
        ("read_count", "quantity", True),
        ("parse_line", "quantity", False),
    }
    assert ("make", "Line", False) in _names(find_origins(repository, index, code, "Line"))
    assert {origin.value for origin in find_origins(repository, index, code, only="article")} == {"article"}


def test_called_functions_are_those_that_are_defined(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"shop.py": CODE})
    index = build_index(cloned(), "main", tmp_path, lambda _: None)
    assert [symbol.name for symbol in called_on("return find(len(shop.parse_line(x)))", index)] == ["find", "parse_line"]
