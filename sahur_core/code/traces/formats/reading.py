"""What every format gets and gives: the lines of a report, a place to start, and what was found there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

MAX_FRAMES = 200
MAX_MESSAGE_CHARS = 1000
MAX_HEAD_LINES = 8
"""How far above its first frame the line that names an exception is looked for."""
_TYPE = r"(?:[A-Za-z_$][\w$]{0,99}[.:\\/]{1,2}){0,12}[A-Za-z_$][\w$]{0,99}"
_RAISED = re.compile(
    rf"^\W{{0,10}}(?:Exception in thread \"?[^\"\n]{{0,200}}\" |(?:Uncaught|Unhandled|Caused by:?|Wrapped by:?|Suppressed:?"
    rf"|\[cause\]:?"
    rf"|Unhandled exception\.?:?|Unhandled Exception:|Error:|Exception:|\(in promise\)|PHP Fatal error: {{1,2}}|Fatal error:"
    rf"|UnhandledPromiseRejection\w*:|nested exception is|---> ?)\s{{1,3}}){{0,4}}"
    rf"(?P<type>{_TYPE})(?: \[[\w\-]{{1,60}}\])?(?:: ?(?P<message>.{{0,1000}}))?\s*$"
)
_INSIDE = re.compile(r"[\s:\-](?P<type>[A-Z]\w{0,80}(?:Error|Exception)): (?P<message>.{0,1000})$")
_NAMED_ERROR = re.compile(
    r"(?:Error|Exception|Throwable|Failure|Fault|Interrupt|Refused|Exit|Panic|Invalid|NotFound|Warning)\d?$"
)


@dataclass
class Found:
    """Traces of one chain with the root cause first, the first line behind them, and the lines that are frames or code."""

    traces: Sequence[StackTrace]
    stop: int
    hidden: Iterable[int] = field(default_factory=tuple)


Reader = Callable[[ReportLines, int, int], Found | None]
"""`(lines, start, floor)`: reads a trace whose first frame or opening is at `start`; lines before `floor` are another's."""


def outermost_first(inner_first: Sequence[Frame]) -> tuple[Frame, ...]:
    """At most `MAX_FRAMES`, those nearest to the failure."""
    return tuple(reversed(inner_first[:MAX_FRAMES]))


def innermost(outer_first: Sequence[Frame]) -> tuple[Frame, ...]:
    return tuple(outer_first[-MAX_FRAMES:])


def exception_of(line: str) -> tuple[str, str] | None:
    """Type and message of a line like `Uncaught TypeError: x is undefined`; None if it names no error."""
    match = _RAISED.match(line)
    if match is None or not _NAMED_ERROR.search(match["type"].rsplit("$", 1)[-1]):
        match = _INSIDE.search(line[:1500])
    if match is None:
        return None
    return match["type"], shortened(match["message"])


def exception_above(lines: ReportLines, start: int, floor: int) -> tuple[str, str]:
    """The nearest line above the frames that names an exception; of a message over several lines the first counts."""
    for number in range(start - 1, max(floor, start - 1 - MAX_HEAD_LINES) - 1, -1):
        found = exception_of(lines.clean[number])
        if found:
            following = lines.clean[number + 1].strip() if not found[1] and number + 1 < start else ""
            return found[0], found[1] or shortened(following)
    return "", ""


def shortened(message: str | None) -> str:
    return (message or "").strip()[:MAX_MESSAGE_CHARS]


def slashed(path: str) -> str:
    """With forward slashes and without `file://`."""
    path = path.strip(" \t`*'\"").replace("\\", "/")
    if path.startswith("file:///"):
        path = path[8:] if path[9:10] == ":" else path[7:]
    return path


def is_gap(lines: ReportLines, number: int, is_frame: Callable[[str], object]) -> bool:
    """Whether the line is empty and the next one is a frame: some web forms put an empty line behind every line."""
    return not lines.clean[number] and number + 1 < len(lines.clean) and bool(is_frame(lines.clean[number + 1]))
