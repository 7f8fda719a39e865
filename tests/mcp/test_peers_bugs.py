"""What users of other gateways report as bugs does not happen here (the issues are named beside each promise)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import psutil
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sahur_mcp.proxy.upstreams import remote
from sahur_mcp.proxy.upstreams.breaker import Breaker
from tests.fakes.flaky_proxy import FlakyProxy
from tests.fakes.internal import serve
from tests.fakes.recorder import Recorder
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker
from tests.mcp.test_upstreams import STDIO, text_of

ECHO, SLOW = "tickets__get_echo", "tickets__get_slow"
MODERN, OLDER = "2026-07-28", "legacy"
full = pytest.mark.full


@pytest.fixture
def foreign() -> ForeignServer:
    return ForeignServer()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@asynccontextmanager
async def connected(gateway: Gateway, mode: str = MODERN) -> Any:
    async with (
        gateway.http(gateway.token(), {}) as http,
        Client(streamable_http_client(f"{gateway.url}/mcp", http_client=http), mode=mode, cache=None) as client,
    ):
        yield client


def before(gateways: GatewayMaker, stack: ExitStack, url: str, **rules: Any) -> Gateway:
    """A gateway before the upstream `tickets` at an address."""
    gateway = gateways.start({"tickets": {"url": f"{url}/mcp"} | rules}, stack)
    gateway.wait_for_state("tickets", "ready")
    return gateway


# --- Sessions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("era", ["app", pytest.param("older_app", marks=full)])
async def test_a_hundred_calls_take_one_session_and_few_connections(
    era: str, gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    """IBM/mcp-context-forge #1918, #6481, #950; fastmcp #3466, #1583: a session per call is slow."""
    seen = Recorder(getattr(foreign, era)())
    gateway = before(gateways, stack, stack.enter_context(serve(seen)))
    greetings = seen.methods["initialize"] + seen.methods["server/discover"]
    lists = seen.methods["tools/list"]
    async with connected(gateway) as client:
        for number in range(100):
            assert text_of(await client.call_tool(ECHO, {"text": str(number)})) == str(number)
    assert seen.methods["tools/call"] == 100
    assert seen.methods["initialize"] + seen.methods["server/discover"] == greetings <= 2
    assert seen.methods["tools/list"] == lists
    assert len(seen.connections) <= 5


