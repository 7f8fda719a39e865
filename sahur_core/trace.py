"""One trace id from the door to the tool call, in every log line.

The id is the 32 hex digits of a W3C `traceparent` (https://www.w3.org/TR/trace-context/), so that it can be handed to
any HTTP or MCP peer as it is.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_current: ContextVar[str] = ContextVar("trace_id", default="")


def new_trace_id() -> str:
    """A random id of 32 hex digits."""
    return secrets.token_hex(16)


def current_trace_id() -> str:
    """The id of the work in hand; empty outside of any."""
    return _current.get()


def parse_traceparent(header: str | None) -> str:
    """The trace id in a `traceparent` header; empty if it is missing or malformed."""
    match = _TRACEPARENT.match((header or "").strip().lower())
    return match.group(1) if match and set(match.group(1)) != {"0"} else ""


def traceparent(trace_id: str = "") -> str:
    """A `traceparent` header for the given, current or a new trace."""
    return f"00-{trace_id or current_trace_id() or new_trace_id()}-{secrets.token_hex(8)}-01"


@contextmanager
def trace(trace_id: str = "") -> Iterator[str]:
    """Work under the given id, or under a new one."""
    token = _current.set(trace_id or new_trace_id())
    try:
        yield _current.get()
    finally:
        _current.reset(token)


class TraceFilter(logging.Filter):
    """Puts `trace_id` on every record, `-` where there is none.

    A record about a request may be logged when its work is over; the request then tells under which id that was.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        of_request = getattr(getattr(record, "request", None), "trace_id", "")
        record.trace_id = current_trace_id() or of_request or "-"
        return True


class LineFormatter(logging.Formatter):
    """One line a record, whatever it quotes: a caller's words must neither look like a line of ours nor steer a terminal.

    A traceback follows on lines of its own, also without control characters.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        return _CONTROL.sub(_escaped, super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name of logging
        return "\n".join(_CONTROL.sub(_escaped, line) for line in super().formatException(ei).split("\n"))


def _escaped(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode()
