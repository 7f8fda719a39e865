"""What is kept of a file: its definitions, imports and texts, and the pieces it is searched by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.languages.messages import find_templates
from sahur_core.code.languages.outline import Definition, Import, language_of, outline

WINDOW_LINES = 40
"""Files without definitions are searched by windows of so many lines."""
MAX_PIECE_LINES = 400
"""A longer piece (a giant function, the rest of a module) is searched in parts."""
MAX_WINDOWS = 250
_FUNCTIONS = frozenset({"function", "method"})


class PieceKind(IntEnum):
    """What a piece of a file is. The rest of a module or class is what lies outside of the definitions in it."""

    LINES = 0
    MODULE = 1
    CLASS = 2
    FUNCTION = 3


class Piece(NamedTuple):
    """Lines `start` to `end`, or for the rest of a class or module those within that belong to it."""

    kind: PieceKind
    definition: int
    """Place in the file's definitions; -1 for none."""
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class ParsedFile:
    language: str = ""
    lines: int = 0
    definitions: Sequence[Definition] = ()
    imports: Sequence[Import] = ()
    templates: Sequence[tuple[int, str]] = ()
    """Line and template of each text that the file can write."""
    pieces: Sequence[Piece] = field(default=())


def parse_file(path: str, data: bytes) -> ParsedFile:
    """Never raises for odd content. A binary file has no lines."""
    if b"\0" in data[:8000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ParsedFile()
    text = decode_source(data)
    found = outline(path, text)
    lines = text.split("\n")
    return ParsedFile(
        language=found.language,
        lines=len(lines),
        definitions=found.definitions,
        imports=found.imports,
        templates=find_templates(path, text) if found.language else (),
        pieces=list(cut(lines, found.definitions)),
    )


def parse_plainly(path: str, data: bytes) -> ParsedFile:
    """As `parse_file`, without definitions, imports and texts: nothing but the lines is looked at."""
    if b"\0" in data[:8000]:
        return ParsedFile()
    lines = decode_source(data).split("\n")
    return ParsedFile(language=language_of(path), lines=len(lines), pieces=list(cut(lines, ())))


def cut(lines: Sequence[str], definitions: Sequence[Definition]) -> Iterator[Piece]:
    """Each line belongs to its outermost function, else to its innermost class, else to the module."""
    if not any(definition.kind != "variable" for definition in definitions):
        for first in range(0, min(len(lines), WINDOW_LINES * MAX_WINDOWS), WINDOW_LINES):
            yield from _pieces(lines, PieceKind.LINES, -1, [(first + 1, min(first + WINDOW_LINES, len(lines)))])
        return
    for owner, ranges in _owned(definitions, len(lines)).items():
        if owner < 0:
            yield from _pieces(lines, PieceKind.MODULE, -1, ranges)
        else:
            kind = PieceKind.FUNCTION if definitions[owner].kind in _FUNCTIONS else PieceKind.CLASS
            yield from _pieces(lines, kind, owner, ranges)


def _owned(definitions: Sequence[Definition], total: int) -> dict[int, list[tuple[int, int]]]:
    """The ranges of lines of each definition that owns any, and of the module (-1)."""
    owned: dict[int, list[tuple[int, int]]] = {}
    classes: list[tuple[int, int]] = []
    at = 1

    def give(owner: int, end: int) -> None:
        nonlocal at
        if at <= end:
            owned.setdefault(owner, []).append((at, end))
            at = end + 1

    for number, definition in sorted(enumerate(definitions), key=lambda item: (item[1].start, -item[1].end)):
        if definition.kind == "variable" or (definition.start < at and definition.end < at):
            continue
        while classes and classes[-1][1] < definition.start:
            give(*classes.pop())
        give(classes[-1][0] if classes else -1, definition.start - 1)
        if definition.kind in _FUNCTIONS:
            give(number, definition.end)
        else:
            classes.append((number, definition.end))
    while classes:
        give(*classes.pop())
    give(-1, total)
    return owned


def _pieces(lines: Sequence[str], kind: PieceKind, owner: int, ranges: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    part: list[tuple[int, int]] = []
    size = 0
    for start, end in ranges:
        while start <= end:
            stop = min(end, start + MAX_PIECE_LINES - size - 1)
            part.append((start, stop))
            size += stop - start + 1
            start = stop + 1
            if size >= MAX_PIECE_LINES:
                yield from _piece(lines, kind, owner, part)
                part, size = [], 0
    yield from _piece(lines, kind, owner, part)


def _piece(lines: Sequence[str], kind: PieceKind, owner: int, part: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    text = "\n".join(line for start, end in part for line in lines[start - 1 : end])
    if text.strip():
        yield Piece(kind, owner, part[0][0], part[-1][1], text)
