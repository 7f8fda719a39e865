"""What a client lost with its connection it may fetch once more; nobody else may."""

from __future__ import annotations

from typing import Any

from mcp.server.streamable_http import EventMessage
from mcp.types import JSONRPCNotification

from sahur_mcp.proxy.resumption import EventShelf, SessionEvents


def message(name: str) -> Any:
    return JSONRPCNotification(jsonrpc="2.0", method=name)


async def replayed(events: SessionEvents, last: str) -> tuple[str | None, list[str]]:
    sent: list[str] = []

    async def send(event: EventMessage) -> None:
        sent.append(event.message.method)  # type: ignore[union-attr]

    return await events.replay_events_after(last, send), sent


async def test_what_came_after_the_last_event_of_its_stream_is_sent_again() -> None:
    events = SessionEvents(EventShelf())
    begin = await events.store_event("1", None)
    await events.store_event("1", message("one"))
    await events.store_event("2", message("of another request"))
    middle = await events.store_event("1", message("two"))
    await events.store_event("1", message("three"))
    assert await replayed(events, begin) == ("1", ["one", "two", "three"])
    assert await replayed(events, middle) == ("1", ["three"])


async def test_events_of_another_session_are_unknown_even_on_a_stream_of_the_same_name() -> None:
    shelf = EventShelf()
    mine, theirs = SessionEvents(shelf), SessionEvents(shelf)
    last = await theirs.store_event("1", None)
    await theirs.store_event("1", message("not for me"))
    own = await mine.store_event("1", None)
    assert await replayed(mine, last) == (None, [])
    assert await replayed(mine, own) == ("1", [])


async def test_only_the_newest_events_are_kept_and_none_for_long() -> None:
    now = 0.0
    shelf = EventShelf(max_events=3, keep_seconds=10, clock=lambda: now)
    events = SessionEvents(shelf)
    first = await events.store_event("1", None)
    for number in range(3):
        await events.store_event("1", message(str(number)))
    assert len(shelf) == 3
    assert await replayed(events, first) == (None, [])
    now = 11.0
    await events.store_event("1", message("late"))
    assert len(shelf) == 1
