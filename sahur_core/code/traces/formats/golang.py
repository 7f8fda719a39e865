"""Go: panics, fatal errors and goroutine dumps (a line for the function, one for the file), and errors printed with `%+v`."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import Found, outermost_first, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_PLACE = re.compile(
    r"^\s{0,40}(?P<path>[^\s:][^\n:]{0,300}(?::[\\/][^\n:]{1,300})?\.go):(?P<line>\d{1,7})(?:\s\+0x[0-9a-f]{1,16})?\s*$"
)
_CALL = re.compile(
    r"^\s{0,40}(?P<by>created by )?(?P<name>[\w./\-~%*()\[\]·,]{1,300}?)(?:\((?:[^()]{0,500}"
    r"|\{.{0,500}\}.{0,200})\))?(?: in goroutine \d{1,12})?\s*$"
)
_GOROUTINE = re.compile(r"^\s{0,40}goroutine \d{1,12} (?:gp=\S{1,40} m=\S{1,40}(?: mp=\S{1,40})? )?\[[^\]\n]{1,100}\]:")
_PANIC = re.compile(r"^\s{0,40}(?:.{0,80}\b)?(?P<kind>panic|fatal error|http: panic serving [^ ]{1,60}): (?P<message>.{0,1000})$")
_SIGNAL = re.compile(
    r"^\s{0,40}\[signal |^\s{0,40}exit status \d|^\s{0,40}\.\.\.(?:additional frames elided|\d+ frames elided)"
    r"|^\s{0,40}goroutine running on other thread"
)
_RECOVERED = re.compile(r"\s*\[recovered(?:, repanicked)?\]\s*$")
_CLOSURE = re.compile(r"(?:\.func\d+|\.\d+|\.gowrap\d+|-fm|-range\d+)+$")
_MAX_HEAD = 14
"""A panic may be panicked again several times before its goroutine is printed."""


def read_go(lines: ReportLines, start: int, floor: int) -> Found | None:
    """One trace: of a dump of several goroutines the first is the one that failed."""
    if not (_GOROUTINE.match(lines.clean[start]) or _PLACE.match(lines.clean[start]) or _is_call(lines, start)):
        return None
    number = _top_of_frames(lines, start, floor)
    kind, message = _panic(lines, number, floor)
    frames: list[Frame] = []
    hidden: list[int] = []
    is_first, blanks = True, 0
    while number < len(lines.clean) and blanks < 3:
        line = lines.clean[number]
        place = _PLACE.match(line)
        if _GOROUTINE.match(line):
            is_first = is_first and not frames
            hidden.append(number)
        elif place:
            if is_first:
                frames.append(_frame(lines.clean[number - 1] if number > floor else "", place))
            hidden.append(number)
        elif _is_call(lines, number) or _SIGNAL.match(line):
            hidden.append(number)
        elif line.strip() or not _continues(lines, number):
            break
        number += 1
        blanks = 0 if line.strip() else blanks + 1
    if not frames:
        return Found([], number) if number > start + 1 else None
    return Found([StackTrace(outermost_first(frames), kind, message, "go")], number, hidden)


def _top_of_frames(lines: ReportLines, start: int, floor: int) -> int:
    is_place = bool(_PLACE.match(lines.clean[start]))
    return start - 1 if is_place and start > floor and _is_call(lines, start - 1) else start


def _is_call(lines: ReportLines, number: int) -> bool:
    """A function's name with the line of its file below."""
    if number + 1 >= len(lines.clean) or ".go:" not in lines.clean[number + 1]:
        return False
    line = lines.clean[number]
    below = lines.clean[number + 1]
    if below[:1] not in ("\t", " ") or ".go:" in line or not ("." in line or line.lstrip().startswith("panic(")):
        return False
    return bool(_PLACE.match(below)) and bool(_CALL.match(line))


def _continues(lines: ReportLines, number: int) -> bool:
    """Whether another goroutine follows the empty lines."""
    for line in lines.clean[number + 1 : number + 3]:
        if line.strip():
            return bool(_GOROUTINE.match(line))
    return False


def _panic(lines: ReportLines, top: int, floor: int) -> tuple[str, str]:
    """The first panic of those above: a later one is the same, panicked again."""
    kind, message = "", ""
    for line in reversed(lines.clean[max(floor, top - _MAX_HEAD) : top]):
        match = _PANIC.match(line)
        if match:
            kind = "fatal error" if match["kind"] == "fatal error" else "panic"
            message = _RECOVERED.sub("", match["message"])
        elif kind and line.strip() and not line.startswith(("\t", " ")):
            break
    return kind, shortened(message)


def _frame(above: str, place: re.Match[str]) -> Frame:
    call = _CALL.match(above)
    name = call["name"] if call else ""
    return Frame(slashed(place["path"]), int(place["line"]), _bare(name), qualified=name)


def _bare(name: str) -> str:
    """`github.com/o/r/pkg.(*Cart).Total.func1` is `Total`."""
    last = _CLOSURE.sub("", name.rsplit("/", 1)[-1]).removesuffix("[...]")
    return last.rsplit(".", 1)[-1].strip("()*")
