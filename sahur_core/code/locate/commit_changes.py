"""What past commits changed in some files, line by line, and which of them changed given lines of today.

One pass of git over the files gives the hunks of every commit; the lines of a function are then followed back through
them, each commit's hunks telling where the lines were before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sahur_core.code.records import Commit

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(r"\\([0-7]{3}|.)")
_ESCAPES = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
MAX_KEPT_LINES = 400
"""Lines of one hunk whose text is kept; a longer one is counted to its end."""


@dataclass
class Hunk:
    """A run of changed lines, without the lines around it. Starts count from 1, as in a unified diff without context."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        """Nothing but line ends, trailing blanks or empty lines changed."""
        return [line.rstrip() for line in self.removed if line.strip()] == [line.rstrip() for line in self.added if line.strip()]

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it changed lines `start` to `end` of the new side; lines taken out between two of them count."""
        if self.new_count:
            return self.new_start <= end and self.new_start + self.new_count > start
        return start <= self.new_start < end


@dataclass
class FileHunks:
    """How one commit changed one file. `old_path` differs if it was renamed, and is empty if the commit made the file."""

    path: str
    old_path: str
    hunks: list[Hunk] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """A commit and what it changed, by the path it left the file at."""

    commit: Commit
    files: dict[str, FileHunks]

    @property
    def lines(self) -> Iterator[str]:
        """The text of all its changed lines."""
        for file in self.files.values():
            for hunk in file.hunks:
                yield from hunk.removed
                yield from hunk.added


@dataclass(frozen=True)
class Touch:
    """A commit changed the lines of a function: how many, and whether it wrote the function anew."""

    commit: Commit
    lines: int
    has_created: bool = False
    is_whole_file: bool = False
    """It made the file, or replaced all of it."""
    path: str = ""
    """Where the file lay at that commit."""


def parse_patch(patch: str) -> dict[str, FileHunks]:
    """The files of a unified diff without context, by their new paths (the old one for a deleted file)."""
    files: dict[str, FileHunks] = {}
    old_path, current, hunk = "", None, None
    left = {"-": 0, "+": 0}
    for line in patch.split("\n"):
        sign = line[:1]
        if hunk is not None and left.get(sign, 0) > 0:
            left[sign] -= 1
            kept = hunk.removed if sign == "-" else hunk.added
            if len(kept) < MAX_KEPT_LINES:
                kept.append(line[1:])
        elif line.startswith("diff --git "):
            current, hunk = None, None
        elif line.startswith(("--- ", "rename from ")):
            old_path = _path(line.removeprefix("--- ").removeprefix("rename from "))
        elif line.startswith(("+++ ", "rename to ")):
            new_path = _path(line.removeprefix("+++ ").removeprefix("rename to "))
            current = files.setdefault(new_path or old_path, FileHunks(new_path or old_path, old_path))
        elif current is not None and (match := _HUNK.match(line)):
            counts = [int(number) if number else 1 for number in match.groups()]
            hunk = Hunk(counts[0], counts[1], counts[2], counts[3])
            left = {"-": hunk.old_count, "+": hunk.new_count}
            current.hunks.append(hunk)
    return files


def _path(text: str) -> str:
    """A path of a diff's head: in quotes, with escapes, if it has control characters; empty for no file."""
    text = text.removesuffix("\t")
    if text == "/dev/null":
        return ""
    return _unquoted(text[1:-1]) if text.startswith('"') and text.endswith('"') else text


def _unquoted(text: str) -> str:
    """git's quoting of control characters, quotes and backslashes (core.quotePath is off: others stay as they are)."""
    return _QUOTED.sub(lambda match: chr(int(match[1], 8)) if match[1].isdigit() else _ESCAPES.get(match[1], match[1]), text)


def follow_lines(changes: Sequence[Change], path: str, start: int, end: int, *, limit: int) -> list[Touch]:
    """The commits that changed lines `start` to `end` of a file as it is now, newest first, followed back through renames.

    `changes` are the commits that touched the file, newest first. Stops at the commit that wrote the lines' first form.
    """
    touches: list[Touch] = []
    for change in changes:
        file = change.files.get(path)
        if file is None:
            continue
        hit = [hunk for hunk in file.hunks if hunk.overlaps(start, end)]
        before = None if any(_writes_anew(hunk, start, end) for hunk in hit) else _before(file.hunks, start, end)
        is_new = before is None or not file.old_path
        if is_new or any(not hunk.is_blank for hunk in hit):
            touches.append(Touch(change.commit, _lines_within(hit, start, end), is_new, not file.old_path, path))
        if before is None or not file.old_path or len(touches) >= limit:
            break
        path, (start, end) = file.old_path, before
    return touches


def _writes_anew(hunk: Hunk, start: int, end: int) -> bool:
    """Whether all of the lines come from one hunk that had nothing like as many lines before."""
    return hunk.new_start <= start and hunk.new_start + hunk.new_count > end and 2 * hunk.old_count < end - start + 1


def _before(hunks: Sequence[Hunk], start: int, end: int) -> tuple[int, int] | None:
    """Where the lines were before the hunks; None if there were none of them."""
    first, last = start, end
    for hunk in hunks:
        new_end = hunk.new_start + hunk.new_count - 1 if hunk.new_count else hunk.new_start
        old_first = hunk.old_start if hunk.old_count else hunk.old_start + 1
        grown = hunk.new_count - hunk.old_count
        if new_end < start:
            first -= grown
        elif hunk.new_count and hunk.new_start <= start:
            first = old_first + (start - hunk.new_start if hunk.old_count == hunk.new_count else 0)
        if new_end < end:
            last -= grown
        elif hunk.new_count and hunk.new_start <= end:
            kept = end - hunk.new_start + 1 if hunk.old_count == hunk.new_count else hunk.old_count
            last = old_first + kept - 1
    return (max(first, 1), last) if last >= first else None


def _lines_within(hunks: Sequence[Hunk], start: int, end: int) -> int:
    """How many of the lines the hunks wrote or took out."""
    return sum(
        max(min(end, hunk.new_start + hunk.new_count - 1) - max(start, hunk.new_start) + 1, min(hunk.old_count, end - start + 1))
        for hunk in hunks
    )
