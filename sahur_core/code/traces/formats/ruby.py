"""Ruby: `a.rb:12:in 'Cart#total'` in old and new quotes, with `from`, numbered (2.5 to 2.7), in Rails logs and RSpec."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import Found, innermost, outermost_first, shortened
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_FRAME = re.compile(
    r"^\s{0,40}(?:(?P<number>\d{1,4}): )?(?:from |# ?|\[\"?|\"|at )?(?P<gem>[\w\-]{1,60} \([\w.\-]{1,40}\) )?"
    r"(?P<path>[^\s:\"'#`]{1,500}?|\(eval[^)]{0,300}\)|[A-Za-z]:[^\s:\"']{1,500}):(?P<line>\d{1,7}):in "
    r"[`'‘](?P<function>[^'\n’]{1,200})['’](?P<rest>.{0,1500})$"
)
_BARE = re.compile(r"^\s{0,40}(?:from |# )(?P<path>[^\s:]{1,500}\.(?:rb|rake|erb|haml|slim|ru)):(?P<line>\d{1,7})\s*$")
_RAISED_HERE = re.compile(r"^: (?P<message>.*?)(?: \((?P<type>[A-Z][\w:]{0,150})\))?\s*$")
_HEAD = re.compile(
    r"^\s{0,10}(?:\[[\w\-]{1,60}\]\s{0,3})?(?:"
    r"(?P<type>(?:[A-Z]\w{0,80}::){0,8}[A-Z]\w{0,80}(?:Error|Exception|NotFound|Invalid|Timeout|Failed|Unknown\w*|Interrupt))"
    r"(?: \((?P<bracketed>.{0,1000}?)\):?|: (?P<message>.{0,1000})|)|(?P<only>.{1,500}) \("
    r"(?P<only_type>(?:[A-Z]\w{0,80}::){0,8}[A-Z]\w{0,80})\))\s*$"
)
_SCOPE = re.compile(r"^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+")
_MAX_HEAD = 14


def read_ruby(lines: ReportLines, start: int, floor: int) -> Found | None:
    first = _FRAME.match(lines.clean[start]) or _BARE.match(lines.clean[start])
    if first is None:
        return None
    frames: list[Frame] = []
    numbers: list[int] = []
    hidden: list[int] = []
    kind, message = "", ""
    number = start
    while number < len(lines.clean):
        line = lines.clean[number]
        match = _FRAME.match(line)
        bare = None if match else _BARE.match(line)
        if match is None and bare is None:
            break
        raised = _RAISED_HERE.match(match["rest"]) if match else None
        if raised:
            if kind or message:
                break  # the next trace of the chain starts here
            kind, message = raised["type"] or "RuntimeError", raised["message"]
        else:
            hidden.append(number)
        frames.append(_frame(match) if match else Frame(bare["path"], int(bare["line"])) if bare else frames[-1])
        numbers.append(int(match["number"]) if match and match["number"] else 0)
        number += 1
    if not kind:
        kind, message = _head(lines, start, floor)
    # The form that numbers its frames counts down to the innermost.
    is_outer_first = len(numbers) > 1 and numbers[0] > numbers[-1]
    ordered = innermost(frames) if is_outer_first else outermost_first(frames)
    return Found([StackTrace(ordered, kind, shortened(message), "ruby")], number, hidden)


def _frame(match: re.Match[str]) -> Frame:
    name = _SCOPE.sub("", match["function"])
    gem = match["gem"]
    path = match["path"].replace("\\", "/")
    if gem:
        title, _, version = gem.strip().partition(" ")
        path = f"gems/{title}-{version.strip('()')}/{path}"
    bare = "" if name.startswith("<") else re.split(r"[#.]", name)[-1]
    return Frame(path, int(match["line"]), bare, qualified=name if name != bare else "")


def _head(lines: ReportLines, start: int, floor: int) -> tuple[str, str]:
    for line in reversed(lines.clean[max(floor, start - _MAX_HEAD) : start]):
        match = _HEAD.match(line)
        if match:
            return match["type"] or match["only_type"], match["bracketed"] or match["message"] or match["only"] or ""
    return "", ""
