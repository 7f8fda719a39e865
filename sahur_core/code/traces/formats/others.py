"""Elixir, Dart, Swift and Lua: one line a frame, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable

from sahur_core.code.traces.formats.reading import MAX_HEAD_LINES, Found, outermost_first, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_ELIXIR = re.compile(
    r"^\s{2,20}(?:\((?P<app>[\w \-]{1,60}?)(?: [\w.\-+]{1,30})?\) )?"
    r"(?P<path>[\w./\-]{1,300}\.(?:exs?|erl|eex|heex|leex)):(?P<line>\d{1,7}): (?P<call>[^\n]{1,300})$"
)
_ELIXIR_HEAD = re.compile(r"\*\* \((?P<type>[\w.]{1,120})\) (?P<message>.{0,1000})$")
_DART = re.compile(
    r"^\s{0,8}#\d{1,4}\s{1,8}(?P<call>[^\n]{1,300}?) \("
    r"(?P<path>(?:package:|dart:|file://|[\w./\-])[^\s():]{1,400}(?:\.dart)?):(?P<line>\d{1,7})(?::\d{1,6})?\)\s*$"
)
_DART_HEAD = re.compile(
    r"^(?:Unhandled exception:\s*|E/flutter[^:]{0,40}: )?(?P<type>[A-Z]\w{0,80}(?:Error|Exception)?)(?:: (?P<message>.{0,1000}))$"
)
_SWIFT = re.compile(
    r"^\s{0,8}\d{1,4} (?:\[[^\]]{1,40}\] )?(?:0x[0-9a-f]{4,16} )?(?P<call>[^\n]{1,300}?) in "
    r"(?P<module>\S{1,100}) at (?P<path>/?[^\s:]{1,400}\.swift):(?P<line>\d{1,7})(?::\d{1,6})?\s*$"
)
_SWIFT_FATAL = re.compile(r"(?P<path>[^\s:]{1,400}\.swift):(?P<line>\d{1,7}): Fatal error(?:: (?P<message>.{0,1000}))?$")
_SWIFT_OLD = re.compile(r"Fatal error: (?P<message>.{1,1000}?): file (?P<path>[^\s,]{1,400}\.swift), line (?P<line>\d{1,7})")
_LUA = re.compile(r"^\s{1,20}(?P<path>[^\s:]{1,300}\.lua):(?P<line>\d{1,7}): in (?P<call>[^\n]{1,200})$")
_LUA_HEAD = re.compile(r"(?:^|: )(?P<path>[^\s:]{1,300}\.lua):(?P<line>\d{1,7}): (?P<message>.{1,1000})$")


def read_others(lines: ReportLines, start: int, floor: int) -> Found | None:
    for language, frame, call_name, head in _LANGUAGES:
        match = frame.match(lines.clean[start])
        if match:
            return _read(lines, (start, floor), language, frame, call_name, head)
    return _swift_fatal(lines, start)


def _read(
    lines: ReportLines,
    where: tuple[int, int],
    language: str,
    frame: re.Pattern[str],
    bare: Callable[[str], str],
    head: re.Pattern[str],
) -> Found:
    start, floor = where
    frames: list[Frame] = []
    number = start
    while number < len(lines.clean) and (match := frame.match(lines.clean[number])):
        call = match["call"].strip()
        frames.append(Frame(slashed(match["path"]), int(match["line"]), bare(call), qualified=call))
        number += 1
    kind, message = "", ""
    for line in reversed(lines.clean[max(floor, start - MAX_HEAD_LINES) : start]):
        found = head.search(line.strip())
        if found:
            kind, message = found.groupdict().get("type") or "error", found["message"] or ""
            break
    return Found([StackTrace(outermost_first(frames), kind, shortened(message), language)], number, range(start, number))


def _swift_fatal(lines: ReportLines, start: int) -> Found | None:
    match = _SWIFT_FATAL.search(lines.clean[start]) or _SWIFT_OLD.search(lines.clean[start])
    if match is None:
        return None
    frame = Frame(slashed(match["path"]), int(match["line"]))
    return Found([StackTrace((frame,), "Fatal error", shortened(match["message"]), "swift")], start + 1)


def _elixir_name(call: str) -> str:
    """`anonymous fn/1 in Shop.Cart.total/1` is `total`."""
    name = call.rsplit(" in ", 1)[-1]
    return re.sub(r"/\d+$", "", re.sub(r"\(.*$", "", name)).rsplit(".", 1)[-1]


def _dart_name(call: str) -> str:
    parts = [part for part in re.split(r"[.]", call.removeprefix("new ")) if not part.startswith("<")]
    return parts[-1] if parts else ""


def _swift_name(call: str) -> str:
    name = re.sub(r"closure #\d+ in |[({<].*$", "", call)
    return name.rsplit(".", 1)[-1].strip()


def _lua_name(call: str) -> str:
    quoted = re.search(r"['`‘]([\w.:]{1,100})['’]", call)
    return re.split(r"[.:]", quoted[1])[-1] if quoted else ""


_LANGUAGES = (
    ("elixir", _ELIXIR, _elixir_name, _ELIXIR_HEAD),
    ("dart", _DART, _dart_name, _DART_HEAD),
    ("swift", _SWIFT, _swift_name, _DART_HEAD),
    ("lua", _LUA, _lua_name, _LUA_HEAD),
)
