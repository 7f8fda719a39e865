"""Definitions of a source file, and the chunks of it that are searched.

Files of languages that are not parsed have no symbols and are cut into windows of lines, so that search and localization
reach them too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.languages.outline import outline
from sahur_core.code.records import Chunk, Symbol

WINDOW_LINES = 40
MAX_CHUNK_LINES = 400
"""A longer chunk (a giant function, the rest of a module) is searched in parts."""


@dataclass(frozen=True)
class TextChunk:
    """A chunk with the text it is searched by (a class without its methods, a module without its definitions)."""

    chunk: Chunk
    text: str


@dataclass(frozen=True)
class ParsedFile:
    symbols: list[Symbol]
    chunks: list[TextChunk]


def parse_file(path: str, data: bytes) -> ParsedFile:
    """Symbols and chunks of a text file. Never raises for odd content."""
    text = decode_source(data)
    symbols = [
        Symbol(name=each.name, kind=each.kind, path=path, start=each.start, end=each.end, doc=each.doc)
        for each in outline(path, text).definitions
    ]
    lines = text.split("\n")
    chunks = list(_definition_chunks(path, lines, symbols)) if symbols else []
    return ParsedFile(symbols, chunks or list(_windows(path, lines, "lines", range(1, len(lines) + 1), WINDOW_LINES)))


def _definition_chunks(path: str, lines: list[str], symbols: Sequence[Symbol]) -> Iterator[TextChunk]:
    """Each line belongs to its outermost function, else to its innermost class, else to the module."""
    owner: list[Symbol | None] = [None] * (len(lines) + 1)
    classes = [symbol for symbol in symbols if symbol.kind == "class"]
    functions = [symbol for symbol in symbols if symbol.kind in ("function", "method")]
    for symbol in [*classes, *sorted(functions, key=lambda symbol: symbol.start - symbol.end)[::-1]]:
        for number in range(symbol.start, min(symbol.end, len(lines)) + 1):
            owner[number] = symbol
    owned: dict[tuple[str, int], list[int]] = {}
    for number in range(1, len(lines) + 1):
        holder = owner[number]
        owned.setdefault((holder.name, holder.start) if holder else ("", 0), []).append(number)
    by_key = {(symbol.name, symbol.start): symbol for symbol in symbols}
    for key, numbers in owned.items():
        holder = by_key.get(key)
        yield from _windows(path, lines, holder.kind if holder else "module", numbers, MAX_CHUNK_LINES, holder)


def _windows(
    path: str, lines: Sequence[str], kind: str, numbers: Sequence[int], size: int, symbol: Symbol | None = None
) -> Iterator[TextChunk]:
    for first in range(0, len(numbers), size):
        part = numbers[first : first + size]
        text = "\n".join(lines[number - 1] for number in part)
        if text.strip():
            start, end = (symbol.start, symbol.end) if symbol and len(numbers) <= size else (part[0], part[-1])
            yield TextChunk(Chunk(path=path, name=symbol.name if symbol else "", kind=kind, start=start, end=end), text)
