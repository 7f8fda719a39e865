"""What a report says about the failure: exceptions, frames, the failing expression, and the names that point to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sahur_core.llm.offline.words import names_in, strings_in

_FRAME = re.compile(r'^[ \t]*File "([^"\n]+)", line (\d+)(?:, in (\S+))?[ \t]*\n(?:[ \t]+(?!File ")(\S.*)\n?)?', re.MULTILINE)
_EXCEPTION = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?::[ \t]*(.*))?$")
_LOGGED = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout|Refused))(?::[ \t]*(.*))?$", re.MULTILINE)
_MENTION = re.compile(r"\b([A-Z]\w*(?:Error|Exception))\b(?::[ \t]*([^\n]*))?")
_CODE_NAME = re.compile(r"`([^`\n]+)`|\b([A-Za-z]\w*_\w+|[A-Za-z_]\w*(?:\.\w+){0,8}\(\))")

_ENVIRONMENT_TEXT = """
ConnectionError ConnectionRefusedError ConnectionResetError ConnectionAbortedError BrokenPipeError gaierror
TimeoutError timeout SSLError SSLCertVerificationError PermissionError MemoryError OSError OperationalError
ConnectTimeout ReadTimeout URLError HTTPError ConnectError ServiceUnavailable ProxyError InterfaceError
RemoteDisconnected
"""
ENVIRONMENT = frozenset(_ENVIRONMENT_TEXT.split())
"""Exceptions that mostly come from outside of the code: a server that is down, a full disk, an expired certificate."""
_OUTSIDE = re.compile(
    r"connection refused|timed? ?out|name or service not known|temporary failure in name resolution|no space left|certificate|"
    r"too many open files|network is unreachable|no route to host|out of memory|permission denied|bad gateway|"
    r"service unavailable|"
    r"\b50[234]\b|quota|read-only file system|could not connect|connection reset",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SeenException:
    type: str
    """Without its module."""
    message: str


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
        prose = _FRAME.sub("", f"{self.title}\n{self.text}\n")
        return {match.rstrip("()") for pair in _CODE_NAME.findall(prose) for match in pair if match}

    @property
    def failing_names(self) -> set[str]:
        """Names in the expressions that the frames show."""
        return {name for frame in self.frames for name in names_in(frame.code)}

    def describe(self) -> str:
        """One line: the last exception and where it was raised, or the title."""
        if not self.exceptions:
            return self.title
        last = self.exceptions[-1]
        raised = f"{last.type}: {last.message}" if last.message else last.type
        return f"{raised} in {self.frames[-1].function}" if self.frames else raised


def read_failure(title: str, body: str) -> Failure:
    """Tracebacks and exceptions of a report; only the title and the text where it has none."""
    frames = [
        SeenFrame(path, int(line), function or "", (code or "").strip())
        for path, line, function, code in _FRAME.findall(f"{body}\n")
    ]
    seen = list(_raised(body)) or [_seen(*match) for match in _LOGGED.findall(body)]
    if not seen:
        seen = [_seen(*match) for match in _MENTION.findall(f"{title}\n{body}")][:2]
    return Failure(text=body, title=title, exceptions=list(dict.fromkeys(seen)), frames=frames)


def _raised(body: str) -> Iterator[SeenException]:
    """The line that ends each traceback: the first behind its frames that is not indented."""
    within = False
    for line in body.splitlines():
        if line.lstrip().startswith("Traceback (most recent call last)"):
            within = True
        elif within and line.strip() and not line.startswith((" ", "\t")):
            within = False
            if match := _EXCEPTION.match(line.strip()):
                yield _seen(*match.groups(default=""))


def _seen(name: str, message: str) -> SeenException:
    return SeenException(name.rpartition(".")[2], message.strip())
