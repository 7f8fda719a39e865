"""C and C++: gdb, lldb, sanitizers, Valgrind, failed assertions, and one-line diagnostics of compilers (of any language)."""

from __future__ import annotations

import re

from sahur_core.code.traces.formats.reading import MAX_HEAD_LINES, Found, outermost_first, shortened, slashed
from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.lines import ReportLines

_SOURCE = (
    r"(?P<path>"
    r"(?:[A-Za-z]:)?[^\s:()]{1,400}\.(?:c|cc|cpp|cxx|c\+\+|C|h|hh|hpp|hxx|inl|ipp|m|mm|swift|rs|cu|S|asm|pyx|y|l)):"
    r"(?P<line>\d{1,7})(?::\d{1,6})?"
)
_GDB = re.compile(
    rf"^\s{{0,20}}(?:\* )?(?:frame )?#\d{{1,4}}:?\s{{1,4}}(?:0x[0-9a-f]{{4,16}} )?(?:in |[\w.+\-]{{1,100}}`)?"
    rf"(?P<function>[^\s(].{{0,600}}?)(?: at | ){_SOURCE}(?: .{{0,200}})?\s*$"
)
_NUMBERED = re.compile(
    r"^\s{0,20}(?:\* )?(?:frame )?#\d{1,4}:?\s{1,4}(?:0x[0-9a-f]{4,16}|[\w~:<>,* &]{1,200} \(|<signal handler)"
)
_WRAPPED = re.compile(rf"^\s{{2,12}}at {_SOURCE}\s*$")
_VALGRIND = re.compile(
    r"^\s{0,8}==\d{1,9}==\s{1,8}(?:at|by) 0x[0-9A-F]{1,16}: (?P<function>.{1,400}?) \((?:(?P<path>[^\s:()]{1,300}):"
    r"(?P<line>\d{1,7})|in [^)]{1,300})\)\s*$"
)
_HEAD = re.compile(
    r"(?:^|==\d{1,9}==)\s{0,4}(?:ERROR: (?P<type>\w{1,40}Sanitizer): (?P<message>.{1,500})|WARNING: (?P<race>ThreadSanitizer"
    r"|MemorySanitizer): (?P<raced>.{1,500})"
    r"|(?P<memory>Invalid (?:read|write|free).{0,200}|Conditional jump.{0,200}|Use of uninitiali[sz]ed.{0,200})"
    r"|(?:Program|Thread .{1,60}) received signal (?P<signal>SIG\w{1,10}), (?P<signaled>.{1,200}))$"
)
_ASSERTION = re.compile(
    rf"^(?:.{{0,120}}: )?{_SOURCE}: (?P<function>[^:\n]{{0,300}}(?:::[^:\n]{{1,200}}){{0,6}}?): Assertion [`'\"]?"
    rf"(?P<message>.{{1,500}}?)['\"]? failed\.?"
)
_APPLE = re.compile(
    r"^.{0,40}Assertion failed: \((?P<message>.{1,400})\), function (?P<function>[\w:~<>]{1,200}), file "
    r"(?P<path>[^\s,]{1,400}), line (?P<line>\d{1,7})"
)
_DIAGNOSTIC = re.compile(
    r"^\s{0,8}(?P<path>(?:[A-Za-z]:[\\/])?[^\s:()\[\]\"'<>]{1,400}\.[A-Za-z+]{1,6})(?::"
    r"(?P<line>\d{1,7})(?::\d{1,6})?|\((?P<line2>\d{1,7})(?:,\d{1,6})?\)): "
    r"(?P<type>(?:fatal |runtime |internal compiler |Fatal )?error|warning)(?P<code> [A-Z]{1,4}\d{1,6})?: (?P<message>.{1,1000})$"
)
_RUSTC = re.compile(r"^\s{0,8}--> (?P<path>[^\s:]{1,400}\.rs):(?P<line>\d{1,7}):\d{1,6}\s*$")
_RUSTC_HEAD = re.compile(r"\b(?P<type>error|warning)(?:\[\w{1,8}\])?: (?P<message>.{1,500})$")
_MAX_GAP = 2


