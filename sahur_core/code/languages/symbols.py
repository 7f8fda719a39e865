"""Definitions of a source file, and the chunks of it that are searched.

A language is a function from text to symbols, chosen by the file's suffix (`PARSERS`). Files of other languages have no
symbols and are cut into windows of lines, so that search and localization reach them too.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from sahur_core.code.records import Chunk, Symbol
from sahur_core.tools.storable import storable

WINDOW_LINES = 40
MAX_CHUNK_LINES = 400
"""A longer chunk (a giant function, the rest of a module) is searched in parts."""
_DEFINITION = re.compile(r"^(?P<indent>[ \t]*)(?:async[ \t]+)?(?P<keyword>def|class)[ \t]+(?P<name>\w+)")

SymbolParser = Callable[[str, str], list[Symbol]]
"""`(path, text) -> symbols`, in the order of the file."""

Role = Literal["source", "test", "document", "data"]
_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|spec|testdata|test_data|fixtures)/|(^|/)(test_[^/]*|[^/]*[._](test|spec)|conftest|tests?)\.\w+$"
)
_DOCUMENT = re.compile(r"(^|/)docs?/|\.(md|rst|txt|adoc|html?)$|(^|/)(LICENSE|CHANGELOG|CHANGES|AUTHORS|NOTICE)[^/]*$", re.I)
_DATA = re.compile(r"\.(json|ya?ml|toml|ini|cfg|conf|csv|xml|lock|svg|env|properties|css|po)$", re.I)


def role_of(path: str) -> Role:
    """What a file is for, by its path: causes are sought in source first."""
    if _TEST.search(path):
        return "test"
    if _DOCUMENT.search(path):
        return "document"
    return "data" if _DATA.search(path) else "source"


@dataclass(frozen=True)
class TextChunk:
    """A chunk with the text it is searched by (a class without its methods, a module without its definitions)."""

    chunk: Chunk
    text: str


@dataclass(frozen=True)
class ParsedFile:
    symbols: list[Symbol]
    chunks: list[TextChunk]


def decode_source(data: bytes) -> str:
    """UTF-8, with or without byte-order mark; what is not, as Windows-1252, so that every file can be read."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def parse_file(path: str, data: bytes) -> ParsedFile:
    """Symbols and chunks of a text file. Never raises for odd content."""
    text = decode_source(data)
    parser = PARSERS.get(PurePosixPath(path).suffix.lower())
    symbols = parser(path, text) if parser else []
    lines = text.split("\n")
    chunks = list(_definition_chunks(path, lines, symbols)) if symbols else []
    return ParsedFile(symbols, chunks or list(_windows(path, lines, "lines", range(1, len(lines) + 1), WINDOW_LINES)))


def find_definition(symbols: Sequence[Symbol], name: str) -> Symbol | None:
    """The definition called `name`: qualified (`Order.total`) before bare (`total`), functions before classes."""
    exact = [symbol for symbol in symbols if symbol.name == name]
    bare = [symbol for symbol in symbols if symbol.name.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]]
    ordered = sorted(exact or bare, key=lambda symbol: symbol.kind not in ("function", "method"))
    return ordered[0] if ordered else None


def enclosing(symbols: Sequence[Symbol], line: int) -> Symbol | None:
    """The innermost function around a line, or else the innermost class."""
    around = [symbol for symbol in symbols if symbol.start <= line <= symbol.end and symbol.kind != "variable"]
    return min(around, key=lambda symbol: (symbol.kind == "class", symbol.end - symbol.start), default=None)


def parse_python(path: str, text: str) -> list[Symbol]:
    """By the syntax tree; files that this Python cannot parse, by their lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes of the code that is read are not ours to report
            tree = ast.parse(text)
        return list(_python_symbols(path, tree.body, "", in_class=False))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _python_symbols_by_line(path, text)


PARSERS: dict[str, SymbolParser] = {".py": parse_python, ".pyi": parse_python}


def _python_symbols(path: str, body: Sequence[ast.stmt], prefix: str, *, in_class: bool) -> Iterator[Symbol]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_class = isinstance(node, ast.ClassDef)
            kind = "class" if is_class else "method" if in_class else "function"
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            # An escape in a string may stand for half of a character.
            doc = storable((ast.get_docstring(node) or "").split("\n")[0])
            name = prefix + node.name
            yield Symbol(name=name, kind=kind, path=path, start=start, end=node.end_lineno or start, doc=doc[:200])
            yield from _python_symbols(path, node.body, name + ".", in_class=is_class)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not prefix:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield Symbol(
                        name=target.id, kind="variable", path=path, start=node.lineno, end=node.end_lineno or node.lineno
                    )
        else:
            for inner in ("body", "orelse", "finalbody"):
                yield from _python_symbols(path, getattr(node, inner, []), prefix, in_class=in_class)
            for handler in getattr(node, "handlers", []):
                yield from _python_symbols(path, handler.body, prefix, in_class=in_class)


def _python_symbols_by_line(path: str, text: str) -> list[Symbol]:
    """`def` and `class` lines; a definition ends before the next line that is indented as little as it."""
    lines = text.split("\n")
    symbols: list[Symbol] = []
    outer: list[tuple[int, str, str]] = []
    for number, line in enumerate(lines, 1):
        match = _DEFINITION.match(line)
        if match is None:
            continue
        indent = len(match["indent"].expandtabs())
        outer = [entry for entry in outer if entry[0] < indent]
        name = ".".join([*(entry[1] for entry in outer), match["name"]])
        kind = "class" if match["keyword"] == "class" else "method" if outer and outer[-1][2] == "class" else "function"
        symbols.append(Symbol(name=name, kind=kind, path=path, start=number, end=_block_end(lines, number, indent)))
        outer.append((indent, match["name"], kind))
    return symbols


def _block_end(lines: Sequence[str], start: int, indent: int) -> int:
    end = start
    for number in range(start + 1, len(lines) + 1):
        line = lines[number - 1].expandtabs()
        if not line.strip():
            continue
        if len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith((")", "#")):
            break
        end = number
    return end


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
