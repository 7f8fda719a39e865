"""Syntax trees: grammars loaded when first needed, one parse per text, and bounds on what a text may cost.

A parse holds Python's lock and cannot be stopped from another thread: one that takes too long gives up by itself, very long
lines are not shown to it, and texts that are too long are not parsed at all. Grammars and queries are shared by all threads;
each thread has its own parsers.
"""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from itertools import accumulate

import tree_sitter

from sahur_core.code.languages.table import Language

MAX_BYTES = 2 * 1024 * 1024
"""Longer texts are generated or data. A megabyte of code is about 30,000 lines and takes about 0.2 s."""
MAX_LINE_BYTES = 20_000
"""A longer line is data or minified; nobody wrote it and no line number points into it. Parsers see spaces instead."""
MAX_SECONDS = 3.0
"""Processor time for one text, so that odd content cannot hold up everything else. Code of the largest size needs a tenth."""
MAX_DEPTH = 2000
"""Brackets that are open at one time; more than a hundred are data."""
_TURNS = [(byte in b"([{") - (byte in b")]}") for byte in range(256)]
MAX_OPEN_MATCHES = 512
"""Matches of a query that wait for their rest at one time. Code has less than 64; `a.a.a.…` without end has as many as it is
deep, and each costs at every node."""
_PART_BYTES = 4096
"""What a parser is given at a time (it asks again for each text that a query compares). A text of one part is too short to need
watching."""

Captures = dict[str, list[tree_sitter.Node]]


