"""The configuration of a running gateway: read again when its file changes, without harm to any call."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from mcp.shared.subscriptions import ResourceUpdated, ToolsListChanged

from sahur_mcp.config import BrokenUpstream, Config, UpstreamConfig, UpstreamRules, load_config
from sahur_mcp.proxy import reload
from sahur_mcp.proxy.reload import ConfigWatch
from sahur_mcp.proxy.upstreams.fleet import Fleet
from sahur_mcp.proxy.upstreams.remote import RemoteUpstream
from tests.fakes.everything.reading import WATCHED
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker
from tests.mcp.test_upstreams import STDIO, status_of, text_of
from tests.services import free_port

DEAD = UpstreamConfig(url="http://127.0.0.1:9/mcp", secrets=("credential-of-the-dead",))


@pytest.fixture
def foreign() -> ForeignServer:
    return ForeignServer()


@pytest.fixture
def address(foreign: ForeignServer) -> Iterator[str]:
    with serve(foreign.app()) as url:
        yield f"{url}/mcp"


def children() -> set[int]:
    """The fake servers that run below this process, with their guardians."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "upstream.py" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
    return found


async def test_fifty_calls_that_run_are_finished_by_the_upstream_that_leaves(
    gateways: GatewayMaker, foreign: ForeignServer, address: str
) -> None:
    entry = {"url": address, "concurrency": 64, "risk": {"create_ticket": "read"}}
    gateway = gateways.start({"tickets": entry})
    gateway.wait_for_state("tickets", "ready")
    foreign.is_holding = True
    calls = [asyncio.create_task(gateway.call("tickets__create_ticket", {"text": "slow"})) for _ in range(50)]
    await asyncio.to_thread(gateway.wait_for, lambda: foreign.started == 50)
    gateways.write({})
    await asyncio.to_thread(gateway.wait_for, lambda: "tickets" not in gateway.ready()["upstreams"])
    assert foreign.written == []
    foreign.is_holding = False
    assert [status_of(result) for result in await asyncio.gather(*calls)] == ["ok"] * 50


async def test_calls_that_never_cease_meet_no_gap(gateways: GatewayMaker, address: str) -> None:
    gateway = gateways.start({"tickets": {"url": address}, "local": STDIO})
    gateway.wait_for_state("local", "ready")
    gateway.wait_for_state("tickets", "ready")
    before, numbers, told = children(), count(), []

    async def call_on() -> None:
        """Until nothing is left of the upstreams before."""
        while await asyncio.to_thread(lambda: children() & before):
            number = next(numbers)
            result = await gateway.call(f"{('tickets', 'local')[number % 2]}__get_echo", {"text": f"call {number}"})
            told.append((text_of(result), f"call {number}"))

    gateways.write({"tickets": {"url": address, "timeout": 20}, "local": STDIO | {"timeout": 20}})
    await asyncio.gather(*(call_on() for _ in range(5)))
    assert len(told) > 10
    assert [pair for pair in told if pair[0] != pair[1]] == []


async def test_what_did_not_change_keeps_its_session_and_what_is_gone_leaves_nothing(gateways: GatewayMaker) -> None:
    gateway = gateways.start({"stays": STDIO})
    gateway.wait_for_state("stays", "ready")
    first = children()
    gateways.write({"stays": STDIO, "goes": STDIO})
    await asyncio.to_thread(gateway.wait_for_state, "goes", "ready")
    second = children()
    assert first < second
    gateways.write({"stays": STDIO})
    await asyncio.to_thread(gateway.wait_for, lambda: children() == first)
    assert set(gateway.ready()["upstreams"]) >= {"stays"}
    assert status_of(await gateway.call("stays__get_echo", {"text": "still here"})) == "ok"


async def test_new_rules_hold_for_the_next_call(gateways: GatewayMaker, address: str) -> None:
    gateway = gateways.start({"tickets": {"url": address}})
    gateway.wait_for_state("tickets", "ready")
    loaded = gateway.ready()["configuration"]
    gateways.write({"tickets": {"url": address, "tools": {"deny": ["get_echo"]}}})
    gateway.wait_for(lambda: gateway.ready()["configuration"] != loaded)
    assert "tickets__get_echo" not in await gateway.list_tools()
    assert status_of(await gateway.call("tickets__get_echo", {"text": "x"})) == "denied"


async def test_a_broken_file_changes_nothing_and_is_named_until_it_is_mended(gateways: GatewayMaker, address: str) -> None:
    gateway = gateways.start({"tickets": {"url": address}})
    gateway.wait_for_state("tickets", "ready")
    assert gateway.ready()["configuration"]["problem"] == ""
    gateways.file.write_text('{"mcpServers": {')
    problem = gateway.wait_for(lambda: gateway.ready()["configuration"]["problem"])
    assert "mcp.json cannot be used" in problem
    assert status_of(await gateway.call("tickets__get_echo", {"text": "as before"})) == "ok"
    gateways.write({})
    gateway.wait_for(lambda: not gateway.ready()["configuration"]["problem"])
    assert "tickets" not in gateway.ready()["upstreams"]


def test_one_unusable_entry_more_harms_no_other(gateways: GatewayMaker, address: str) -> None:
    gateway = gateways.start({"tickets": {"url": address}})
    gateways.write({"tickets": {"url": address}, "wrong": {}, "off": {"disabled": True}})
    assert "command" in gateway.wait_for(lambda: gateway.ready()["upstreams"].get("wrong"))["problem"]
    states = gateway.ready()["upstreams"]
    assert [states[name]["state"] for name in ("wrong", "off")] == ["misconfigured", "disabled"]
    gateway.wait_for_state("tickets", "ready")


