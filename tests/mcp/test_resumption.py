"""What a client lost with its connection it may fetch once more; nobody else may."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from mcp.server.streamable_http import EventMessage
from mcp.types import JSONRPCNotification, JSONRPCResponse

from sahur_mcp.proxy.clients.resumption import EventShelf, SessionEvents
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.mcp.conftest import Gateway, GatewayMaker


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


async def test_large_events_make_room_for_each_other() -> None:
    shelf = EventShelf(max_chars=1000)
    events = SessionEvents(shelf)
    for _ in range(5):
        await events.store_event("1", JSONRPCResponse(jsonrpc="2.0", id=1, result={"text": ["x" * 400]}))
    assert len(shelf) == 2


def test_whoever_opens_very_many_sessions_closes_his_own(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sahur_mcp.proxy.clients.resumption.MAX_SESSIONS_OF_ONE", 3)
    other = str(uuid4())
    theirs = _opened(gateway, gateway.token(run=other, sub=f"run:{other}"))
    mine = [_opened(gateway, gateway.token()) for _ in range(3)]
    assert _asked(gateway, gateway.token(), mine[0]) == 200
    mine.append(_opened(gateway, gateway.token()))
    assert [_asked(gateway, gateway.token(), session) for session in mine] == [200, 404, 200, 200]
    assert _asked(gateway, gateway.token(run=other, sub=f"run:{other}"), theirs) == 200


def _opened(gateway: Gateway, token: str) -> str:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a client", "version": "1"}}
    return _sent(gateway, token, "initialize", hello).headers["mcp-session-id"]


def _asked(gateway: Gateway, token: str, session: str) -> int:
    return _sent(gateway, token, "tools/list", {}, **{"Mcp-Session-Id": session}).status_code


def _sent(gateway: Gateway, token: str, method: str, params: dict[str, Any], **headers: str) -> httpx2.Response:
    bearer = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return httpx2.post(f"{gateway.url}/mcp", json=body, headers=bearer | headers, trust_env=False)


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