@full
async def test_concurrent_callers_of_one_session_get_their_own_answers_and_progress(
    gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    """IBM #4205, #4283: a shared session leaks state between clients."""
    gateway = before(gateways, stack, stack.enter_context(serve(foreign.older_app())))

    async def use(number: int) -> None:
        seen: list[str | None] = []

        async def see(_done: float, _total: float | None, message: str | None) -> None:
            seen.append(message)

        async with connected(gateway) as client:
            for turn in range(5):
                words = f"{number}-{turn}"
                assert text_of(await client.call_tool(ECHO, {"text": words})) == words
            await client.call_tool("tickets__get_progress", {}, progress_callback=see)
        assert seen == ["step 1", "step 2", "step 3"]

    await asyncio.gather(*(use(number) for number in range(10)))


@full
async def test_a_session_that_the_upstream_forgot_costs_no_call(
    gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    """metamcp #294, mcp-proxy #241, docker/mcp-gateway #412: a stale session answers 404 for ever."""
    url = stack.enter_context(first := ExitStack()) and first.enter_context(serve(foreign.older_app()))
    gateway = before(gateways, stack, url)
    for _ in range(2):
        first.close()
        first.enter_context(serve(ForeignServer().older_app(), int(url.rpartition(":")[2])))
        assert text_of(await gateway.call(ECHO, {"text": "again"})) == "again"


@full
async def test_calls_that_are_given_up_harm_no_other(gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer) -> None:
    """IBM #3737, python-sdk #915, #1156: cancel scopes leak through a session pool and fail other calls."""
    seen = Recorder(foreign.app())
    gateway = before(gateways, stack, stack.enter_context(serve(seen)), concurrency=64)

    async def give_up(client: Client) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.call_tool(SLOW, {}), 0.3)

    async with connected(gateway) as hasty, connected(gateway) as calm:
        for _ in range(2):
            echoes = [calm.call_tool(ECHO, {"text": str(number)}) for number in range(15)]
            answers, _ = await asyncio.gather(asyncio.gather(*echoes), asyncio.gather(*(give_up(hasty) for _ in range(15))))
            assert [text_of(answer) for answer in answers] == [str(number) for number in range(15)]
    gateway.wait_for(lambda: foreign.canceled == foreign.started - 30)
    assert gateway.ready()["upstreams"]["tickets"]["breaker"] == "closed"
    assert seen.methods["initialize"] + seen.methods["server/discover"] == 1


@pytest.mark.parametrize("mode", [MODERN, pytest.param(OLDER, marks=full)])
async def test_a_client_that_vanishes_stops_its_call(
    mode: str, gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    gateway = before(gateways, stack, stack.enter_context(serve(foreign.app())))

    async def vanish() -> None:
        async with connected(gateway, mode) as client:
            await client.call_tool(SLOW, {})

    task = asyncio.create_task(vanish())
    await asyncio.to_thread(gateway.wait_for, lambda: foreign.started)
    task.cancel()
    await asyncio.to_thread(gateway.wait_for, lambda: foreign.canceled)


@full
async def test_no_client_and_no_crash_leaves_a_process_behind(gateways: GatewayMaker, stack: ExitStack) -> None:
    """metamcp #162 (2,018 processes), #324, mcp-proxy #237."""
    gateway = gateways.start({"local": STDIO}, stack)
    gateway.wait_for_state("local", "ready")
    usual = len(psutil.Process().children(recursive=True))
    for turn in range(3):
        for _ in range(5):
            assert text_of(await gateway.call("local__get_echo", {"text": str(turn)})) == str(turn)
        await gateway.call("local__get_death")
        await asyncio.to_thread(gateway.wait_for_state, "local", "ready")
    assert text_of(await gateway.call("local__get_echo", {"text": "x"})) == "x"
    gateway.wait_for(lambda: len(psutil.Process().children(recursive=True)) == usual)


# --- One upstream and the others --------------------------------------------------------------------------------------


async def test_a_full_upstream_is_called_busy(
    gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """metamcp #318: an exhausted pool is reported as an unknown tool."""
    monkeypatch.setattr(remote, "BUSY_SECONDS", 0.3)
    gateway = before(gateways, stack, stack.enter_context(serve(foreign.app())), concurrency=1)
    async with connected(gateway) as client:
        waiting = asyncio.create_task(client.call_tool(SLOW, {}))
        await asyncio.to_thread(gateway.wait_for, lambda: foreign.started)
        told = text_of(await gateway.call(ECHO, {"text": "x"}))
        waiting.cancel()
    assert "tickets is busy" in told
    assert "no tool" not in told


@pytest.mark.parametrize(
    "other",
    [
        {"url": "http://127.0.0.1:9/mcp"},
        pytest.param({"command": "no-such-command"}, marks=full),
        pytest.param({"command": 3, "url": 4}, marks=full),
    ],
)
async def test_one_dead_upstream_takes_nothing_down(
    other: dict[str, Any], gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    """agentgateway #138, #962, #1266."""
    url = stack.enter_context(serve(foreign.app()))
    gateway = gateways.start({"dead": other, "tickets": {"url": f"{url}/mcp"}}, stack)
    gateway.wait_for_state("tickets", "ready")
    assert gateway.ready()["status"] == "ready"
    assert ECHO in await gateway.list_tools()
    assert text_of(await gateway.call(ECHO, {"text": "alive"})) == "alive"


async def test_names_stay_when_an_upstream_is_added(gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer) -> None:
    """agentgateway #495: the prefix appears with the second server."""
    url = stack.enter_context(serve(foreign.app()))
    one = before(gateways, stack, url)
    alone = {name for name in await one.list_tools() if name.startswith("tickets")}
    two = gateways.start(
        {"tickets": {"url": f"{url}/mcp"}, "more": {"url": f"{url}/mcp"}}, stack, SAHUR_MCP_SPOOL_DIR=str(one.spool)
    )
    two.wait_for_state("tickets", "ready")
    assert {name for name in await two.list_tools() if name.startswith("tickets")} == alone != set()


async def test_errors_of_a_tool_are_no_errors_of_the_upstream(
    gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    """NousResearch/hermes-agent #11113: the breaker trips on isError."""
    gateway = before(gateways, stack, stack.enter_context(serve(foreign.app())))
    for _ in range(12):
        assert text_of(await gateway.call("tickets__get_error")) == "no such thing"
    assert gateway.ready()["upstreams"]["tickets"]["breaker"] == "closed"


@full
async def test_the_breaker_opens_tries_again_and_closes(
    gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IBM #301, agentic-community/mcp-gateway-registry #1668."""
    monkeypatch.setattr(remote, "Breaker", partial(Breaker, rest_seconds=0.5))
    gateway = before(gateways, stack, stack.enter_context(serve(foreign.app())), timeout=0.2)
    for _ in range(5):
        assert "did not answer" in text_of(await gateway.call(SLOW))
    assert "left alone" in text_of(await gateway.call(ECHO, {"text": "x"}))
    gateway.wait_for(lambda: gateway.ready()["upstreams"]["tickets"]["breaker"] == "half_open")
    assert text_of(await gateway.call(ECHO, {"text": "back"})) == "back"
    assert gateway.ready()["upstreams"]["tickets"]["breaker"] == "closed"


async def test_a_server_that_answers_no_get_is_healthy(gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer) -> None:
    """affaan-m/ECC #1249: a health probe by GET takes a working server for a dead one."""
    seen = Recorder(foreign.older_app(), refused=("GET", "DELETE"))
    gateway = before(gateways, stack, stack.enter_context(serve(seen)))
    assert text_of(await gateway.call(ECHO, {"text": "hello"})) == "hello"


async def test_each_upstream_has_its_own_time(gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer) -> None:
    """IBM #855, #4498: time-outs are hard-coded."""
    url = f"{stack.enter_context(serve(foreign.app()))}/mcp"
    gateway = gateways.start({"hasty": {"url": url, "timeout": 0.3}, "patient": {"url": url, "timeout": 30}}, stack)
    gateway.wait_for_state("hasty", "ready")
    gateway.wait_for_state("patient", "ready")
    async with connected(gateway) as client:
        patient = asyncio.create_task(client.call_tool("patient__get_slow", {}))
        assert "in 0.3 s" in text_of(await client.call_tool("hasty__get_slow", {}))
        assert not patient.done()
        patient.cancel()


# --- Replicas, credentials, state -------------------------------------------------------------------------------------


async def test_any_replica_takes_any_request(gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer) -> None:
    """mcp-gateway-registry #960, TheLunarCompany/lunar #55: "Session not found" behind a load balancer."""
    url = stack.enter_context(serve(foreign.app()))
    one = before(gateways, stack, url)
    two = gateways.start({"tickets": {"url": f"{url}/mcp"}}, stack, SAHUR_MCP_SPOOL_DIR=str(one.spool.with_name("second")))
    two.wait_for_state("tickets", "ready")
    token = one.token()
    for replica in (one, two, one, two):
        assert text_of(await replica.call(ECHO, {"text": "any"}, token=token)) == "any"
    unknown = {"Mcp-Session-Id": "of-another-replica", "MCP-Protocol-Version": "2025-11-25"}
    assert two.post(token, **unknown).status_code == 404, "an older client must learn that it has to start anew"


def test_a_session_serves_nobody_but_who_opened_it(gateway: Gateway) -> None:
    """IBM #4205, #4283 again: whoever learns the id of a session is not its owner."""
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a client", "version": "1"}}
    accept = {"Accept": "application/json, text/event-stream"}
    owner = gateway.token()
    with httpx2.Client(base_url=gateway.url, headers=accept, trust_env=False) as http:

        def send(token: str, method: str, **headers: str) -> httpx2.Response:
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": hello if method == "initialize" else {}}
            return http.post("/mcp", json=body, headers={"Authorization": f"Bearer {token}"} | headers)

        session = {"Mcp-Session-Id": send(owner, "initialize").headers["mcp-session-id"]}
        stranger = gateway.token(team=8, run=str(uuid4()), sub=None)
        assert send(owner, "tools/list", **session).status_code == 200
        assert send(stranger, "tools/list", **session).status_code in (401, 403, 404)


async def test_the_callers_token_stays_here(gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer) -> None:
    """envoyproxy/envoy #46818: the bearer token is sent to all backends."""
    seen = Recorder(foreign.older_app())
    gateway = before(gateways, stack, stack.enter_context(serve(seen)))
    token = gateway.token()
    for mode in (MODERN, OLDER):
        await gateway.list_tools(token, mode)
    await gateway.call(ECHO, {"text": "x"}, token=token)
    assert len(seen.wire) >= 3
    assert [line for line in seen.wire if token in line or "authorization" in line.lower()] == []


@full
def test_no_database_is_within_reach_of_a_call() -> None:
    """IBM #2529: a database session is held while an upstream works. The gateway has none."""
    code = "import sahur_mcp.app, sys; print(sorted({'django', 'psycopg', 'sqlalchemy', 'sqlite3', 'redis'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# --- Connections that break -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("era", [pytest.param("app", marks=full), "older_app"])
async def test_a_connection_dropped_before_its_answer_is_made_up_for(
    era: str, gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    """python-sdk #3522: it ends the session, and with it the calls of everybody else."""
    url = stack.enter_context(serve(getattr(foreign, era)()))
    proxy = FlakyProxy(int(url.rpartition(":")[2]))
    gateway = before(gateways, stack, stack.enter_context(proxy.running()))
    for _ in range(3):
        proxy.drop('"unlucky"')
        words = [*(f"lucky {number}" for number in range(8)), "unlucky"]
        answers = await asyncio.gather(*(gateway.call(ECHO, {"text": each}) for each in words))
        assert [text_of(answer) for answer in answers] == words
    assert proxy.dropped == 3
    proxy.hang_up()
    assert text_of(await gateway.call(ECHO, {"text": "after all were cut"})) == "after all were cut"


@full
async def test_a_reader_that_stops_reading_holds_up_nobody(
    gateways: GatewayMaker, stack: ExitStack, foreign: ForeignServer
) -> None:
    gateway = before(gateways, stack, stack.enter_context(serve(foreign.app())))
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    params = {"name": "tickets__get_huge", "arguments": {}, "_meta": meta}
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": MODERN,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "tickets__get_huge",
    }
    async with gateway.http(gateway.token(), headers) as http:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        requests = [http.build_request("POST", f"{gateway.url}/mcp", json=body) for _ in range(20)]
        idle: list[httpx2.Response] = await asyncio.gather(*(http.send(request, stream=True) for request in requests))
        assert {response.status_code for response in idle} == {200}
        for number in range(10):
            assert text_of(await gateway.call(ECHO, {"text": str(number)})) == str(number)
        for response in idle:
            await response.aclose()
