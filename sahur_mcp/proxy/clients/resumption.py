"""Answers that an older client lost with its connection, and may fetch once more (SEP-1699, resumable streams).

The SDK gives one store to all sessions and names a stream by the id of its request alone: "1" is the first request of
every client. So each session gets a store of its own here, with events whose ids nobody else can guess; otherwise a
client could be sent what belongs to another one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from mcp.server.auth.middleware.bearer_auth import AuthorizationContext, authorization_context
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, EventCallback, EventMessage, EventStore
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import JSONRPCMessage
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

MAX_EVENTS = 500
KEEP_SECONDS = 60.0
"""So many messages of all sessions together are kept, each for so long: a client that lost its connection is soon back."""
MAX_CHARS = 32_000_000
"""In all of them: one result may have some millions, with pictures."""
RETRY_MILLISECONDS = 1000
MAX_SESSIONS_OF_ONE = 100
"""Of one caller: whoever opens more loses the one that he has not used for longest, and takes the place of nobody else."""


@dataclass(frozen=True)
class _Event:
    session: str
    stream: str
    message: JSONRPCMessage | None
    """None for the mark at the beginning of a stream, which is not sent again."""
    stored_at: float
    chars: int


class EventShelf:
    """The newest events of all sessions, oldest first."""

    def __init__(
        self,
        *,
        max_events: int = MAX_EVENTS,
        max_chars: int = MAX_CHARS,
        keep_seconds: float = KEEP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_events = max_events
        self._max_chars = max_chars
        self._chars = 0
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._events: OrderedDict[str, _Event] = OrderedDict()

    def __len__(self) -> int:
        return len(self._events)

    def put(self, session: str, stream: str, message: JSONRPCMessage | None) -> str:
        """Keep an event; gives its id."""
        event_id = uuid4().hex
        chars = _chars_in(message.model_dump()) if message is not None else 0
        self._events[event_id] = _Event(session, stream, message, self._clock(), chars)
        self._chars += chars
        horizon = self._clock() - self._keep_seconds
        while (
            len(self._events) > self._max_events
            or self._chars > self._max_chars
            or next(iter(self._events.values())).stored_at < horizon
        ):
            self._chars -= self._events.popitem(last=False)[1].chars
            if not self._events:
                break
        return event_id

    def after(self, session: str, event_id: str) -> tuple[str, list[tuple[str, JSONRPCMessage]]] | None:
        """The stream of an event of this session, and what came on it afterwards; None if there is no such event now."""
        known = self._events.get(event_id)
        if known is None or known.session != session:
            return None
        ids = list(self._events)
        later = ((each, self._events[each]) for each in ids[ids.index(event_id) + 1 :])
        found = [
            (each, event.message)
            for each, event in later
            if (event.session, event.stream) == (session, known.stream) and event.message is not None
        ]
        return known.stream, found


def _chars_in(value: Any) -> int:
    """Of all the strings in a message."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + _chars_in(inner) for key, inner in value.items())
    return sum(_chars_in(inner) for inner in value) if isinstance(value, list) else 0


class SessionEvents(EventStore):
    """The events of one session."""

    def __init__(self, shelf: EventShelf) -> None:
        self._shelf = shelf
        self._session = uuid4().hex

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        return self._shelf.put(self._session, stream_id, message)

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        found = self._shelf.after(self._session, last_event_id)
        if found is None:
            return None
        stream, events = found
        for event_id, message in events:
            await send_callback(EventMessage(message, event_id))
        return stream


class ResumableSessions(StreamableHTTPSessionManager):
    """The SDK's manager, with a store of its own for each session that it opens, and room for every caller.

    `on_dropped` ends what belongs to a session that was closed because its caller opened too many.
    """

    def __init__(self, app: Any, *, on_dropped: Callable[[str], Awaitable[None]], **options: Any) -> None:
        self._shelf = EventShelf()
        self._on_dropped = on_dropped
        super().__init__(app, retry_interval=RETRY_MILLISECONDS, **options)

    @property
    def event_store(self) -> EventStore | None:
        """Read by the SDK once for each new session."""
        return SessionEvents(self._shelf)

    @event_store.setter
    def event_store(self, store: EventStore | None) -> None:
        """Set by the SDK's constructor; ours are made as they are needed."""

    async def _handle_stateful_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = Headers(scope=scope).get(MCP_SESSION_ID_HEADER)
        if session_id is None:
            await self._make_room(authorization_context(scope["user"]))
        elif session_id in self._session_owners:
            # To the end of the row: the first ones are those that were not used for longest.
            self._session_owners[session_id] = self._session_owners.pop(session_id)
        await super()._handle_stateful_request(scope, receive, send)

    async def _make_room(self, newcomer: AuthorizationContext) -> None:
        """Close the sessions of this caller that it has not used for longest, if it has too many."""
        own = [each for each, owner in self._session_owners.items() if _caller_of(owner) == _caller_of(newcomer)]
        for session_id in own[: max(0, len(own) + 1 - MAX_SESSIONS_OF_ONE)]:
            transport = self._server_instances.get(session_id)
            if transport is not None:
                await self._discard_session(session_id, transport)
                await self._on_dropped(session_id)


def _caller_of(owner: AuthorizationContext) -> str:
    """Without the address, which is the last part of what `sahur_mcp.proxy.guard` makes of a caller."""
    return owner["client_id"].rpartition("|")[0]
