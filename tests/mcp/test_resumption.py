"""What a client lost with its connection it may fetch once more; nobody else may."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import httpx2
from mcp.server.streamable_http import EventMessage
from mcp.types import JSONRPCNotification

from sahur_mcp.proxy.resumption import EventShelf, SessionEvents
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.mcp.conftest import GatewayMaker


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


def test_a_client_that_lost_its_connection_fetches_the_answer(gateways: GatewayMaker) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serve(Everything().app()))
        gateway = gateways.start({"everything": {"url": f"{url}/mcp", "risk": {"*": "read"}}}, stack)
        gateway.wait_for_state("everything", "ready")
        headers = {"Authorization": f"Bearer {gateway.token()}", "Accept": "application/json, text/event-stream"}
        http = stack.enter_context(httpx2.Client(headers=headers, trust_env=False, timeout=30))
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a client", "version": "1"}}
        greeted = http.post(f"{gateway.url}/mcp", json={"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello})
        session = {"Mcp-Session-Id": greeted.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-11-25"}
        params = {"name": "everything__test_tool_with_progress", "arguments": {}}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        with http.stream("POST", f"{gateway.url}/mcp", json=call, headers=session) as cut:
            last = next(line.removeprefix("id: ") for line in cut.iter_lines() if line.startswith("id: "))
        with http.stream("GET", f"{gateway.url}/mcp", headers=session | {"Last-Event-ID": last}) as again:
            found = next(json.loads(line[6:]) for line in again.iter_lines() if line.startswith('data: {"jsonrpc"'))
        assert found["id"] == 1
        assert found["result"]["_meta"]["sahur/status"] == "ok"
