"""What has changed between two results, in the form of a unified diff and in bounded time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

CONTEXT_LINES = 3
MAX_COMPARED_LINES = 1_000
"""Comparing takes time that grows with the square of this; of longer changed parts only the beginning is compared."""
MAX_LINE_CHARS = 400
MAX_DIFF_CHARS = 20_000


def unified_diff(before: str, after: str) -> tuple[str, bool]:
    """The hunks that lead from one text to the other, and whether they tell only of a part. Line numbers start at 1."""
    old, new = before.splitlines(), after.splitlines()
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    first = max(0, start - CONTEXT_LINES)
    old_part = old[first : min(len(old), len(old) - end + CONTEXT_LINES)]
    new_part = new[first : min(len(new), len(new) - end + CONTEXT_LINES)]
    is_cut = max(len(old_part), len(new_part)) > MAX_COMPARED_LINES
    old_part, new_part = old_part[:MAX_COMPARED_LINES], new_part[:MAX_COMPARED_LINES]
    lines: list[str] = []
    size = 0
    for line in _hunks(old_part, new_part, first):
        size += len(line) + 1
        if size > MAX_DIFF_CHARS:
            return "\n".join(lines), True
        lines.append(line)
    return "\n".join(lines), is_cut


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines at the start are the same."""
    different = (number for number, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return next(different, min(len(old), len(new)))


def _hunks(old: Sequence[str], new: Sequence[str], first: int) -> Iterator[str]:
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT_LINES):
        old_from, old_to, new_from, new_to = group[0][1], group[-1][2], group[0][3], group[-1][4]
        yield f"@@ -{_range(first + old_from, old_to - old_from)} +{_range(first + new_from, new_to - new_from)} @@"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (_line(" ", text) for text in old[a:b])
                continue
            yield from (_line("-", text) for text in old[a:b])
            yield from (_line("+", text) for text in new[c:d])


def _range(start: int, length: int) -> str:
    """As `diff -u` writes it: an empty range names the line before it."""
    return f"{start + 1 if length else start},{length}"


def _line(sign: str, text: str) -> str:
    return sign + (text if len(text) <= MAX_LINE_CHARS else f"{text[:MAX_LINE_CHARS]}…")
