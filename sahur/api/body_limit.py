"""Bounds request bodies before Django sees them: it would write a body of any size to disk first."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from sahur.api.errors import CONTENT_TYPE, body_of_problem, too_large
from sahur.api.parsers import RECEIPT_BYTES, WEBHOOK_BYTES

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class BodyLimit:
    """ASGI middleware: 413 for a body that says it is too large; the end of the connection for one that becomes so."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        limit = _limit(scope["path"])
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and (len(length) > 18 or int(length) > limit):
            await _refuse(limit, send)
            return
        await self.application(scope, _counted(receive, limit), send)


def _limit(path: str) -> int:
    if path.startswith("/webhooks/"):
        return WEBHOOK_BYTES
    return RECEIPT_BYTES if path.startswith("/internal/") else int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _counted(receive: Receive, limit: int) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return {"type": "http.disconnect"} if received > limit else message

    return bounded


async def _refuse(limit: int, send: Send) -> None:
    problem = body_of_problem(too_large(limit))
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
