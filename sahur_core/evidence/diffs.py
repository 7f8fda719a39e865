"""Unified diffs as changed lines, also where a diff was cut in the middle."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FILE = re.compile(r"^\+\+\+ (?:b/)?(.+?)\t?$")
_OLD_FILE = re.compile(r"^--- (?:a/)?(.+?)\t?$")
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$")


@dataclass
class Hunk:
    """One changed place. `added` is numbered as in the new file, `removed` as in the old one."""

    path: str
    context: str
    """What git writes behind the second `@@`: the last line before the hunk that begins a function."""
    added: list[tuple[int, str]] = field(default_factory=list)
    removed: list[tuple[int, str]] = field(default_factory=list)
    kept: list[tuple[int, str]] = field(default_factory=list)
    """Unchanged lines, numbered as in the new file."""
    body: list[tuple[str, str]] = field(default_factory=list)
    """All lines in their order, each with its sign: `+`, `-` or a blank."""


def parse_diff(text: str) -> list[Hunk]:
    """The hunks of all files. Text that is no diff gives none."""
    hunks: list[Hunk] = []
    path = old_path = ""
    old = new = 0
    current: Hunk | None = None
    for line in text.splitlines():
        if line.startswith("diff --git "):
            current = None
        elif current is None and (match := _OLD_FILE.match(line)):
            old_path = match.group(1)
        elif current is None and (match := _FILE.match(line)):
            path = old_path if match.group(1) == "/dev/null" else match.group(1)
        elif match := _HUNK.match(line):
            old, new = int(match.group(1)), int(match.group(2))
            current = Hunk(path=path, context=match.group(3))
            hunks.append(current)
        elif current is not None:
            old, new = _take_line(current, line, old, new)
    return hunks


def _take_line(hunk: Hunk, line: str, old: int, new: int) -> tuple[int, int]:
    """Put one line of a hunk in its place; the next line numbers."""
    if line.startswith("+"):
        hunk.added.append((new, line[1:]))
        hunk.body.append(("+", line[1:]))
        return old, new + 1
    if line.startswith("-"):
        hunk.removed.append((old, line[1:]))
        hunk.body.append(("-", line[1:]))
        return old + 1, new
    if line.startswith("\\"):
        return old, new
    hunk.kept.append((new, line[1:]))
    hunk.body.append((" ", line[1:]))
    return old + 1, new + 1
