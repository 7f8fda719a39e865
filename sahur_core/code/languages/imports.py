"""Import statements as modules, imported names, and what these are called in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sahur_core.code.languages.syntax import Captures, Syntax
from sahur_core.tools.storable import storable


class Import(NamedTuple):
    module: str
    """As written: relative dots of Python, paths of JavaScript, Ruby and C, names with `.`, `::` or `\\` of the others."""
    name: str
    """The imported name; empty for the module itself, `*` for everything in it."""
    alias: str
    """What it is called in this file; empty where nothing can be said (`*`)."""


def read_import(syntax: Syntax, found: Captures, settings: Mapping[str, str | None]) -> Iterator[Import]:
    """The imports of one match of a query (`outline.py` tells what the captures and settings mean)."""
    module = _text(syntax, found, "module").strip("\"'`<>")
    name = _text(syntax, found, "imported") or settings.get("imported") or ""
    alias = _text(syntax, found, "alias")
    yield Import(module, name, alias or _own_name(module, name, syntax.language.import_separator))


def _own_name(module: str, name: str, separator: str) -> str:
    if name:
        return "" if name == "*" else name
    return module.rsplit(separator, 1)[-1] if separator else module


def _text(syntax: Syntax, found: Captures, capture: str) -> str:
    return storable("".join(syntax.text(found[capture][0]).split())) if capture in found else ""
