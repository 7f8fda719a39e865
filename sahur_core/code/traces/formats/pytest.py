"""What pytest prints of a failure, and Python's warnings: both name a place as `path:12:`."""

from __future__ import annotations

import re
from itertools import pairwise

from sahur_core.code.traces.formats.reading import MAX_FRAMES, Found, innermost, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_ENDED = re.compile(
    r"^(?P<path>[^\s:][^:\n]{0,400}\.py|[A-Za-z]:[^:\n]{1,400}\.py):(?P<line>\d{1,7}): "
    r"(?P<type>(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80})\s*$"
)
_CALLED = re.compile(
    r"^(?P<path>[^\s:][^:\n]{0,400}\.py|[A-Za-z]:[^:\n]{1,400}\.py):(?P<line>\d{1,7}):(?: in (?P<function>[\w<>.]{1,200}))?\s*$"
)
_WARNED = re.compile(
    r"^\s{0,8}(?P<path>(?:[A-Za-z]:)?[^\s:][^:\n]{0,400}\.pyx?|<[\w \-]{1,60}>):(?P<line>\d{1,7}): "
    r"(?P<type>(?:[a-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}Warning): (?P<message>.{1,1000})$"
)
_SAID = re.compile(r"^\s{0,8}E {3,}(?P<text>\S.{0,1000})$")
_TYPED = re.compile(r"^(?P<type>(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80})(?:: (?P<message>.{0,1000}))?$")
_DEFINITION = re.compile(r"^\s{0,40}(?:async )?def (?P<name>\w{1,100})\(")
_FAILING = re.compile(r"^>\s{1,80}(?P<code>\S.{0,400})$")
_SEPARATOR = re.compile(r"^(?:_ ){5,}|^_{5,}|^={5,}|^-{5,}")
_MAX_BLOCK = 120
"""Lines of source and values that pytest prints above one place."""


def read_warning(lines: ReportLines, start: int, floor: int) -> Found | None:
    """`x.py:12: UserWarning: …` with the line of code below."""
    del floor  # a warning needs nothing from above
    match = _WARNED.match(lines.clean[start])
    if match is None:
        return None
    below = lines.clean[start + 1] if start + 1 < len(lines.clean) else ""
    code = below.strip() if below.startswith("  ") else ""
    frame = Frame(slashed(match["path"]), int(match["line"]), code=code)
    hidden = [start + 1] if code else []
    return Found([StackTrace((frame,), match["type"], shortened(match["message"]), "python")], start + 1 + len(hidden), hidden)


def read_pytest(lines: ReportLines, start: int, floor: int) -> Found | None:
    """Starts at the first place of a failure; the short form has code below its places, the long form above."""
    if not (_CALLED.match(lines.clean[start]) or _ENDED.match(lines.clean[start])):
        return None
    is_short = bool(_CALLED.match(lines.clean[start]) and " in " in lines.clean[start])
    places = _places(lines, start, is_short)
    ended = _ENDED.match(lines.clean[places[-1]])
    first = max(floor, start - _MAX_BLOCK)
    bounds = [first - 1, *places]
    if not is_short and ended is None and not _said(lines, first, places[-1]):
        # A bare `x.py:12:` may be anything; all of them up to the last are gone through once.
        return Found([], places[-1] if len(places) > 1 else start + 1)
    frames: list[Frame] = []
    hidden: list[int] = list(places)
    for above, place in pairwise(bounds):
        match = _CALLED.match(lines.clean[place]) or _ENDED.match(lines.clean[place])
        if match is None:
            continue
        name, code, shown = _below(lines, place) if is_short else _above(lines, above, place)
        named = match.groupdict().get("function")
        frames.append(Frame(slashed(match["path"]), int(match["line"]), named or name, code))
        hidden += shown
    stop = places[-1] + 1
    while is_short and stop < len(lines.clean) and lines.clean[stop].startswith((" ", "\t", "E ")):
        stop += 1
    kind, message = _said(lines, first, stop) or ("", "")
    kind = kind or (ended["type"] if ended else "")
    return Found([StackTrace(innermost(frames), kind, shortened(message), "python")], stop, hidden)


def _places(lines: ReportLines, start: int, is_short: bool) -> list[int]:
    """The lines that name the places of one failure, down to the one that names the exception."""
    found = [start]
    number = start
    while (
        not _ENDED.match(lines.clean[found[-1]])
        and number + 1 < len(lines.clean)
        and number - found[-1] < _MAX_BLOCK
        and len(found) < MAX_FRAMES
    ):
        number += 1
        line = lines.clean[number]
        if re.match(r"^_{5,} |^={5,}", line) or (is_short and _SAID.match(line)):
            break
        if ".py:" in line and (_CALLED.match(line) or _ENDED.match(line)):
            found.append(number)
    return found


def _above(lines: ReportLines, above: int, place: int) -> tuple[str, str, list[int]]:
    """Function, failing line and shown source between two places."""
    name, code = "", ""
    first = above
    for number in range(place - 1, above, -1):
        if _SEPARATOR.match(lines.clean[number]):
            first = number
            break
    shown: list[int] = []
    for number in range(first + 1, place):
        failing = _FAILING.match(lines.raw[number])
        definition = None if code else _DEFINITION.match(lines.clean[number])
        if failing:
            code = failing["code"]
        elif definition:
            name = definition["name"]
        if (failing or lines.clean[number].startswith("    ")) and not _SAID.match(lines.clean[number]):
            shown.append(number)
    return name, code, shown if code else []


def _below(lines: ReportLines, place: int) -> tuple[str, str, list[int]]:
    below = lines.clean[place + 1] if place + 1 < len(lines.clean) else ""
    return ("", below.strip(), [place + 1]) if below.startswith("    ") else ("", "", [])


def _said(lines: ReportLines, first: int, last: int) -> tuple[str, str] | None:
    """The exception of the first `E   ` line behind the last line without one; pytest's own assertions name no type."""
    for number in range(last, first - 1, -1):
        said = _SAID.match(lines.clean[number]) if number < len(lines.clean) else None
        if said is None:
            continue
        while number > first and (higher := _SAID.match(lines.clean[number - 1])):
            said, number = higher, number - 1
        typed = _TYPED.match(said["text"])
        return (typed["type"], typed["message"] or "") if typed else ("AssertionError", said["text"])
    return None
