"""What a report says about the failure: exceptions, frames, the failing expression, and the names that point to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sahur_core.code.traces.parse import parse_traces, without_traces
from sahur_core.llm.offline.words import names_in, strings_in

_LOGGED = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout|Refused))(?::[ \t]*(.*))?$", re.MULTILINE)
_MENTION = re.compile(r"\b([A-Z]\w*(?:Error|Exception))\b(?::[ \t]*([^\n]*))?")
_CODE_NAME = re.compile(r"`([^`\n]+)`|\b([A-Za-z]\w*_\w+|[A-Za-z_]\w*(?:\.\w+){0,8}\(\))")

_ENVIRONMENT_TEXT = """
ConnectionError ConnectionRefusedError ConnectionResetError ConnectionAbortedError BrokenPipeError gaierror
TimeoutError timeout SSLError SSLCertVerificationError PermissionError MemoryError OSError OperationalError
ConnectTimeout ReadTimeout URLError HTTPError ConnectError ServiceUnavailable ProxyError InterfaceError
RemoteDisconnected
SocketException SocketTimeoutException ConnectException UnknownHostException NoRouteToHostException OutOfMemoryError
OutOfMemoryException SSLHandshakeException HttpTimeoutException HttpConnectTimeoutException HttpRequestException
TaskCanceledException CommunicationsException SqlException SQLTransientConnectionException SQLTimeoutException
QueryTimeoutException TimeoutException AuthenticationException UnauthorizedAccessException AccessDeniedException
ECONNREFUSED ECONNRESET ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EPIPE ENOSPC EACCES EMFILE EROFS
OpenTimeout WriteTimeout NoMemoryError
"""
ENVIRONMENT = frozenset(_ENVIRONMENT_TEXT.split())
"""Exceptions that mostly come from outside of the code: a server that is down, a full disk, an expired certificate."""
_OUTSIDE = re.compile(
    r"connection refused|timed? ?out|name or service not known|temporary failure in name resolution|no space left|certificate|"
    r"too many open files|network is unreachable|no route to host|out of memory|permission denied|bad gateway|"
    r"service unavailable|no such host|deadline exceeded|access denied|broken pipe|"
    r"\b50[234]\b|quota|read-only file system|could not connect|connection reset",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SeenException:
    type: str
    """Without its module."""
    message: str
    is_wrapper: bool = False
    """It was raised because of another one, which is in the report, too."""


@dataclass(frozen=True)
class SeenFrame:
    """A stack frame as the report has it, outermost first. `path` is as written there."""

    path: str
    line: int
    function: str
    code: str


@dataclass(frozen=True)
class Failure:
    """`exceptions` are in the order of the report: of a chain the cause comes first."""

    text: str
    title: str
    exceptions: list[SeenException] = field(default_factory=list)
    frames: list[SeenFrame] = field(default_factory=list)
    shown: tuple[str, ...] = ()
    """The lines of the frames as they were read since: most languages' traces do not print them."""

    @property
    def is_from_outside(self) -> bool:
        """Whether it looks like something around the code: network, disk, memory, rights."""
        if self.exceptions:
            return any(seen.type in ENVIRONMENT or _OUTSIDE.search(seen.message) for seen in self.exceptions)
        return bool(_OUTSIDE.search(f"{self.title}\n{self.text}"))

    @property
    def literals(self) -> set[str]:
        """Texts and names that exception messages quote: a key, an attribute, an argument."""
        found: set[str] = set()
        for seen in self.exceptions:
            found |= {text for text in strings_in(seen.message) if 1 < len(text) <= 120}
            found |= {match.rstrip("()") for pair in _CODE_NAME.findall(seen.message) for match in pair if match}
        return found - {"NoneType", "str", "int", "float", "list", "dict", "tuple", "object"}

    @property
    def mentioned_names(self) -> set[str]:
        """Names that look like code, anywhere in the report but in its tracebacks."""
        prose = f"{self.title}\n{without_traces(self.text)}\n"
        return {match.rstrip("()") for pair in _CODE_NAME.findall(prose) for match in pair if match}

    @property
    def failing_names(self) -> set[str]:
        """Names in the expressions that the frames show."""
        return {name for code in self.failing_lines for name in names_in(code)}

    @property
    def failing_lines(self) -> list[str]:
        """The lines of code that the frames point to, as far as they are known."""
        return [frame.code for frame in self.frames if frame.code] + list(self.shown)

    @property
    def causes(self) -> list[SeenException]:
        """The exceptions without those that only wrap another one of the report."""
        return [seen for seen in self.exceptions if not seen.is_wrapper] or self.exceptions

    def describe(self) -> str:
        """One line: the last exception and where it was raised, or the title."""
        if not self.exceptions:
            return self.title
        last = self.exceptions[-1]
        raised = f"{last.type}: {last.message}" if last.message else last.type
        return f"{raised} in {self.frames[-1].function}" if self.frames else raised


@lru_cache(maxsize=16)
def read_failure(title: str, body: str) -> Failure:
    """Stack traces of any language and the exceptions of a report; only the title and the text where it has none."""
    traces = [trace for trace in parse_traces(body) if not trace.is_warning]
    # Ruby shows the failing line between the innermost frame and the others, which then have no exception: those are further out.
    traces.sort(key=lambda trace: bool(trace.exception))
    frames = [SeenFrame(frame.path, frame.line, frame.function, frame.code.strip()) for trace in traces for frame in trace.frames]
    seen = [_seen(trace.exception, trace.message, is_wrapper=trace.position > 0) for trace in traces if trace.exception]
    if not seen:
        seen = [_seen(*match) for match in _LOGGED.findall(body)]
    if not seen:
        seen = [_seen(*match) for match in _MENTION.findall(f"{title}\n{body}")][:2]
    return Failure(text=body, title=title, exceptions=list(dict.fromkeys(seen)), frames=frames)


def _seen(name: str, message: str, *, is_wrapper: bool = False) -> SeenException:
    return SeenException(re.split(r"\.|::", name)[-1], message.strip(), is_wrapper)
