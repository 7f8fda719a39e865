"""Definitions of Python text whose syntax tree has errors, by keywords and indentation.

One missing bracket or the marks of a merge conflict cost a tree every seventh definition of a file and give others wrong
names (a parser that recovers forgets which class it was in); lines lose hardly any.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sahur_core.code.languages.definition import Definition

_DEFINITION = re.compile(r"^(?P<indent>[ \t]*)(?:async[ \t]+)?(?P<keyword>def|class)[ \t]+(?P<name>\w+)")
MAX_DECORATOR_LINES = 30


def mend(lines: Sequence[str], found: Iterable[Definition]) -> list[Definition]:
    """Functions and classes by their lines, with the decorators, docs and bases that the tree has; other definitions as found."""
    by_name: dict[str, list[Definition]] = defaultdict(list)
    others: list[Definition] = []
    for each in found:
        if each.kind == "variable":
            others.append(each)
        else:
            by_name[each.name.rsplit(".", 1)[-1]].append(each)
    mended: list[Definition] = []
    for each in _definitions(lines):
        alike = [
            other
            for other in by_name[each.name.rsplit(".", 1)[-1]]
            if other.start - MAX_DECORATOR_LINES <= each.start <= min(other.end, other.start + MAX_DECORATOR_LINES)
        ]
        known = min(alike, key=lambda other: abs(other.start - each.start), default=each)
        mended.append(each._replace(start=min(each.start, known.start), doc=known.doc, bases=known.bases))
    return _nested([*mended, *others])


def _nested(definitions: Iterable[Definition]) -> list[Definition]:
    """In the order of the file, none reaching beyond what it is in (a decorator may begin before the class seems to)."""
    ordered = sorted(definitions, key=lambda each: (each.start, -each.end))
    around: list[Definition] = []
    nested: list[Definition] = []
    for each in ordered:
        while around and around[-1].end < each.start:
            around.pop()
        fitted = each._replace(end=min(each.end, around[-1].end)) if around else each
        around.append(fitted)
        nested.append(fitted)
    return nested


def _definitions(lines: Sequence[str]) -> Iterator[Definition]:
    """A definition ends before the next line that is indented as little as it."""
    outer: list[tuple[int, str, str]] = []
    for number, line in enumerate(lines, 1):
        match = _DEFINITION.match(line)
        if match is None:
            continue
        indent = len(match["indent"].expandtabs())
        outer = [entry for entry in outer if entry[0] < indent]
        name = ".".join([*(entry[1] for entry in outer), match["name"]])
        kind = "class" if match["keyword"] == "class" else "method" if outer and outer[-1][2] == "class" else "function"
        start = number
        while start > 1 and lines[start - 2].lstrip().startswith("@"):
            start -= 1
        yield Definition(name, kind, start, _block_end(lines, number, indent), "", ())
        outer.append((indent, match["name"], kind))


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
