"""Outlines of Python, old and broken files too, and how a file's language is known."""

from __future__ import annotations

import pytest

from sahur_core.code.languages.outline import language_of
from tests.core.code.languages.outlined import outlined

PYTHON = '''\
import a.b
import a.c as d
from ..core.models import Order as O, Line
from .x import *

LIMIT: int = 5
A, B = 1, 2
# How much.
RATE = BASE = 0.19


@decorated(
    "x",
)
class Order(Base, Generic[T], metaclass=Meta):
    """An order.

    More."""

    size = 1

    @property
    def total(self):
        LOCAL = 1
        async def inner(): ...
        return inner


if x:
    FAST = True
    def send(order): ...
else:
    try:
        import json
    except ImportError:
        json = None
        def late(): ...
'''


def test_python_definitions_and_imports() -> None:
    assert (
        outlined("shop.py", PYTHON)
        == """\
variable LIMIT 6-6
variable A 7-7
variable B 7-7
variable RATE 9-9 How much.
variable BASE 9-9
class Order 12-26 (Base, Generic[T]) An order.
method Order.total 22-26
function Order.total.inner 25-25
variable FAST 30-30
function send 31-31
function late 37-37
import a.b - a.b
import a.c - d
import ..core.models Order O
import ..core.models Line Line
import .x * -
import json - json
"""
    )


OLD = """\
class Till:
    def open(self, key):
        print 'open', `key`
        exec code in {}

    def close(self):
        pass
"""
BROKEN = '''\
class Till(Box):
    """A till."""

    @cached
    def open(self:
        return (1

    def close(self):
        pass
'''


def test_python_2_is_read() -> None:
    assert outlined("till.py", OLD) == "class Till 1-7\nmethod Till.open 2-4\nmethod Till.close 6-7\n"


def test_a_broken_file_keeps_its_definitions() -> None:
    assert outlined("till.py", BROKEN) == "class Till 1-9 (Box) A till.\nmethod Till.open 4-6\nmethod Till.close 8-9\n"


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a/B.PY", "", "python"),
        ("bin/shop", "#!/usr/bin/env -S python3 -u\n", "python"),
        ("bin/shop", "#!/bin/sh\n", "bash"),
        ("Rakefile", "", "ruby"),
        ("a.tsx", "", "typescript"),
        ("a.h", "int total(void);\n", "c"),
        ("a.h", "class Order {\n};\n", "cpp"),
        (".py", "", ""),
        ("README", "python\n", ""),
    ],
)
def test_a_language_is_known_by_suffix_name_or_first_line(path: str, text: str, language: str) -> None:
    assert language_of(path, text) == language
