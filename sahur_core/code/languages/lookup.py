"""Which of a file's definitions is meant by a name or a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Defined(Protocol):
    """What a definition and a symbol of the index have in common."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


AnyDefined = TypeVar("AnyDefined", bound=Defined)


def find_definition(definitions: Sequence[AnyDefined], name: str) -> AnyDefined | None:
    """The definition called `name`: qualified (`Order.total`) before bare (`total`), functions before classes."""
    exact = [each for each in definitions if each.name == name]
    bare = [each for each in definitions if each.name.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]]
    ordered = sorted(exact or bare, key=lambda each: each.kind not in ("function", "method"))
    return ordered[0] if ordered else None


def enclosing(definitions: Sequence[AnyDefined], line: int) -> AnyDefined | None:
    """The innermost function around a line, or else the innermost class."""
    around = [each for each in definitions if each.start <= line <= each.end and each.kind != "variable"]
    return min(around, key=lambda each: (each.kind == "class", each.end - each.start), default=None)
