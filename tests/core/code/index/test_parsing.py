"""Every text file is cut into pieces that can be searched, and no line is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahur_core.code.index.parsing import MAX_PIECE_LINES, PieceKind, cut, parse_file, parse_plainly
from sahur_core.code.languages.outline import Definition

SHOP = b'''"""Shop."""
import os

RATE: float = 0.19


class Order:
    size = 1

    @property
    def total(self):
        def inner():
            return 1
        return inner()


def send(order):
    raise ValueError(f"the order {order} cannot be sent")
'''


def test_each_line_belongs_to_its_outermost_function_else_its_class_else_the_module() -> None:
    parsed = parse_file("shop.py", SHOP)
    names = {parsed.definitions[p.definition].name if p.definition >= 0 else "": p for p in parsed.pieces}
    assert set(names) == {"", "Order", "Order.total", "send"}
    assert "inner" in names["Order.total"].text
    assert names["Order"].text.split() == ["class", "Order:", "size", "=", "1"]
    assert "RATE" in names[""].text
    assert [piece.kind for piece in (names[""], names["Order"], names["send"])] == [
        PieceKind.MODULE,
        PieceKind.CLASS,
        PieceKind.FUNCTION,
    ]


def test_imports_and_texts_come_with_the_file() -> None:
    parsed = parse_file("shop.py", SHOP)
    assert [entry.module for entry in parsed.imports] == ["os"]
    assert [template for _, template in parsed.templates] == ["the order {} cannot be sent"]


def test_text_without_definitions_is_cut_into_windows() -> None:
    pieces = parse_file("notes.txt", b"".join(b"line %d\n" % number for number in range(1, 101))).pieces
    assert [(piece.kind, piece.start, piece.end) for piece in pieces] == [(0, 1, 40), (0, 41, 80), (0, 81, 101)]


def test_a_giant_function_is_searched_in_parts() -> None:
    body = "".join(f"    x{number} = {number}\n" for number in range(1000))
    pieces = [piece for piece in parse_file("a.py", f"def f():\n{body}".encode()).pieces if piece.definition >= 0]
    assert [piece.end - piece.start + 1 for piece in pieces] == [MAX_PIECE_LINES, MAX_PIECE_LINES, 201]


@pytest.mark.parametrize("data", [b"\0\1\2", b"MZ\0" * 100])
def test_binary_files_have_nothing(data: bytes) -> None:
    assert parse_file("a.py", data).pieces == parse_plainly("a.py", data).pieces == ()


def test_a_file_that_parsers_cannot_bear_keeps_its_lines() -> None:
    parsed = parse_plainly("shop.py", SHOP)
    assert (parsed.language, parsed.definitions) == ("python", ())
    assert "cannot be sent" in parsed.pieces[0].text


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.sampled_from(["class", "method", "function"]), st.integers(1, 60), st.integers(0, 30)), max_size=8),
)
def test_whatever_the_definitions_every_line_is_in_exactly_one_piece(total: int, drawn: list[tuple[str, int, int]]) -> None:
    lines = [f"line{number}" for number in range(1, total + 1)]
    definitions = [
        Definition(f"d{place}", kind, min(start, total), min(start + length, total), "", ())
        for place, (kind, start, length) in enumerate(drawn)
    ]
    found = [line for piece in cut(lines, definitions) for line in piece.text.split("\n")]
    assert sorted(found) == sorted(lines)
