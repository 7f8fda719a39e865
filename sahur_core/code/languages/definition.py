"""One definition of a source file."""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """Lines count from 1; decorators and annotations are inside of them."""

    name: str
    """Qualified within the file: `Order.total`, `outer.inner`."""
    kind: str
    """`function`, `method`, `class` (structs, interfaces, traits, enums, modules and objects too) or `variable`."""
    start: int
    end: int
    doc: str
    """First line of the docstring or of the comment right above."""
    bases: tuple[str, ...]
    """Base classes, implemented interfaces, embedded traits, as they are written."""
