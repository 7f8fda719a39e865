"""Definitions are found by line and by name."""

from __future__ import annotations

import pytest

from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.languages.lookup import enclosing, find_definition
from sahur_core.code.languages.outline import outline
from sahur_core.code.languages.roles import role_of
from sahur_core.code.records import Symbol

SHOP = '''"""Shop."""
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


def _symbols(text: str) -> list[Symbol]:
    found = outline("shop.py", text).definitions
    return [Symbol(name=d.name, kind=d.kind, path="shop.py", start=d.start, end=d.end, doc=d.doc) for d in found]


def test_the_innermost_function_around_a_line_is_found() -> None:
    symbols = _symbols(SHOP)
    names = {line: getattr(enclosing(symbols, line), "name", None) for line in (4, 13, 16, 17, 19, 23)}
    assert names == {4: None, 13: "Order", 16: "Order.total", 17: "Order.total.inner", 19: "Order.total", 23: "send"}


def test_definitions_are_found_by_qualified_or_bare_name() -> None:
    symbols = _symbols("class A:\n    def f(self): ...\n\ndef f(): ...\n")
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
