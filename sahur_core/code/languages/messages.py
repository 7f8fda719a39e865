"""Texts that a program can write (log lines, error messages), found again in a report.

A source holds the template (`"timeout of %s is %s s"`, `f"there is no page {number}"`), the report what came out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import tree_sitter

from sahur_core.code.languages.syntax import Syntax, load_strings, parse
from sahur_core.code.languages.table import find_language
from sahur_core.tools.storable import storable

MIN_LETTERS = 10
"""A template with fewer letters outside of its placeholders fits by chance."""
MAX_PER_FILE = 500
MAX_LINE_CHARS = 2000
"""Longer lines are generated."""
MAX_LINES = 8
"""A string of more lines is a page, a query or a document."""
_PLACEHOLDER = re.compile(
    r"%(?:\(\w+\)|\d+\$)?[-+#0,]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh?|ll?|[zjtqL])?[sdiurfFgGeExXocbBqvwTpnha@%]"
    r"|[$#%]?\{(?:[^{}\n]|\{[^{}\n]*\})*\}"
    r"|\\\((?:[^()\n]|\([^()\n]*\))*\)"
)
"""Of printf and its kin, of `format` and interpolation in braces, of Swift. `% s` is none: "100% sure"."""
_DOLLAR = re.compile(r"\$\w+(?:(?:->|\.)\w+|\[[^\]\n]*\])*")
_WITH_DOLLAR = frozenset({"php", "kotlin", "scala", "bash"})
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.){10,300})"|\'((?:[^\'\\\n]|\\.){10,300})\'|`([^`\n]{10,300})`')
_OPEN = re.compile(rb"^(?:[A-Za-z0-9@$]{0,3}#*(?:\"{3}|'{3}|[\"'`])|\[=*\[)")
_CLOSE = re.compile(rb"(?:\"{3}|'{3}|[\"'`])#*$|\]=*\]$")
_ESCAPE = re.compile(r"\\(\r?\n|.)")
_ESCAPED = {"n": "\n", "r": "\n", "t": " ", "\n": "", "\r\n": ""}
_JOINED = re.compile(rb"\s*(?:\+|\.\.?|<>|<<|&|\\\r?\n)\s*")
"""What stands between two strings that are written as one."""
_SIDE_BY_SIDE = frozenset({"python", "c", "cpp", "ruby"})
"""Languages in which strings with only white space between them are one."""
_VALUE = re.compile(rb"\s*(?:\+|\.\.?|<>|<<|&)\s*[^\"'`,;{}]{1,80}?\s*(?:\+|\.\.?|<>|<<|&)\s*|\s+[A-Z]\w+\s+")
"""A value between two strings: `"cannot open " + path + ": denied"`, `"took %" PRIu64 " s"`."""
MAX_GAP_BYTES = 100
_LETTERS = re.compile(r"[^\W\d_]")


def find_templates(path: str, text: str) -> list[tuple[int, str]]:
    """Line and template of each text of several words, in the order of the file; placeholders are normalized to `{}`.

    Of parsed languages these are the strings of the syntax tree, joined where the program joins them; of others what stands
    between quotes on one line.
    """
    language = find_language(path, text)
    syntax = parse(language, text) if language else None
    if syntax is None or syntax.root is None:
        found = _quoted(text)
    else:
        found = _said(syntax)
    return list(islice((entry for entry in found if _is_telling(entry[1])), MAX_PER_FILE))


def fits(template: str, report: str) -> bool:
    """Whether some line of the report can have come out of the template: all of its fixed parts, in order."""
    parts = [part.strip() for part in template.split("{}") if _LETTERS.search(part)]
    if not parts or max(parts, key=len) not in report:
        return False
    return any(_in_order(parts, line) for line in report.split("\n"))


def letters(template: str) -> int:
    """How much of a template is fixed text."""
    return len(_LETTERS.findall(template))


def _in_order(parts: Sequence[str], line: str) -> bool:
    position = 0
    for part in parts:
        position = line.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True


def _is_telling(template: str) -> bool:
    return letters(template) >= MIN_LETTERS and " " in template.strip() and len(template) <= 300 and "\n" not in template.strip()


def _said(syntax: Syntax) -> Iterator[tuple[int, str]]:
    has_dollar = syntax.language.name in _WITH_DOLLAR
    for line, raw in _strings(syntax):
        text = _PLACEHOLDER.sub("{}", raw.decode("utf-8", "replace"))
        if has_dollar:
            text = _DOLLAR.sub("{}", text)
        if "\\" in text:
            text = _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)
        parts = text.split("\n")
        if len(parts) <= MAX_LINES:
            yield from ((line + number, str(storable(part.strip()))) for number, part in enumerate(parts))


def _strings(syntax: Syntax) -> Iterator[tuple[int, bytes]]:
    """Line and inner text of each string of several words; strings that the program joins are one."""
    found = syntax.captures(load_strings(syntax.language))
    silent = {node.start_byte for node in found.get("silent", ())}
    is_joined_by_space = syntax.language.name in _SIDE_BY_SIDE
    first: tree_sitter.Node | None = None
    parts: list[bytes] = []
    end = 0
    for node in sorted(found.get("string", ()), key=lambda node: node.start_byte):
        start, last = node.start_byte, node.end_byte
        is_near = first is not None and start - end <= MAX_GAP_BYTES
        if start < end or start in silent or not (is_near or b" " in syntax.data[start:last]):
            continue  # inside of the one before (in its placeholders), or a single word on its own, which tells nothing
        gap = syntax.data[end:start] if is_near else b","
        inner = _CLOSE.sub(b"", _OPEN.sub(b"", syntax.data[start:last], count=1))
        is_value = not (_JOINED.fullmatch(gap) or (is_joined_by_space and not gap.strip()))
        if first is not None and is_value and not _VALUE.fullmatch(gap):
            yield syntax.lines(first)[0], b"".join(parts)
            first = None
        if first is None:
            first, parts = node, []
        elif is_value:
            parts.append(b"{}")
        parts.append(inner)
        end = last
    if first is not None:
        yield syntax.lines(first)[0], b"".join(parts)


def _quoted(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        for match in _QUOTED.finditer(line) if len(line) <= MAX_LINE_CHARS else ():
            yield number, str(storable(_PLACEHOLDER.sub("{}", match[1] or match[2] or match[3])))
