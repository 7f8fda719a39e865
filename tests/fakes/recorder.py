"""What goes over the wire to a server: wraps its application and keeps every request."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Recorder:
    """Counts the protocol's methods and the connections, and can refuse HTTP methods."""

    def __init__(self, app: ASGIApp, *, refused: tuple[str, ...] = ()) -> None:
        self._app = app
        self._refused = refused
        self.methods: Counter[str] = Counter()
        self.connections: set[Any] = set()
        self.wire: list[str] = []
        """Headers and body of each request, as text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.connections.add(scope["client"])
        body = bytearray()

        async def watch() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    self._note(scope, bytes(body))
            return message

        if scope["method"] in self._refused:
            await PlainTextResponse("not allowed", 405)(scope, receive, send)
        else:
            await self._app(scope, watch, send)

    def _note(self, scope: Scope, body: bytes) -> None:
        headers = " ".join(f"{name.decode()}: {value.decode()}" for name, value in scope["headers"])
        self.wire.append(f"{scope['method']} {scope['path']} {headers} {body.decode()}")
        if body:
            self.methods[json.loads(body).get("method", "an answer")] += 1
