"""Rust: panic messages in the old and new form, and backtraces (a numbered line for the function, one for the file)."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import Found, outermost_first, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_NEW = re.compile(
    r"panicked at (?P<path>[^\s'\",:]{1,500}(?::/[^\s:,]{1,300}|:\\[^\s:,]{1,300})?\.rs):(?P<line>\d{1,7}):(?P<column>\d{1,6}"
    r"):?\s*$"
)
_OLD = re.compile(r"panicked at '(?P<message>.{0,1000})', (?P<path>[^\s',]{1,500}\.rs):(?P<line>\d{1,7})(?::\d{1,6})?")
_OPENED = re.compile(r"panicked at '(?P<message>.{0,1000})$")
_CLOSED = re.compile(r"', (?P<path>[^\s',]{1,500}\.rs):(?P<line>\d{1,7})(?::\d{1,6})?\s*$")
_CALL = re.compile(r"^\s{0,20}\d{1,4}:\s{1,6}(?:0x[0-9a-f]{1,16} - )?(?P<name>[^\s(].{0,400})$")
_PLACE = re.compile(r"^\s{1,60}at (?P<path>\S.{0,500}?\.rs):(?P<line>\d{1,7})(?::\d{1,6})?\s*$")
_NOISE = re.compile(r"^\s{0,20}(?:stack backtrace:|note: (?:run with|Some details|\[?RUST_BACKTRACE)|\[\.\.\. omitted)")
_HASH = re.compile(r"::h[0-9a-f]{16}$")
_MAX_OPENING = 12
"""Lines that a panic's message may have."""


def read_rust(lines: ReportLines, start: int, floor: int) -> Found | None:
    del floor  # a trace opens with its panic
    opened = _opening(lines, start)
    if opened is None and not _PLACE.match(_line(lines, start + 1)) and not _PLACE.match(lines.clean[start]):
        return None
    panic, message, number = opened or (None, "", start)
    frames, hidden, number = _backtrace(lines, number)
    if panic is None and not frames:
        return None
    if panic and not any((frame.line, frame.path.lstrip("./")) == (panic.line, panic.path.lstrip("./")) for frame in frames):
        frames = [panic] if not frames else _behind_machinery(frames, panic)
    kind = "panic" if panic else ""
    return Found([StackTrace(outermost_first(frames), kind, shortened(message), "rust")], number, hidden)


def _opening(lines: ReportLines, start: int) -> tuple[Frame, str, int] | None:
    """Where and why it panicked, and the line behind."""
    line = lines.clean[start]
    match = _NEW.search(line)
    if match:
        message: list[str] = []
        number = start + 1
        while number < min(len(lines.clean), start + _MAX_OPENING):
            text = lines.clean[number]
            if not text.strip() or _NOISE.match(text) or (_CALL.match(text) and _PLACE.match(_line(lines, number + 1))):
                break
            message.append(text)
            number += 1
        return Frame(slashed(match["path"]), int(match["line"])), "\n".join(message[:3]), start + 1 + min(len(message), 3)
    match = _OLD.search(line)
    if match:
        return Frame(slashed(match["path"]), int(match["line"])), match["message"], start + 1
    match = _OPENED.search(line)
    for number in range(start + 1, min(start + _MAX_OPENING, len(lines.clean))) if match else ():
        closed = _CLOSED.search(lines.clean[number])
        if closed and match:
            return Frame(slashed(closed["path"]), int(closed["line"])), match["message"], number + 1
    return None


def _backtrace(lines: ReportLines, number: int) -> tuple[list[Frame], list[int], int]:
    frames: list[Frame] = []
    hidden: list[int] = []
    name, last = "", number
    while number < len(lines.clean) and number - last <= 3:
        line = lines.clean[number]
        place = _PLACE.match(line)
        call = None if place else _CALL.match(line)
        if place:
            frames.append(Frame(slashed(place["path"]), int(place["line"]), _bare(name), qualified=name))
        elif call:
            name = _HASH.sub("", call["name"].strip())
        elif not _NOISE.match(line):
            if line.strip() and (frames or not hidden):
                break
            number += 1
            continue
        hidden.append(number)
        number += 1
        last = number
    return frames, hidden, last


def _behind_machinery(frames: list[Frame], panic: Frame) -> list[Frame]:
    """The place of the panic stands inside what called it, behind the standard library's own frames."""
    for number, frame in enumerate(frames):
        if frame.origin == "application":
            return [*frames[:number], panic, *frames[number:]]
    return [*frames, panic]


def _bare(name: str) -> str:
    """`<shop::Cart as shop::Total>::total::{{closure}}` is `total`."""
    parts = [part for part in name.split("::") if part and not part.startswith("{")]
    return re.sub(r"<.*$", "", parts[-1]).strip(" >") if parts else ""


def _line(lines: ReportLines, number: int) -> str:
    return lines.clean[number] if number < len(lines.clean) else ""
