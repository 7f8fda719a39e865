"""What a source file defines and imports, in every language of `table.py`, by its syntax tree.

`queries/<language>.scm` finds the pieces. Captures mean:

* `@class @function @method @variable` around a `@name`: a definition; `@scope`: only a prefix of the names inside;
  `@qualifier`: a prefix that stands apart from the name (the receiver of a Go method)
* `@doc`, `@base`: of the innermost definition around them; `@ahead`, `@annotation`: doc and part of the definition that follows
* `@module` with `@imported` and `@alias`, or `@tree`: imports (see `imports.py`)

and `(#set! at "module")`: dropped inside of functions and classes.

Of several matches of one name the widest counts, so that a query may name a definition again with what belongs around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import tree_sitter

from sahur_core.code.languages.definition import Definition
from sahur_core.code.languages.imports import Import, read_imports
from sahur_core.code.languages.indentation import mend
from sahur_core.code.languages.syntax import Captures, Syntax, load_query, parse
from sahur_core.code.languages.table import find_language
from sahur_core.tools.storable import storable

__all__ = ["Definition", "Import", "Outline", "language_of", "outline"]

MAX_TEXT_CHARS = 200
"""Of a name, a doc or a base."""
MAX_COMMENT_LINES = 100
"""How far up the beginning of a comment is looked for."""
_DEFINITIONS = ("class", "function", "method", "scope", "variable")
"""If one name is matched as two of them in the same place, the first counts."""
_GENERICS = re.compile(r"(?<=\w)<[^<>]*>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
"""Of documentation comments in HTML or XML."""
_OPERATOR = re.compile(r"\boperator\s+(?=\W)")
_COMMENT_MARKS = "/*#!-;@ \t\r"


@dataclass(frozen=True)
class Outline:
    language: str
    """Empty for a text that is not parsed."""
    definitions: list[Definition]
    """In the order of the file, outer ones before what they contain."""
    imports: list[Import]
    skipped: str = ""
    """Why a text of a known language was not parsed, or which part of it."""


class _Piece(NamedTuple):
    """Something found in the tree, to be put in order with the others."""

    start: int
    wide: int
    """Minus the end, so that what contains comes before what is contained."""
    rank: int
    kind: str
    node: tree_sitter.Node
    name: str = ""
    only_module: bool = False


@dataclass(slots=True)
class _Open:
    """A definition while we are inside of it."""

    name: str
    kind: str
    place: tuple[int, int]
    """First byte, and minus the byte after the last."""
    lines: tuple[int, int]
    annotated: int
    """Line of the first annotation that stands before it, or its own first line."""
    doc: str = ""
    bases: list[str] = field(default_factory=list)

    @property
    def end(self) -> int:
        return -self.place[1]


def outline(path: str, text: str) -> Outline:
    """Definitions and imports of a file. Never raises for odd content."""
    language = find_language(path, text)
    if language is None:
        return Outline("", [], [])
    syntax = parse(language, text)
    pieces, imports = _pieces(syntax)
    lines = text.split("\n")
    imported = {each.alias for each in imports}  # `const fs = require("fs")` defines no fs
    definitions = [
        each
        for each in _documented(_opened(syntax, pieces), lines, language.comments)
        if each.kind != "variable" or each.name not in imported
    ]
    if language.is_indented and syntax.has_error:
        definitions = mend(lines, definitions)
    return Outline(language.name, definitions, imports, syntax.skipped)


def language_of(path: str, text: str = "") -> str:
    """By suffix, name, or `#!` line; empty for what is not parsed."""
    language = find_language(path, text)
    return language.name if language else ""


def _pieces(syntax: Syntax) -> tuple[list[_Piece], list[Import]]:
    query = load_query(syntax.language)
    kinds: dict[int, tuple[str, int, bool]] = {}
    named: dict[int, _Piece] = {}
    pieces: list[_Piece] = []
    imports: list[tuple[int, Captures]] = []
    for pattern, found in syntax.matches(query):
        if pattern not in kinds:
            kinds[pattern] = (*_kind(found), query.pattern_settings(pattern).get("at") == "module")
        kind, rank, only_module = kinds[pattern]
        if kind == "import":
            imports.append((pattern, found))
            continue
        if rank == len(_DEFINITIONS):
            pieces += [_Piece(node.start_byte, -node.end_byte, rank, kind, node) for node in found[kind]]
            continue
        node = found[kind][0]
        if "qualifier" in found:
            kind, rank = "method", -1
        piece = _Piece(node.start_byte, -node.end_byte, rank, kind, node, _name(syntax, found), only_module)
        place = found["name"][0].start_byte
        if place not in named or piece[:3] < named[place][:3]:
            named[place] = piece
    pieces += named.values()
    pieces.sort(key=lambda piece: piece[:3])
    return pieces, read_imports(syntax, query, imports)


def _kind(found: Captures) -> tuple[str, int]:
    """What a match is, and its place in `_DEFINITIONS` or their number."""
    for rank, kind in enumerate(_DEFINITIONS):
        if kind in found:
            return kind, rank
    return next((kind for kind in ("doc", "ahead", "base", "annotation") if kind in found), "import"), len(_DEFINITIONS)


def _name(syntax: Syntax, found: Captures) -> str:
    name = syntax.text(found["name"][0])
    if not name.isidentifier():
        name = _plain(name)
    return f"{_plain(syntax.text(found['qualifier'][0]))}.{name}" if "qualifier" in found else name


def _plain(name: str) -> str:
    """`Shop::Order<T>` as `Shop.Order`, a quoted name without its quotes."""
    if "<" in name and "operator" not in name:
        while _GENERICS.search(name):
            name = _GENERICS.sub("", name)
    name = _OPERATOR.sub("operator", name)
    if "(" in name and "operator(" not in name:
        name = name.split("(", 1)[0]
    return _shown(name.replace("::", ".").replace("\\", ".").replace("`", "").strip("\"':.").replace(":", "."))


def _opened(syntax: Syntax, pieces: Sequence[_Piece]) -> list[_Open]:
    """Definitions with what was found inside of them; scopes too."""
    found: list[_Open] = []
    around: list[_Open] = []
    ahead = ""
    noted: tuple[int, int] | None = None
    """Line and end of the annotations that wait for their definition."""
    for piece in pieces:
        while around and (around[-1].end <= piece.start or around[-1].place == piece[:2]):
            around.pop()  # what fills the same place (`A, B = 1, 2`) stands beside it, not within
        if piece.kind == "annotation":
            is_further = noted is not None and _is_blank(syntax, noted[1], piece.start)
            noted = (noted[0] if noted and is_further else syntax.lines(piece.node)[0], -piece.wide)
        elif piece.kind == "doc":
            if around and not around[-1].doc:
                around[-1].doc = _first_line(syntax.text(piece.node))
        elif piece.kind == "ahead":
            ahead = _first_line(syntax.text(piece.node))
        elif piece.kind == "base":
            if around and around[-1].kind in ("class", "scope"):
                around[-1].bases.append(_shown(syntax.text(piece.node)))
        elif around and around[-1].end == -piece.wide and around[-1].name.rsplit(".", 1)[-1] == piece.name:
            continue  # `order.total = function total() {}`
        elif piece.kind != "variable" or not around or not (piece.only_module or around[-1].kind in ("function", "method")):
            lines = syntax.lines(piece.node)
            annotated = noted[0] if noted and _is_blank(syntax, noted[1], piece.start) else lines[0]
            name = f"{around[-1].name}.{piece.name}" if around else piece.name
            kind = _kind_inside(piece, around[-1].kind if around else "")
            around.append(_Open(name, kind, piece[:2], lines, min(annotated, lines[0]), ahead))
            ahead = ""
            found.append(around[-1])
    return found


def _kind_inside(piece: _Piece, outer: str) -> str:
    """Functions of classes are methods, and so is `Order::total` outside of its class; a method of nothing is a function."""
    if piece.kind == "function" and (outer in ("class", "scope") or "." in piece.name):
        return "method"
    return "function" if piece.kind == "method" and not outer and "." not in piece.name else piece.kind


def _is_blank(syntax: Syntax, start: int, end: int) -> bool:
    """Whether only line breaks and comments stand between two places."""
    between = syntax.data[start:end].decode("utf-8", "replace") if start <= end else "-"
    return all(not line.strip() or line.strip().startswith(syntax.language.comments) for line in between.split("\n"))


def _documented(found: Iterable[_Open], lines: Sequence[str], marks: tuple[str, ...]) -> Iterator[Definition]:
    """Definitions without scopes; what a scope extends (`impl Display for Order`) counts for the definition of its name."""
    extended: dict[str, list[str]] = {}
    kept: list[_Open] = []
    for each in found:
        if each.kind == "scope":
            extended.setdefault(each.name, []).extend(each.bases)
        else:
            kept.append(each)
    last = 0
    for each in kept:
        start, end = each.annotated, each.lines[1]
        doc = each.doc
        if each.lines[0] != last:  # of several definitions on a line the comment is the first one's
            doc = doc or _comment_above(lines, each.lines[0], marks)
            if not doc and start != each.lines[0]:
                doc = _comment_above(lines, start, marks)
        last = each.lines[0]
        bases = [*each.bases, *extended.get(each.name, [])] if each.kind == "class" else []
        yield Definition(each.name, each.kind, start, end, doc, tuple(dict.fromkeys(bases)))


def _first_line(text: str) -> str:
    return next((_shown(line) for line in text.split("\n") if line.strip()), "")


def _comment_above(lines: Sequence[str], start: int, marks: tuple[str, ...]) -> str:
    """First line of the comment that ends on the line before `start`."""
    first = ""
    is_block = False
    for number in range(start - 2, max(-1, start - 2 - MAX_COMMENT_LINES), -1):
        line = lines[number].strip()
        is_block = is_block or (line.endswith("*/") and "/*" in marks)
        if not is_block and not line.startswith(marks):
            break
        first = _TAG.sub("", line).strip(_COMMENT_MARKS) or first
        if is_block and "/*" in line:
            break
    return _shown(first)


def _shown(text: str) -> str:
    """On one line, storable and not too long."""
    if not text:
        return ""
    return str(storable(" ".join(text[: 2 * MAX_TEXT_CHARS].split())))[:MAX_TEXT_CHARS]
