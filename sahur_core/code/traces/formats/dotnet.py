"""C#, F# and VB: `at Shop.Cart.Total(Order order) in C:\\x\\Cart.cs:line 12`, inner exceptions with `--->`."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import MAX_HEAD_LINES, Found, outermost_first, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_FRAME = re.compile(
    r"^\s{0,40}(?:at|bei|à|en|в|в месте) (?P<call>[^\s(][^(\n]{0,400})\((?P<arguments>[^\n]{0,1000}?)\)"
    r"(?P<place> (?:in|dans|en|в) (?P<path>[^\n]{1,500}?):\D{1,12}(?P<line>\d{1,7}))?\s*$"
)
_END_OF_INNER = re.compile(r"^\s{0,40}--- (?:End of inner|Ende der internen|Fin de la trace)")
_REST_OF_TRACE = re.compile(r"^\s{0,40}--- (?:End of stack trace from|Ende der Stapel)")
_INNER = re.compile(r"^\s{0,40}-{3}> ?(?:\(Inner Exception #\d+\) )?")
_HEAD = re.compile(
    r"^\s{0,40}(?:Unhandled [eE]xception[.:] )?"
    r"(?P<type>(?:[A-Z_]\w{0,80}\.){0,10}[A-Z_]\w{0,80}(?:`\d+)?)(?: \(0x[0-9A-F]{1,8}\))?: (?P<message>.{0,1000})$"
)
_STATE_MACHINE = re.compile(r"<(?P<name>\w{1,100})>[a-z]__[\w|]{0,60}")


def is_dotnet(line: str) -> bool:
    match = _FRAME.match(line)
    return bool(match and match["place"])


def read_dotnet(lines: ReportLines, start: int, floor: int) -> Found | None:
    """The frames of the innermost exception are printed first, up to the line that ends it."""
    if not _starts(lines, start):
        return None
    heads = _heads(lines, start, floor)
    frames: list[Frame] = []
    traces: list[StackTrace] = []
    hidden: list[int] = []
    number, last = start, start
    while number < len(lines.clean):
        line = lines.clean[number]
        match = _FRAME.match(line)
        if match:
            if match["path"]:
                frames.append(_frame(match))
            hidden.append(number)
        elif _END_OF_INNER.match(line):
            kind, message = heads.pop() if heads else ("", "")
            traces.append(StackTrace(outermost_first(frames), kind, message, "dotnet"))
            frames = []
            hidden.append(number)
        elif _REST_OF_TRACE.match(line):
            hidden.append(number)
        elif inner := _INNER.match(line):
            named = _HEAD.match(line[inner.end() :])
            heads.append((named["type"], shortened(named["message"])) if named else ("", ""))
        else:
            break
        number += 1
        last = number
    kind, message = heads.pop() if heads else ("", "")
    traces.append(StackTrace(outermost_first(frames), kind, message, "dotnet"))
    return Found([trace for trace in traces if trace.frames], last, hidden)


def _starts(lines: ReportLines, start: int) -> bool:
    """Frames of the framework come without a file: those count if one with a file is near."""
    if is_dotnet(lines.clean[start]):
        return True
    for line in lines.clean[start : start + 60]:
        if is_dotnet(line):
            return True
        if not (_FRAME.match(line) or _END_OF_INNER.match(line) or _REST_OF_TRACE.match(line) or _INNER.match(line)):
            return False
    return False


def _heads(lines: ReportLines, start: int, floor: int) -> list[tuple[str, str]]:
    """The exceptions above the frames, the outermost first; in older forms they stand in one line."""
    found: list[tuple[str, str]] = []
    for number in range(start - 1, max(floor, start - 1 - MAX_HEAD_LINES) - 1, -1):
        line = lines.clean[number]
        inner = _INNER.match(line)
        parts = re.split(r" -{3}> ", line[inner.end() :] if inner else line)
        named = [_HEAD.match(part.strip()) for part in parts]
        if not any(named):
            if found and not line.strip():
                break
            continue
        found[:0] = [(match["type"], shortened(match["message"])) for match in named if match]
        if not inner:
            break
    return found


def _frame(match: re.Match[str]) -> Frame:
    call = match["call"].strip()
    return Frame(slashed(match["path"]), int(match["line"]), _bare(call), qualified=call)


def _bare(call: str) -> str:
    """`Shop.Cart.<Total>d__5.MoveNext` is `Total`, a constructor has the name of its class."""
    machine = _STATE_MACHINE.search(call)
    if machine:
        return machine["name"]
    parts = re.sub(r"\[.*?\]|`\d+", "", call).replace("..", ".").split(".")
    if parts[-1] in ("ctor", "cctor") and len(parts) > 1:
        return parts[-2]
    return parts[-1]
