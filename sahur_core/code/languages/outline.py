"""What a source file defines and imports, in every language of `table.py`, by its syntax tree.

`queries/<language>.scm` finds the pieces. Captures mean:

* `@class @function @method @variable` around a `@name`: a definition; `@scope`: only a prefix of the names inside;
  `@qualifier`: a prefix that stands apart from the name (the receiver of a Go method)
* `@doc`, `@base`: of the innermost definition around them; `@annotation`: belongs to the definition that follows
* `@module` with `@imported` and `@alias`: an import; `@tree`: a list of imports with nested braces

and `(#set! key value)`: `at "module"` (dropped inside of functions and classes), `imported` (when there is no such capture),
`split` (the imported name is the module's last part).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import tree_sitter

from sahur_core.code.languages.definition import Definition
from sahur_core.code.languages.imports import Import, read_import
from sahur_core.code.languages.indentation import mend
from sahur_core.code.languages.roles import is_generated
from sahur_core.code.languages.syntax import Captures, Syntax, load_query, parse
from sahur_core.code.languages.table import find_language
from sahur_core.tools.storable import storable

__all__ = ["Definition", "Import", "Outline", "language_of", "outline"]

MAX_DOC_CHARS = 200
MAX_COMMENT_LINES = 100
"""How far up the beginning of a comment is looked for."""
_DEFINITIONS = ("class", "function", "method", "variable", "scope")
_GENERICS = re.compile(r"<[^<>]*>")
_COMMENT_MARKS = "/*#!-;@ \t\r"


@dataclass(frozen=True)
class Outline:
    language: str
    """Empty for a text that is not parsed."""
    definitions: list[Definition]
    """In the order of the file, outer ones before what they contain."""
    imports: list[Import]
    is_generated: bool
    skipped: str = ""
    """Why a text of a known language was not parsed, or not to its end."""


class _Piece(NamedTuple):
    """Something found in the tree, to be put in order with the others."""

    start: int
    wide: int
    """Minus the end, so that what contains comes before what is contained."""
    kind: str
    node: tree_sitter.Node
    name: str
    only_module: bool


class _Open:
    """A definition while we are inside of it."""

    __slots__ = ("bases", "doc", "end", "kind", "lines", "name")

    def __init__(self, name: str, kind: str, end: int, lines: tuple[int, int]) -> None:
        self.name, self.kind, self.end, self.lines = name, kind, end, lines
        self.doc = ""
        self.bases: list[str] = []


def outline(path: str, text: str) -> Outline:
    """Definitions and imports of a file. Never raises for odd content."""
    language = find_language(path, text)
    if language is None:
        return Outline("", [], [], is_generated(path, text))
    syntax = parse(language, text)
    pieces, imports = _pieces(syntax)
    lines = text.split("\n")
    definitions = list(_definitions(syntax, pieces, lines))
    if language.is_indented and syntax.has_error:
        definitions = mend(lines, definitions)
    return Outline(language.name, definitions, imports, is_generated(path, text), syntax.skipped)


def language_of(path: str, text: str = "") -> str:
    """By suffix, name, or `#!` line; empty for what is not parsed."""
    language = find_language(path, text)
    return language.name if language else ""


def _pieces(syntax: Syntax) -> tuple[list[_Piece], list[Import]]:
    query = load_query(syntax.language, *syntax.language.queries)
    kinds: dict[int, tuple[str, dict[str, str | None]]] = {}
    widest: dict[int, _Piece] = {}
    pieces: list[_Piece] = []
    imports: list[tuple[int, Import]] = []
    for pattern, found in syntax.matches(query):
        if pattern not in kinds:
            kinds[pattern] = (_kind(found), query.pattern_settings(pattern))
        kind, settings = kinds[pattern]
        if kind in _DEFINITIONS:
            name = found["name"][0]
            node = found[kind][0]
            place, end = node.start_byte, node.end_byte
            known = widest.get(name.start_byte)
            if known is None or place < known.start:
                qualified = _name(syntax, name, found)
                widest[name.start_byte] = _Piece(place, -end, kind, node, qualified, settings.get("at") == "module")
        elif kind == "import":
            place = next(iter(found.values()))[0].start_byte
            imports += [(place, each) for each in read_import(syntax, found, settings)]
        else:
            node = found[kind][0]
            pieces.append(_Piece(node.start_byte, -node.end_byte, kind, node, "", False))
    pieces += widest.values()
    pieces.sort(key=lambda piece: (piece.start, piece.wide))
    imports.sort(key=lambda entry: entry[0])
    return pieces, [each for _, each in imports]


def _kind(found: Captures) -> str:
    return next((kind for kind in (*_DEFINITIONS, "doc", "base", "annotation") if kind in found), "import")


def _name(syntax: Syntax, node: tree_sitter.Node, found: Captures) -> str:
    name = syntax.text(node)
    if not name.isidentifier():
        name = _plain(name)
    if "qualifier" in found:
        return f"{_plain(syntax.text(found['qualifier'][0]))}.{name}"
    return name


def _plain(name: str) -> str:
    """`Shop::Order<T>` as `Shop.Order`, a quoted name without its quotes."""
    if "<" in name and "operator" not in name:
        while _GENERICS.search(name):
            name = _GENERICS.sub("", name)
    return _shown(" ".join(name.replace("::", ".").strip("\"'`:").split()))


def _definitions(syntax: Syntax, pieces: Sequence[_Piece], lines: Sequence[str]) -> Iterator[Definition]:
    found: list[_Open] = []
    around: list[_Open] = []
    for piece in pieces:
        while around and around[-1].end <= piece.start:
            around.pop()
        if piece.kind == "doc":
            if around and not around[-1].doc:
                around[-1].doc = _first_line(syntax.text(piece.node))
        elif piece.kind == "base":
            if around:
                around[-1].bases.append(_shown(" ".join(syntax.text(piece.node).split())))
        elif piece.kind == "variable" and around and (piece.only_module or around[-1].kind in ("function", "method")):
            continue
        else:
            kind = "method" if piece.kind == "function" and around and around[-1].kind in ("class", "scope") else piece.kind
            name = f"{around[-1].name}.{piece.name}" if around else piece.name
            opened = _Open(name, kind, -piece.wide, syntax.lines(piece.node))
            around.append(opened)
            if kind != "scope":
                found.append(opened)
    for each in found:
        start, end = each.lines
        doc = each.doc or _comment_above(lines, start, syntax.language.comments)
        yield Definition(each.name, each.kind, start, end, doc, tuple(each.bases))


def _first_line(text: str) -> str:
    for line in text.split("\n"):
        if line.strip():
            return _shown(line.strip())
    return ""


def _comment_above(lines: Sequence[str], start: int, marks: tuple[str, ...]) -> str:
    """First line of the comment that ends on the line before `start`."""
    first = ""
    is_block = False
    for number in range(start - 2, max(-1, start - 2 - MAX_COMMENT_LINES), -1):
        line = lines[number].strip()
        is_block = is_block or (line.endswith("*/") and "/*" in marks)
        if not is_block and not line.startswith(marks):
            break
        first = line.strip(_COMMENT_MARKS) or first
        if is_block and "/*" in line:
            break
    return _shown(first)


def _shown(text: str) -> str:
    return str(storable(text))[:MAX_DOC_CHARS]
