"""JavaScript and TypeScript: V8 (Node, Chrome, Edge), Firefox and Safari."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import (
    Found,
    exception_above,
    exception_of,
    is_gap,
    outermost_first,
    slashed,
)
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_PLACE = re.compile(r"^(?P<path>[^\s].{0,1000}?)(?::(?P<line>\d{1,7}))(?P<column>:\d{1,9})?$")
_EXTENSION = re.compile(
    r"\.(?:[cm]?[jt]sx?|vue|svelte|html?|php|bundle|wasm|hbs|ejs)(?:[?#!].{0,300})?$|^<anonymous>$|^node:|^VM\d"
)
_OTHER_LANGUAGE = re.compile(r"\.(?:rs|java|kt|kts|scala|groovy|clj|cs|vb|fs|py|go|rb|php|swift|ex|exs|c|cc|cpp|h|hpp|dart)$")
_EVAL = re.compile(r"^eval at .{0,500}?\((?P<inner>[^()]{1,500}:\d{1,7}:\d{1,7})\)")
_ALIAS = re.compile(r"\[as (?P<alias>[\w$#]{1,100})\]\s*$")
_GECKO = re.compile(
    r"^\s{0,20}(?P<function>[^@\s]{0,200}(?: code)?)@"
    r"(?P<path>(?:[a-z][a-z\-]{1,30}:|/|\.{1,2}/|\w{1,100}/)?[^\s@]{1,1000}?):(?P<line>\d{1,7}):\d{1,9}\s*$"
)
_ASYNC = re.compile(r"^(?:(?:async|setTimeout|promise callback|promise|EventListener\.\w+|FrameRequestCallback)\*)+")
_NO_PLACE = re.compile(
    r"^\s{0,20}at (?:async )?[\w$.<>\[\] #/*]{1,200}(?: \((?:<anonymous>|native|index \d+|unknown location)\))?\s*\{?$"
    r"|^\s{0,20}[^@\s]{0,100}@\[native code\]\s*$|^\s{0,20}\.\.\. \d{1,5} (?:more|lines matching cause stack trace)"
)
_CAUSE = re.compile(r"^\s{0,20}(?:\[cause\]:|Caused by:?|\[errors\]:|Error:? caused by:?)\s")
_MAX_PROPERTIES = 20
_LOCAL = re.compile(r"^(?:async |new |get |set |static )+")


def read_javascript(lines: ReportLines, start: int, floor: int) -> Found | None:
    """Traces are printed inner frame first and causes last; they are given with the root cause first."""
    if frame_of(lines.clean[start]) is None:
        return None
    kind, message = exception_above(lines, start, floor)
    traces: list[StackTrace] = []
    frames: list[Frame] = []
    hidden: list[int] = []
    number = start
    while number < len(lines.clean):
        line = lines.clean[number]
        frame = frame_of(line)
        if frame:
            frames.append(frame)
            hidden.append(number)
        elif _NO_PLACE.match(line):
            hidden.append(number)
        elif _CAUSE.match(line) and (named := exception_of(line)):
            traces.append(StackTrace(outermost_first(frames), kind, message, "javascript"))
            (kind, message), frames = named, []
        elif _is_property(lines, number, hidden[-1]) or is_gap(lines, number, frame_of):
            pass
        elif frames or not line.strip():
            break  # a cause's message may have several lines before its first frame
        elif number - hidden[-1] > 6:
            break
        number += 1
    traces.append(StackTrace(outermost_first(frames), kind, message, "javascript"))
    return Found([trace for trace in reversed(traces) if trace.frames], max(number, start + 1), hidden)


def _is_property(lines: ReportLines, number: int, last: int) -> bool:
    """Node prints the properties of an error behind its frames, `{ code: 'X', [cause]: … }`."""
    is_open = lines.clean[last].rstrip().endswith("{")
    return is_open and number - last <= _MAX_PROPERTIES and lines.clean[number][:1] in (" ", "\t")


def frame_of(line: str) -> Frame | None:
    """The frame that a line is, if it is one."""
    text = line.strip()
    if text.startswith("at "):
        return _v8(text[3:].removesuffix(" {"))
    if "@" in text:
        match = _GECKO.match(line)
        if match and ("/" in match["path"] or _EXTENSION.search(match["path"])) and not _OTHER_LANGUAGE.search(match["path"]):
            name = _ASYNC.sub("", match["function"]).split("/", 1)[0].strip("<")
            name = "" if name.endswith(" code") else name
            return Frame(slashed(match["path"]), int(match["line"]), _bare(name), qualified=name if "." in name else "")
    return None


def _v8(text: str) -> Frame | None:
    name, place = "", text
    if text.endswith(")") and " (" in text:
        name, _, place = text[:-1].partition(" (")
        # A folder in the path may be in brackets too: then the name was cut right, for names hold no slash.
        inner = _EVAL.match(place)
        if inner:
            place = inner["inner"].rpartition("(")[2]
    else:
        place = _LOCAL.sub("", text)
    match = _PLACE.match(place)
    if match is None:
        return None
    path = slashed(match["path"])
    has_extension = bool(_EXTENSION.search(path))
    if _OTHER_LANGUAGE.search(path) or not (has_extension or (match["column"] and "/" in path)):
        return None
    alias = _ALIAS.search(name)
    shown = _LOCAL.sub("", name[: alias.start()] if alias else name).strip()
    function = alias["alias"] if alias else _bare(shown)
    return Frame(path, int(match["line"]), function, qualified=shown if "." in shown else "")


def _bare(name: str) -> str:
    """`Cart.total` is `total`; what has no name of its own is empty."""
    last = name.rsplit(".", 1)[-1].split("/")[0].rstrip("<").strip()
    return "" if not last or last.startswith(("<", "(")) or last == "eval" else last.lstrip("#")
