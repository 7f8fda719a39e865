"""PHP: uncaught exceptions with numbered frames, and messages that end in `in x.php on line 12`."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import MAX_HEAD_LINES, Found, outermost_first, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_FRAME = re.compile(
    r"^\s{0,20}#\d{1,4} (?:(?P<path>[^\n(]{1,500}(?:\(\d{1,6}\) : eval\(\)'d code)?)\((?P<line>\d{1,7})\)"
    r"|\[internal function\]): (?P<call>[^\n(]{1,400}?)(?:\(.{0,3000})?$"
)
_MAIN = re.compile(r"^\s{0,20}#\d{1,4} \{main\}")
_THROWN = re.compile(
    r"(?P<type>(?:\\?[A-Za-z_]\w{0,80}\\{1,2}){0,10}[A-Z]\w{0,80})(?:\(code: ?\d+\))?(?:: (?P<message>.{0,1500}?))? (?:in"
    r"|at) (?P<path>[^\s:()]{1,500}|[A-Za-z]:[^\s:()]{1,500}):(?P<line>\d{1,7})\)?\s*$"
)
_ON_LINE = re.compile(
    r"^.{0,60}?\b(?:PHP )?(?P<type>(?:Fatal|Parse|Recoverable fatal|Catchable fatal) error|Warning|Notice|Deprecated"
    r"|Strict Standards): {1,2}"
    r"(?P<message>.{1,1500}?) in (?P<path>[^\s:]{1,500}|[A-Za-z]:[^\n:]{1,500}?) on line (?P<line>\d{1,7})\s*$"
)
_NOISE = re.compile(r"^\s{0,20}(?:Stack trace:|\[stacktrace\]|thrown in .{1,500} on line \d)")
_PREFIX = re.compile(r"^.*?(?:Uncaught|Next|\(|: )\s*(?=[A-Za-z\\])")


def read_php(lines: ReportLines, start: int, floor: int) -> Found | None:
    """A frame names the function that it calls: each line belongs to the function that the next frame calls."""
    if not (_FRAME.match(lines.clean[start]) or _MAIN.match(lines.clean[start])):
        return _message_only(lines, start)
    traces: list[StackTrace] = []
    hidden: list[int] = []
    number = start
    while number < len(lines.clean):
        begun = number
        thrown = _thrown(lines, number, floor)
        places, calls, number = _numbered(lines, number, hidden)
        if number == begun:
            break
        traces.append(_trace(thrown, places, calls))
        next_one = _next_chain(lines, number)
        while number < next_one and _NOISE.match(lines.clean[number]):
            hidden.append(number)
            number += 1
        if next_one == number or next_one >= len(lines.clean):
            break
        number = next_one
    while number < len(lines.clean) and _NOISE.match(lines.clean[number]):
        hidden.append(number)
        number += 1
    return Found([trace for trace in traces if trace.frames], number, hidden)


def _numbered(lines: ReportLines, number: int, hidden: list[int]) -> tuple[list[tuple[str, int]], list[str], int]:
    """Path and line of each numbered frame, and what it calls."""
    places: list[tuple[str, int]] = []
    calls: list[str] = []
    while number < len(lines.clean):
        match = _FRAME.match(lines.clean[number])
        if match is None and not _MAIN.match(lines.clean[number]):
            break
        if match:
            places.append((slashed(match["path"]) if match["path"] else "", int(match["line"] or 0)))
            calls.append(match["call"].strip())
        hidden.append(number)
        number += 1
    return places, calls, number


def _next_chain(lines: ReportLines, number: int) -> int:
    """The first frame of the exception that was thrown because of this one, or `number`."""
    for ahead in range(number, min(number + 6, len(lines.clean))):
        if ahead > number and _FRAME.match(lines.clean[ahead]):
            is_next = any("Next " in line or "[previous exception]" in line for line in lines.clean[number:ahead])
            return ahead if is_next else number
    return number


def _trace(thrown: re.Match[str] | None, places: list[tuple[str, int]], calls: list[str]) -> StackTrace:
    if thrown:
        places, calls = [(slashed(thrown["path"]), int(thrown["line"])), *places], ["", *calls]
    owners = [*calls[1:], ""] if calls else []
    frames = [
        Frame(path, line, _bare(owner), qualified=owner if owner != _bare(owner) else "")
        for (path, line), owner in zip(places, owners, strict=True)
        if path
    ]
    kind = thrown["type"].replace("\\\\", "\\").lstrip("\\") if thrown else ""
    return StackTrace(outermost_first(frames), kind, shortened(thrown["message"]) if thrown else "", "php")


def _thrown(lines: ReportLines, start: int, floor: int) -> re.Match[str] | None:
    for line in reversed(lines.clean[max(floor, start - MAX_HEAD_LINES) : start]):
        match = _THROWN.search(_PREFIX.sub("", line[:3000], count=1)) or _THROWN.search(line[:3000])
        if match:
            return match
    return None


def _message_only(lines: ReportLines, start: int) -> Found | None:
    line = lines.clean[start]
    match = _ON_LINE.match(line)
    if match is None:
        return None
    frame = Frame(slashed(match["path"]), int(match["line"]))
    is_warning = match["type"] not in ("Fatal error", "Parse error", "Recoverable fatal error", "Catchable fatal error")
    kind = "Warning" if is_warning else match["type"]
    return Found([StackTrace((frame,), kind, shortened(match["message"]), "php")], start + 1)


def _bare(call: str) -> str:
    """`App\\Models\\Cart->total` is `total`."""
    name = re.split(r"->|::", call)[-1].rsplit("\\", 1)[-1]
    return "" if name.startswith("{") else name