@dataclass(frozen=True)
class Syntax:
    """A text with its tree. `root` is None if it was not parsed; `skipped` says why, or what was left out."""

    language: Language
    data: bytes
    root: tree_sitter.Node | None
    skipped: str = ""
    _newlines: list[int] = field(default_factory=list)
    """Places of the line ends, only where the parser was shown others (see `_as_parsed`)."""

    @property
    def has_error(self) -> bool:
        """Whether the parser met what its grammar does not know, or the text was not parsed."""
        return self.root is None or self.root.has_error

    def text(self, node: tree_sitter.Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def lines(self, node: tree_sitter.Node) -> tuple[int, int]:
        """First and last line, from 1. A node that ends with a line break does not reach the next line."""
        if self._newlines:
            start = bisect_left(self._newlines, node.start_byte)
            return start + 1, bisect_left(self._newlines, max(node.start_byte, node.end_byte - 1)) + 1
        start, (row, column) = node.start_point[0], node.end_point
        return start + 1, max(start, row if column else row - 1) + 1

    def matches(self, query: tree_sitter.Query) -> list[tuple[int, Captures]]:
        """Pattern and captures of each match; empty if the text was not parsed."""
        return tree_sitter.QueryCursor(query, match_limit=MAX_OPEN_MATCHES).matches(self.root) if self.root else []

    def captures(self, query: tree_sitter.Query) -> Captures:
        """Nodes by capture, in the order of the text; empty if the text was not parsed."""
        return tree_sitter.QueryCursor(query, match_limit=MAX_OPEN_MATCHES).captures(self.root) if self.root else {}


class _Parsers(threading.local):
    """Of one thread: a parser per grammar, and the text parsed last, since several questions are asked of each file."""

    def __init__(self) -> None:
        self.by_grammar: dict[tuple[str, str], tree_sitter.Parser] = {}
        self.last: tuple[Language, str, Syntax] | None = None


_parsers = _Parsers()


def parse(language: Language, text: str) -> Syntax:
    """The tree of a text. Never raises: what is not parsed says why. The last text's tree of each thread is kept."""
    last = _parsers.last
    if last is not None and last[0] is language and last[1] == text:
        return last[2]
    syntax = _parse(language, text)
    _parsers.last = (language, text, syntax)
    return syntax


def load_query(language: Language) -> tree_sitter.Query:
    """The query for definitions and imports, compiled once."""
    return _load_query(language.grammar_package, language.grammar, language.query_files)


def load_strings(language: Language) -> tree_sitter.Query:
    """The query for `@string`s and those that say nothing at run time, `@silent`; compiled once."""
    return _compile(
        language.grammar_package,
        language.grammar,
        f"[{' '.join(f'({kind})' for kind in language.strings)}] @string {language.silent}",
    )


def _parse(language: Language, text: str) -> Syntax:
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        return Syntax(language, data, None, f"longer than {MAX_BYTES // 1024} KB")
    shown = _as_parsed(data)
    newlines = [match.start() for match in re.finditer(b"\n", data)] or [len(data)] if shown is not data else []
    has_long_line = len(data) > MAX_LINE_BYTES and max(map(len, data.split(b"\n"))) > MAX_LINE_BYTES
    if has_long_line:
        shown = b"\n".join(line if len(line) <= MAX_LINE_BYTES else b" " * len(line) for line in shown.split(b"\n"))
    if language.unseen:
        shown = language.unseen.sub(_blank, shown)
    if _depth(shown) > MAX_DEPTH:  # each open bracket costs a query at every node, and a query cannot be stopped
        return Syntax(language, data, None, f"more than {MAX_DEPTH} brackets open at a time")
    tree = _parse_watched(_parser(language), shown)
    if tree is None:
        return Syntax(language, data, None, f"parsing took longer than {MAX_SECONDS:g} s")
    skipped = f"lines longer than {MAX_LINE_BYTES // 1000} KB" if has_long_line else ""
    return Syntax(language, data, tree.root_node, skipped, newlines)


def _depth(data: bytes) -> int:
    """The most brackets that are open at one time, whatever stands in texts and comments; 0 for what has few of them."""
    if data.count(b"(") + data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return 0
    return max(accumulate(map(_TURNS.__getitem__, data)), default=0)


def _watch() -> Callable[..., bool]:
    """Says when `MAX_SECONDS` from now on are over."""
    start, start_used = time.monotonic(), time.thread_time()

    def is_late(*_: object) -> bool:  # the clock of the processor is a system call, the other is not
        return time.monotonic() - start > MAX_SECONDS and time.thread_time() - start_used > MAX_SECONDS

    return is_late


def _as_parsed(data: bytes) -> bytes:
    """What parsers are shown, of the same length: they take NUL for the end, and know no line that ends with CR alone."""
    if b"\0" in data:
        data = data.replace(b"\0", b" ")
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        data = data.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
    return data


def _blank(match: re.Match[bytes]) -> bytes:
    """The match with spaces for its groups."""
    start, found = match.start(), bytearray(match[0])
    for first, last in match.regs[1:]:
        if first >= 0:
            found[first - start : last - start] = b" " * (last - first)
    return bytes(found)


def _parser(language: Language) -> tree_sitter.Parser:
    key = (language.grammar_package, language.grammar)
    if key not in _parsers.by_grammar:
        _parsers.by_grammar[key] = tree_sitter.Parser(_load_grammar(*key))
    return _parsers.by_grammar[key]


def _parse_watched(parser: tree_sitter.Parser, data: bytes) -> tree_sitter.Tree | None:
    """None if it takes too long."""
    if len(data) <= _PART_BYTES:
        return parser.parse(data)

    def read(offset: int, _: tree_sitter.Point) -> bytes:  # a memoryview crashes the binding when a query compares texts
        return data[offset : offset + _PART_BYTES]

    try:
        return parser.parse(read, encoding="utf8", progress_callback=_watch())
    except ValueError:  # what the binding makes of a parse that was stopped
        parser.reset()
        return None


@cache
def _load_grammar(package: str, grammar: str) -> tree_sitter.Language:
    return tree_sitter.Language(getattr(import_module(package), grammar)())


@cache
def _load_query(package: str, grammar: str, files: tuple[str, ...]) -> tree_sitter.Query:
    folder = resources.files("sahur_core.code.languages") / "queries"
    source = "\n".join((folder / f"{name}.scm").read_text("utf-8") for name in files)
    return _compile(package, grammar, source)


@cache
def _compile(package: str, grammar: str, source: str) -> tree_sitter.Query:
    return tree_sitter.Query(_load_grammar(package, grammar), source)
