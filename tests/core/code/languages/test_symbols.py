"""Definitions are found in every file that can be found to have them, and every text file can be searched."""

from __future__ import annotations

import pytest

from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.languages.lookup import enclosing, find_definition
from sahur_core.code.languages.roles import role_of
from sahur_core.code.languages.symbols import parse_file

SHOP = b'''"""Shop."""
import os

RATE: float = 0.19
LIMIT = 5


class Order:
    """An order.

    More."""

    size = 1

    @property
    def total(self):
        def inner():
            return 1
        return inner()


if os.name:
    async def send(order):
        return order
else:
    try:
        def send_late(order): ...
    except ImportError:
        def send_never(order): ...
'''


def test_python_definitions_come_with_qualified_names_lines_and_docs() -> None:
    found = {symbol.name: symbol for symbol in parse_file("shop.py", SHOP).symbols}
    assert {name: symbol.kind for name, symbol in found.items()} == {
        "RATE": "variable",
        "LIMIT": "variable",
        "Order": "class",
        "Order.total": "method",
        "Order.total.inner": "function",
        "send": "function",
        "send_late": "function",
        "send_never": "function",
    }
    assert (found["Order.total"].start, found["Order.total"].end) == (15, 19)
    assert found["Order"].doc == "An order."


def test_each_line_belongs_to_one_chunk() -> None:
    chunks = {part.chunk.name: part.text for part in parse_file("shop.py", SHOP).chunks}
    assert set(chunks) == {"", "Order", "Order.total", "send", "send_late", "send_never"}
    assert "inner" in chunks["Order.total"]
    assert "size = 1" in chunks["Order"]
    assert "def total" not in chunks["Order"]
    assert "LIMIT = 5" in chunks[""]


def test_python_that_does_not_parse_is_read_by_its_lines() -> None:
    old = b"class Till:\n    def open(self, key):\n        print 'open'\n\n    def close(self):\n        pass\n\nprint 'ready'\n"
    found = [(symbol.name, symbol.kind, symbol.start, symbol.end) for symbol in parse_file("till.py", old).symbols]
    assert found == [("Till", "class", 1, 6), ("Till.open", "method", 2, 3), ("Till.close", "method", 5, 6)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"\xff\xfe\x00",
        b"def f(:",
        b"(" * 5000,
        b"x = " + b"-" * 20_000 + b"1",
        b"def f():\n\tif x:\n        y",
        b"\x0c",
    ],
)
def test_odd_content_is_never_an_error(data: bytes) -> None:
    parse_file("odd.py", data)
    parse_file("odd.js", data)


def test_other_languages_are_cut_into_windows_of_lines() -> None:
    parsed = parse_file("shop.go", "".join(f"line {number}\n" for number in range(1, 101)).encode())
    assert parsed.symbols == []
    assert [(part.chunk.start, part.chunk.end) for part in parsed.chunks] == [(1, 40), (41, 80), (81, 101)]


def test_the_innermost_function_around_a_line_is_found() -> None:
    symbols = parse_file("shop.py", SHOP).symbols
    names = {line: getattr(enclosing(symbols, line), "name", None) for line in (4, 13, 16, 17, 19, 23)}
    assert names == {4: None, 13: "Order", 16: "Order.total", 17: "Order.total.inner", 19: "Order.total", 23: "send"}


def test_definitions_are_found_by_qualified_or_bare_name() -> None:
    symbols = parse_file("a.py", b"class A:\n    def f(self): ...\n\ndef f(): ...\n").symbols
    assert [getattr(find_definition(symbols, name), "start", None) for name in ("A.f", "f", "A", "B.f", "g")] == [
        2,
        4,
        1,
        2,
        None,
    ]


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("shop/api.py", "source"),
        ("tests/test_api.py", "test"),
        ("shop/test_api.py", "test"),
        ("web/cart.spec.ts", "test"),
        ("shop/latest.py", "source"),
        ("shop/contest/api.py", "source"),
        ("README.md", "document"),
        ("docs/conf.py", "document"),
        ("config/app.yaml", "data"),
    ],
)
def test_the_role_of_a_file_is_read_off_its_path(path: str, role: str) -> None:
    assert role_of(path) == role


def test_every_encoding_can_be_read() -> None:
    assert [decode_source("é".encode(code)) for code in ("utf-8", "utf-8-sig", "latin-1")] == ["é"] * 3
    assert decode_source(b"\x81") == "\ufffd"
