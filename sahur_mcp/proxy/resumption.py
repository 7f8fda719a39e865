"""Answers that an older client lost with its connection, and may fetch once more (SEP-1699, resumable streams).

The SDK gives one store to all sessions and names a stream by the id of its request alone: "1" is the first request of
every client. So each session gets a store of its own here, with events whose ids nobody else can guess; otherwise a
client could be sent what belongs to another one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import JSONRPCMessage

MAX_EVENTS = 500
KEEP_SECONDS = 60.0
"""So many messages of all sessions together are kept, each for so long: a client that lost its connection is soon back."""
RETRY_MILLISECONDS = 1000


@dataclass(frozen=True)
class _Event:
    session: str
    stream: str
    message: JSONRPCMessage | None
    """None for the mark at the beginning of a stream, which is not sent again."""
    stored_at: float


class EventShelf:
    """The newest events of all sessions, oldest first."""

    def __init__(
        self, *, max_events: int = MAX_EVENTS, keep_seconds: float = KEEP_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_events = max_events
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._events: OrderedDict[str, _Event] = OrderedDict()

    def __len__(self) -> int:
        return len(self._events)

    def put(self, session: str, stream: str, message: JSONRPCMessage | None) -> str:
        """Keep an event; gives its id."""
        event_id = uuid4().hex
        self._events[event_id] = _Event(session, stream, message, self._clock())
        horizon = self._clock() - self._keep_seconds
        while len(self._events) > self._max_events or next(iter(self._events.values())).stored_at < horizon:
            self._events.popitem(last=False)
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
    """The SDK's manager, with a store of its own for each session that it opens."""

    def __init__(self, app: Any, **options: Any) -> None:
        self._shelf = EventShelf()
        super().__init__(app, retry_interval=RETRY_MILLISECONDS, **options)

    @property
    def event_store(self) -> EventStore | None:
        """Read by the SDK once for each new session."""
        return SessionEvents(self._shelf)

    @event_store.setter
    def event_store(self, store: EventStore | None) -> None:
        """Set by the SDK's constructor; ours are made as they are needed."""
