"""Which function a changed line is in. That a function is to be seen in a hunk does not mean that the hunk changes it."""

from __future__ import annotations

import re
from dataclasses import replace

from sahur_core.evidence.diffs import Hunk

_DEFINITION = re.compile(
    r"^(\s*)(?:export\s+|default\s+|pub\s+)*(?:async\s+)?(def|class|function|func|fn)\s+(?:\([^()]*\)\s*)?(\w+)"
)
_NO_SCOPE = re.compile(r"^\s*(?:[)\]}#]|//|$)")
"""Lines whose indentation says nothing about what they are in: the end of a long signature, a comment, an empty line."""
_DECORATOR = re.compile(r"^\s*@\w")


def defined_name(line: str) -> str:
    """The name that a line defines as a function or class; empty if it defines none."""
    match = _DEFINITION.match(line)
    return match.group(3) if match else ""


def split_by_function(hunk: Hunk) -> list[Hunk]:
    """One hunk for each function that has changed lines, with only these. `context` is the line that begins the function.

    It is empty for lines outside of any function, and where neither the hunk nor its header tell. Of a method whose own
    first line is not in the hunk the header mostly tells the class only. All keep the unchanged lines.
    """
    parts: dict[str, Hunk] = {}
    renamed = _renamed(hunk)
    for sign in "-+":
        side = [(mark, text) for mark, text in hunk.body if mark in (" ", sign)]
        numbered = iter(hunk.removed if sign == "-" else hunk.added)
        texts = [text for _, text in side]
        for index, (mark, text) in enumerate(side):
            if mark == sign:
                head = _head_of(texts, index, hunk.context)
                name = renamed.get(defined_name(head), defined_name(head))
                part = parts.setdefault(name, replace(hunk, context=head, added=[], removed=[], body=[]))
                (part.removed if sign == "-" else part.added).append(next(numbered))
                part.context = head or part.context
                part.body.append((sign, text))
    return list(parts.values())


def _head_of(lines: list[str], index: int, header: str) -> str:
    """The line that begins what the line at `index` is in: itself, one above it in the hunk, or the hunk's header."""
    start = index
    while start < len(lines) - 1 and (_DECORATOR.match(lines[start]) or not lines[start].strip()):
        start += 1
    if defined_name(lines[start]) and (start == index or _DECORATOR.match(lines[index])):
        return lines[start]
    while start > 0 and _NO_SCOPE.match(lines[start]):
        start -= 1
    depth = _indent(lines[start])
    if defined_name(lines[start]):
        return lines[start]
    for line in reversed(lines[:start]):
        if not _NO_SCOPE.match(line) and _indent(line) < depth:
            if defined_name(line):
                return line
            depth = _indent(line)
    return header if defined_name(header) and (_indent(header) < depth or _is_only_neutral(lines[: index + 1])) else ""


def _is_only_neutral(lines: list[str]) -> bool:
    return all(_NO_SCOPE.match(line) for line in lines)


def _renamed(hunk: Hunk) -> dict[str, str]:
    """Old name to new name where the hunk gives one function another name."""
    old = {name for _, text in hunk.removed if (name := defined_name(text))}
    new = {name for _, text in hunk.added if (name := defined_name(text))}
    gone, come = old - new, new - old
    return {gone.pop(): come.pop()} if len(gone) == len(come) == 1 else {}


def _indent(line: str) -> int:
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip())
