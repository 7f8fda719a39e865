"""Every stack trace of a report, whatever language it is of, and the report without them.

The lines are gone through once. A line that may begin a trace (a cheap test) is shown to the formats that it may be of;
the first that reads a trace there says where it ends. So the time is linear in the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sahur_core.code.traces.formats.dotnet import read_dotnet
from sahur_core.code.traces.formats.golang import read_go
from sahur_core.code.traces.formats.javascript import read_javascript
from sahur_core.code.traces.formats.jvm import read_jvm
from sahur_core.code.traces.formats.native import read_diagnostic, read_native
from sahur_core.code.traces.formats.others import read_others
from sahur_core.code.traces.formats.php import read_php
from sahur_core.code.traces.formats.pytest import read_pytest, read_warning
from sahur_core.code.traces.formats.python import read_python, starts_python
from sahur_core.code.traces.formats.reading import Found, Reader
from sahur_core.code.traces.formats.ruby import read_ruby
from sahur_core.code.traces.formats.rust import read_rust
from sahur_core.code.traces.frames import StackTrace
from sahur_core.code.traces.lines import ReportLines, split_lines

_AT: tuple[Reader, ...] = (read_jvm, read_dotnet, read_rust, read_ruby, read_native, read_javascript)
_NUMBERED: tuple[Reader, ...] = (read_native, read_others, read_php)
_PLACED: tuple[Reader, ...] = (read_ruby, read_go, read_warning, read_pytest, read_diagnostic, read_others, read_rust)


def parse_traces(text: str) -> list[StackTrace]:
    """Every stack trace of a text that has frames, in its order; of a chain of causes the root cause comes first."""
    lines = split_lines(text)
    traces: list[StackTrace] = []
    for chain, found in enumerate(_all(lines)):
        traces += [replace(trace, chain=chain, position=position) for position, trace in enumerate(found.traces)]
    return traces


def without_traces(text: str) -> str:
    """The text without frames and the lines of code below them; the lines that name the exception stay."""
    lines = split_lines(text)
    hidden = {number for found in _all(lines) for number in found.hidden}
    kept = [raw for number, raw in enumerate(lines.raw) if number not in hidden and not _is_opening(lines.clean[number])]
    return "\n".join(kept)


def _all(lines: ReportLines) -> Iterator[Found]:
    number = floor = 0
    while number < len(lines.clean):
        found = _at(lines, number, floor) if lines.clean[number] else None
        if found is None:
            number += 1
            continue
        number = floor = max(found.stop, number + 1)
        if found.traces:
            yield found


def _at(lines: ReportLines, number: int, floor: int) -> Found | None:
    for reader in _readers(lines.clean[number]):
        found = reader(lines, number, floor)
        if found:
            return found
    return None


def _readers(line: str) -> tuple[Reader, ...]:
    """The formats that a line may begin a trace of."""
    if starts_python(line):
        return (read_python,)
    text = line.lstrip(" \t")
    if text.startswith("at "):
        return _AT
    if text.startswith(("#", "* frame #", "frame #")):
        return (*_NUMBERED, read_ruby)
    if "@" in text and ":" in text:
        return (read_javascript, *_PLACED)
    if "panicked at" in text:
        return (read_rust,)
    if text.startswith(("goroutine ", "==")):
        return (read_go, read_native)
    if " on line " in text:
        return (read_php,)
    if ".swift" in text:
        return (read_others, *_PLACED)
    if ":" in text or text.endswith(")"):
        return _PLACED if _has_place(text) else (read_go,) if "." in text else ()
    return ()


def _has_place(text: str) -> bool:
    """Whether a number follows a colon or bracket, as in `x.rb:12`, or an assertion is named."""
    at = text.find(":")
    while at >= 0:
        if text[at + 1 : at + 2].isdigit():
            return True
        at = text.find(":", at + 1)
    return "): " in text or "Assertion failed" in text


def _is_opening(line: str) -> bool:
    return "Traceback (most recent call last)" in line or line.startswith(("stack backtrace:", "Stack trace:"))
