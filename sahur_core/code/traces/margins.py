"""What stands before every line of a pasted trace, whatever it is: the same characters, with other digits perhaps."""

from __future__ import annotations

import re

MAX_MARGIN = 200
MAX_ABOVE = 8
"""Lines above a frame that may belong to its trace: the message of its exception."""
_MARK = re.compile(r"Traceback \(most recent call last|(?P<file>File \"[^\"\n]{1,500}\", line \d)|(?<=\s)(?P<at>at [\w.$<(/])")
# What formats print themselves: Valgrind its process, an exception group its bars.
_OWN = re.compile(r"==\d{1,9}==\s*$|[\s|+]*$")
_ZEROS = str.maketrans("123456789", "000000000")


def cut_margins(lines: list[str]) -> set[int]:
    """Cut what stands before the lines of each trace, in place; the numbers of the lines that were cut."""
    cut: set[int] = set()
    for number, line in enumerate(lines):
        if number in cut or not ("at " in line or "Traceback (" in line or 'File "' in line):
            continue
        width = _margin(lines, number)
        if width:
            cut |= _cut(lines, number, width, cut)
    return cut


def _margin(lines: list[str], number: int) -> int:
    """How many characters stand before the trace's own line; 0 if nothing does, or no other line has the same before it."""
    line = lines[number]
    match = _MARK.search(line, 0, MAX_MARGIN + 600)
    if match is None or not line[: match.start()].strip() or match.start() > MAX_MARGIN:
        return 0
    start = match.start()
    if _OWN.match(line[:start]):
        return 0
    if match["at"] is None:
        if match["file"] and line[start - 2 : start] == "  ":
            start -= 2
        return start if _has_company(lines, number, start) else 0
    least = len(line[:start].rstrip())
    for other in (number - 1, number + 1):
        common = _common(line[:start], lines[other]) if 0 <= other < len(lines) else 0
        if common >= least:
            return common
    return 0


def _has_company(lines: list[str], number: int, width: int) -> bool:
    shape = lines[number][:width].translate(_ZEROS)
    near = [lines[other] for other in (number - 1, number + 1) if 0 <= other < len(lines)]
    return any(line[:width].translate(_ZEROS) == shape for line in near)


def _common(first: str, second: str) -> int:
    """How many characters of the beginning are the same, digits apart."""
    length = 0
    for ours, theirs in zip(first.translate(_ZEROS), second.translate(_ZEROS), strict=False):
        if ours != theirs:
            break
        length += 1
    return length


def _cut(lines: list[str], number: int, width: int, taken: set[int]) -> set[int]:
    shape = lines[number][:width].translate(_ZEROS)
    bare = shape.rstrip()
    found = {number}
    for step, limit in ((1, len(lines)), (-1, max(-1, number - 1 - MAX_ABOVE))):
        other = number + step
        while other != limit and other not in taken and _fits(lines[other], width, shape, bare):
            found.add(other)
            other += step
    for other in found:
        lines[other] = lines[other][width:]
    return found


def _fits(line: str, width: int, shape: str, bare: str) -> bool:
    """Loggers often drop the blanks at the end of an empty line."""
    start = line[:width].translate(_ZEROS)
    return start == shape or start.rstrip() == bare == line.translate(_ZEROS).rstrip()