def read_native(lines: ReportLines, start: int, floor: int) -> Found | None:
    line = lines.clean[start]
    if _GDB.match(line) or _VALGRIND.match(line) or (_NUMBERED.match(line) and _has_source_below(lines, start)):
        return _stack(lines, start, floor)
    return None


def read_diagnostic(lines: ReportLines, start: int, floor: int) -> Found | None:
    """A message of one line that names its place: a failed assertion, or an error of a compiler."""
    line = lines.clean[start]
    match = _ASSERTION.match(line) or _APPLE.match(line)
    if match:
        frame = Frame(slashed(match["path"]), int(match["line"]), _bare(match["function"]), qualified=match["function"])
        return Found([StackTrace((frame,), "Assertion", shortened(match["message"]), "native")], start + 1)
    match = _DIAGNOSTIC.match(line)
    if match:
        frame = Frame(slashed(match["path"]), int(match["line"] or match["line2"]))
        kind = match["type"].rsplit(" ", 1)[-1]
        return Found([StackTrace((frame,), kind, shortened(match["message"]), "compiler")], start + 1)
    match = _RUSTC.match(line)
    head = _RUSTC_HEAD.search(lines.raw[start - 1]) if match and start > floor else None
    if match and head:
        frame = Frame(match["path"], int(match["line"]))
        return Found([StackTrace((frame,), head["type"], shortened(head["message"]), "compiler")], start + 1, [start])
    return None


def _stack(lines: ReportLines, start: int, floor: int) -> Found:
    frames: list[Frame] = []
    hidden: list[int] = []
    number = start
    while number < len(lines.clean):
        line = lines.clean[number]
        match = _GDB.match(line) or _VALGRIND.match(line)
        if match and _restarts(line, frames):
            break
        wrapped = None if match else _WRAPPED.match(line)
        if match and match["path"]:
            frames.append(_frame(match["function"], match))
        elif wrapped:
            frames.append(_frame(_name_above(lines.clean[number - 1]), wrapped))
        elif not (match or _NUMBERED.match(line)):
            break
        hidden.append(number)
        number += 1
    kind, message = _head(lines, start, floor)
    trace = StackTrace(outermost_first(frames), kind, message, "native")
    return Found([trace] if frames else [], max(number, start + 1), hidden)


def _restarts(line: str, frames: list[Frame]) -> bool:
    """Frame 0 again is another thread's, or says where memory was freed."""
    return bool(frames) and (line.lstrip(" *").startswith(("#0 ", "frame #0")) or bool(re.match(r"^\s*==\d+==\s+at ", line)))


def _has_source_below(lines: ReportLines, start: int) -> bool:
    return any(
        _GDB.match(line) or _WRAPPED.match(line)
        for line in lines.clean[start + 1 : start + 12]
        if _NUMBERED.match(line) or _GDB.match(line) or _WRAPPED.match(line)
    )


def _name_above(line: str) -> str:
    return re.sub(r"^\s*#\d+\s+(?:0x[0-9a-f]+ in )?", "", line)


def _frame(function: str, match: re.Match[str]) -> Frame:
    name = re.sub(r"\s*\(.*$", "", function.strip()) or function.strip()
    return Frame(slashed(match["path"]), int(match["line"]), _bare(function), qualified=name if "::" in name else "")


def _bare(function: str) -> str:
    """`int shop::Cart::total(int) const` is `total`."""
    name = re.sub(r"\s*\(.*$", "", function.strip())
    name = re.sub(r"<[^<>]{0,200}>", "", name)
    return name.rsplit("::", 1)[-1].split(" ")[-1].lstrip("*&")


def _head(lines: ReportLines, start: int, floor: int) -> tuple[str, str]:
    for line in reversed(lines.clean[max(floor, start - MAX_HEAD_LINES) : start]):
        match = _HEAD.search(line)
        if match:
            kind = match["type"] or match["race"] or match["signal"] or match["memory"].split(" of ")[0]
            return kind, shortened(match["message"] or match["raced"] or match["signaled"] or match["memory"])
    return "", ""
