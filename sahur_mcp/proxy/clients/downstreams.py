"""Sessions of clients that speak the older protocol. Callers of 2026-07-28 have none.

The SDK owns the sessions themselves; here lies what of ours belongs to one and must end with it: connections to
upstreams of its own (`session: client`), subscriptions, and the way to tell the client news.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mcp.server.session import ServerSession
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sahur_mcp.proxy.clients.client_side import ClientSide

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1800.0
SWEEP_SECONDS = 60.0


@dataclass
class Downstream:
    """One session of one client."""

    id: str
    capabilities: dict[str, Any] = field(default_factory=dict)
    live: dict[object, ClientSide] = field(default_factory=dict)
    """Requests under way, oldest first: an upstream that asks in the middle of a call asks the newest one's client."""
    session: ServerSession | None = None
    """Of the last request: the way to the client between requests."""
    watched: dict[tuple[str, str], str] = field(default_factory=dict)
    """Resources that the client subscribed to, by upstream and its own address: the address that the client knows."""
    endings: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    """What to do when the session ends, by name."""
    open_requests: int = 0
    used_at: float = field(default_factory=time.monotonic)

    @property
    def newest(self) -> ClientSide:
        """The client, through its newest request if one is under way."""
        return next(reversed(self.live.values())) if self.live else ClientSide(session=self.session, is_modern=False)

    async def end(self) -> None:
        """End what belongs to the session. What fails is logged, and the rest ends all the same."""
        endings, self.endings = self.endings, {}
        for name, ending in endings.items():
            try:
                await ending()
            except Exception:
                logger.exception("%s of a session did not end in order", name)


class Downstreams:
    """All sessions, by the id that the SDK gave them."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._sweep_seconds = sweep_seconds
        self._by_id: dict[str, Downstream] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._by_id)

    def of(self, session_id: str) -> Downstream:
        """The session with this id, which the SDK has checked to exist and to belong to the bearer."""
        return self._by_id.setdefault(session_id, Downstream(session_id))

    def find(self, session_id: str) -> Downstream | None:
        return self._by_id.get(session_id)

    def all(self) -> list[Downstream]:
        return list(self._by_id.values())

    async def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep(), name="downstreams")

    async def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait({self._sweeper})
        # Side by side: each may wait some seconds for a child process to end.
        await asyncio.gather(*(self.end(each.id) for each in self.all()))

    async def end(self, session_id: str) -> None:
        downstream = self._by_id.pop(session_id, None)
        if downstream is not None:
            await downstream.end()

    async def _sweep(self) -> None:
        """End what belongs to sessions that the SDK has dropped because nobody used them."""
        while True:
            await asyncio.sleep(self._sweep_seconds)
            horizon = time.monotonic() - self._idle_seconds - self._sweep_seconds
            for each in self.all():
                if not each.open_requests and each.used_at < horizon:
                    await self.end(each.id)


class SessionWatch:
    """Before the SDK's application: sees which sessions are in use, and when a client ends or loses one."""

    def __init__(self, app: ASGIApp, downstreams: Downstreams) -> None:
        self._app = app
        self._downstreams = downstreams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = Headers(scope=scope).get(MCP_SESSION_ID_HEADER, "")
        if not session_id:
            await self._app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        with self._used(session_id):
            await self._app(scope, receive, watch)
        if scope["method"] == "DELETE" and status < 400:
            await self._downstreams.end(session_id)

    @contextlib.contextmanager
    def _used(self, session_id: str) -> Iterator[None]:
        # Looked up, not made: anybody may send any id, and the SDK has not judged it yet.
        downstream = self._downstreams.find(session_id)
        if downstream is None:
            yield
            return
        downstream.open_requests += 1
        try:
            yield
        finally:
            downstream.open_requests -= 1
            downstream.used_at = time.monotonic()
