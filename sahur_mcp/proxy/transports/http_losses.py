"""What happens to one HTTP request stays with that request.

The SDK's transport ends its whole session, and so the calls of everybody on it, when the connection of one request breaks
before the answer (python-sdk issue 3522). Here such a request is answered, in the protocol, that it was lost.

It also closes an answer as soon as it has read the last event, before the end of the body; a connection closed like that
cannot be used again, and the next request pays for a new one, with TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx2
from mcp.types import CONNECTION_CLOSED, ErrorData

REST_SECONDS = 0.25
REST_PARTS = 8
"""So long, and so many parts, the rest of an answer is waited for that is closed after its last event."""
# A part of the handshake that is lost ends the session as it should, with the transport's own words.
_REQUESTS = frozenset(
    [
        "tools/call", "resources/read", "prompts/get", "completion/complete", "logging/setLevel", "resources/subscribe",
        "resources/unsubscribe",
    ]
)  # fmt: skip
_NOTICES = frozenset(["notifications/cancelled", "notifications/progress", "notifications/roots/list_changed"])
# Of this process alone: an upstream cannot pretend that a request was lost.
_MARK = f"lost-{uuid4().hex}"


class Loss(StrEnum):
    """How far a lost request came."""

    NOT_SENT = "not sent"
    """No connection could be made: the other side knows nothing of it, and is probably gone."""
    NO_ANSWER = "no answer"
    """The connection broke: the other side may have done what it was asked."""


def loss_of(error: ErrorData) -> Loss | None:
    """Which loss an error of a request stands for, None if it is a real answer."""
    return Loss(error.data[_MARK]) if isinstance(error.data, dict) and _MARK in error.data else None


def as_answer(request: httpx2.Request, error: httpx2.TransportError) -> httpx2.Response | None:
    """What to give the SDK instead of the error of the transport; None if the session should end of it."""
    not_sent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
    return lost(request, Loss.NOT_SENT if not_sent else Loss.NO_ANSWER)


def lost(request: httpx2.Request, loss: Loss) -> httpx2.Response | None:
    """An answer to the request, which says that it was lost; None if the session should end of it."""
    message = _message_of(request)
    method = message.get("method")
    if method in _NOTICES:
        return httpx2.Response(202, request=request)
    if method not in _REQUESTS:
        return None
    told = {"code": CONNECTION_CLOSED, "message": "The connection broke.", "data": {_MARK: loss.value}}
    return httpx2.Response(200, json={"jsonrpc": "2.0", "id": message.get("id"), "error": told}, request=request)


class PatientStream(httpx2.AsyncByteStream):
    """The body of an answer; closed near its end, it is read to its end, so that its connection can be used again."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream
        self._parts: AsyncIterator[bytes] | None = None
        self._has_ended = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._parts = aiter(self._stream)
        async for part in self._parts:
            yield part
        self._has_ended = True

    async def aclose(self) -> None:
        try:
            if self._parts is not None and not self._has_ended:
                with contextlib.suppress(TimeoutError, httpx2.TransportError, httpx2.StreamError, RuntimeError):
                    async with asyncio.timeout(REST_SECONDS):
                        for _ in range(REST_PARTS):
                            if await anext(self._parts, None) is None:
                                break
        finally:
            await self._stream.aclose()


def id_of(request: httpx2.Request) -> Any:
    """Of the request of the protocol, None if it has none."""
    return _message_of(request).get("id")


def _message_of(request: httpx2.Request) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    try:
        found = json.loads(request.content)
    except (ValueError, httpx2.RequestNotRead):
        return {}
    return found if isinstance(found, dict) else {}
