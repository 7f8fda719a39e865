"""What tells one report from others: the errors it names, the calls its stack traces end in, the messages it quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sahur_core.code.traces.frames import Frame, StackTrace
from sahur_core.code.traces.parse import parse_traces, without_traces

READ_CHARS = 20_000
"""Of a report: an error stands near its beginning, or near the end of a log that was pasted."""
MAX_FRAMES = 5
MAX_MESSAGES = 12
MIN_MESSAGE_CHARS = 10
_NAMED_ERROR = re.compile(r"\b[A-Za-z_][\w.$]*(?:Error|Exception|Failure|Panic|Timeout|Interrupt)\b")
_GENERIC = frozenset({"Error", "Exception", "RuntimeError", "RuntimeException", "Failure", "Timeout", "BaseException"})
"""So many things raise them that the name alone says nothing."""
_LOGGED = re.compile(r"\b(?:ERROR|FATAL|CRITICAL|PANIC|SEVERE)\b[\]:]?\s*(?P<text>\S.*)")
_QUOTED = re.compile(r"[`\"“](?P<text>[^`\"“”\n]{10,200})[`\"”]")
_VARIABLE = re.compile(r"\b(?=[a-f-]*\d)[0-9a-fA-F-]{4,}\b|0x[0-9a-fA-F]+|\d+")


@dataclass(frozen=True)
class Call:
    """A frame without what differs between machines and releases: the folder and the line."""

    function: str
    file: str

    def __str__(self) -> str:
        return f"{self.function} in {self.file}"


@dataclass(frozen=True)
class Marks:
    """Two occurrences of one fault have them in common: numbers and ids, folders and lines are left out."""

    errors: tuple[str, ...] = ()
    """Bare names of error types, those of the traces first."""
    calls: tuple[Call, ...] = ()
    """The innermost calls of the program's own code, where it failed first."""
    messages: dict[str, str] = field(default_factory=dict)
    """What is said each time, with what was said this time."""


def clipped(text: str) -> str:
    """The beginning and the end of a long text."""
    if len(text) <= READ_CHARS:
        return text
    half = READ_CHARS // 2
    return f"{text[:half]}\n{text[-half:]}"


def marks_of(title: str, body: str) -> Marks:
    """The marks of a report. Linear in its length, of which `READ_CHARS` are read."""
    text = f"{title}\n{clipped(body)}"
    traces = [trace for trace in parse_traces(text) if not trace.is_warning]
    raised = [_bare(trace.exception) for trace in sorted(traces, key=lambda each: each.position) if trace.exception]
    named = [_bare(each) for each in _NAMED_ERROR.findall(text)]
    said = [trace.message.splitlines()[0] for trace in traces if trace.message]
    prose = without_traces(text)
    said += [found["text"] for expression in (_LOGGED, _QUOTED) for found in expression.finditer(prose)]
    alike = {plain: each.strip()[:200] for each in said if len(plain := without_numbers(each)) >= MIN_MESSAGE_CHARS}
    return Marks(
        errors=tuple(dict.fromkeys(name for name in [*raised, *named] if name not in _GENERIC)),
        calls=_calls(traces),
        messages=dict(list(alike.items())[:MAX_MESSAGES]),
    )


def without_numbers(message: str) -> str:
    """A message as it is each time."""
    return " ".join(_VARIABLE.sub("#", message).casefold().split())[:200]


def _bare(name: str) -> str:
    return re.split(r"[.:$\\]+", name.strip(".:$\\"))[-1]


def _calls(traces: list[StackTrace]) -> tuple[Call, ...]:
    """Of each trace the last calls of its own code; of one that is all of libraries, those."""
    found: list[Call] = []
    for trace in sorted(traces, key=lambda each: each.position):
        own = [frame for frame in trace.frames if frame.origin == "application"] or list(trace.frames)
        found += [_call(frame) for frame in reversed(own) if frame.function][:MAX_FRAMES]
    return tuple(dict.fromkeys(found))[: 2 * MAX_FRAMES]


def _call(frame: Frame) -> Call:
    return Call(function=frame.function, file=frame.path.rsplit("/", 1)[-1])