def test_a_signal_reloads_with_secrets_from_their_files(
    gateways: GatewayMaker, foreign: ForeignServer, address: str, tmp_path: Path
) -> None:
    secret, port = tmp_path / "secret", free_port()
    secret.write_text("the-first-secret")
    gateways.write({"tickets": {"url": address, "headers": {"Authorization": "Bearer ${KEY}"}}})
    environment = os.environ | gateways.environment(KEY_FILE=str(secret))
    process = subprocess.Popen([sys.executable, "-m", "sahur_mcp", "serve", "--port", str(port)], env=environment)
    try:
        gateway = Gateway(f"http://127.0.0.1:{port}", gateways.internal, gateways.keys, tmp_path / "spool")
        gateway.wait_for(lambda: answers(gateway) and gateway.wait_for_state("tickets", "ready"))
        secret.write_text("the-second-secret")
        process.send_signal(signal.SIGHUP)

        def sent() -> bool:
            result = asyncio.run(gateway.call("tickets__get_echo", {"text": "hello"}))
            return status_of(result) == "ok" and foreign.headers[-1]["authorization"] == "Bearer the-second-secret"

        gateway.wait_for(sent)
    finally:
        process.terminate()
        assert process.wait(30) in (0, -signal.SIGTERM)


def answers(gateway: Gateway) -> bool:
    with suppress(httpx2.HTTPError):
        return bool(gateway.ready())
    return False


@pytest.mark.parametrize("error", [OSError(28, "inotify watch limit reached"), RuntimeError("no watching here")])
async def test_a_folder_that_cannot_be_watched_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(reload, "awatch", refuse)
    file, applied = tmp_path / "mcp.json", asyncio.Event()
    file.write_text('{"mcpServers": {}}')

    async def apply(_config: Config) -> None:
        applied.set()

    watch = ConfigWatch(file, lambda: load_config({"SAHUR_MCP_CONFIG": str(file)}), apply, poll_seconds=0.02)
    await watch.start()
    file.write_text('{"mcpServers": {"off": {"disabled": true}}}')
    await applied.wait()
    await watch.stop()


async def test_clients_hear_of_the_exchange_and_keep_their_subscriptions(gateways: GatewayMaker) -> None:
    with serve(Everything().app()) as url, serve(Everything().app()) as other_url:
        gateway = gateways.start({"every": {"url": f"{url}/mcp", "risk": {"*": "read"}}})
        gateway.wait_for_state("every", "ready")
        loaded, wanted = gateway.ready()["configuration"], [f"every+{WATCHED}"]
        async with gateway.connected() as client, client.listen(tools_list_changed=True, resource_subscriptions=wanted) as stream:
            gateways.write({"every": {"url": f"{other_url}/mcp", "risk": {"*": "read"}}})
            await asyncio.to_thread(gateway.wait_for, lambda: gateway.ready()["configuration"] != loaded)
            await client.call_tool("every__test_trigger_resource_update")
            events = [await asyncio.wait_for(anext(stream), 20)]
            while not isinstance(events[-1], ResourceUpdated):
                events.append(await asyncio.wait_for(anext(stream), 20))
    assert events[-1].uri == f"every+{WATCHED}"
    assert any(isinstance(event, ToolsListChanged) for event in events)


async def test_whoever_lists_is_told_the_names_that_changed() -> None:
    told: list[set[str]] = []
    fleet = Fleet([], {"a": DEAD, "b": DEAD}, RemoteUpstream, linger_seconds=0)
    fleet.on_change = lambda names: told.append({*names, f"{len(fleet.upstreams)} now"})
    await fleet.start()
    await fleet.apply({"a": DEAD, "b": DEAD})
    await fleet.apply({"a": DEAD, "c": BrokenUpstream(problem="It is empty.")})
    await fleet.stop()
    assert told == [{"b", "1 now"}, {"c", "2 now"}]


async def test_the_secrets_of_an_upstream_that_leaves_are_still_taken_out_of_its_last_results() -> None:
    fleet = Fleet([], {"a": DEAD}, RemoteUpstream, linger_seconds=60)
    await fleet.start()
    await fleet.apply({})
    assert (list(fleet.upstreams), fleet.secrets) == ([], ["credential-of-the-dead"])
    await fleet.stop()
    assert fleet.secrets == []


async def test_an_upstream_that_hangs_is_stopped_when_its_requests_have_had_their_time(foreign: ForeignServer) -> None:
    rules = UpstreamRules(timeout_seconds=0.1)
    fleet = Fleet([], {"a": DEAD.model_copy(update={"rules": rules})}, RemoteUpstream, linger_seconds=0)
    await fleet.start()
    upstream = fleet.upstreams["a"]
    assert isinstance(upstream, RemoteUpstream)
    upstream.under_way = 1
    await fleet.apply({})
    while fleet.secrets:
        await asyncio.sleep(0.01)
    await fleet.stop()


def test_an_entry_named_like_a_server_of_our_own_takes_nothing_from_it(gateways: GatewayMaker) -> None:
    upstreams = gateways.start({"code": {"command": "anything"}}).ready()["upstreams"]
    assert (upstreams["code"]["state"], upstreams["code (entry)"]["state"]) == ("ready", "misconfigured")
    assert "Rename the entry" in upstreams["code (entry)"]["problem"]
