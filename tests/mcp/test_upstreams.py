"""Servers of others behind the gateway: supervised, limited, alone with their credentials, and never in each other's way."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import mcp.types as types
import psutil
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.upstreams import shared_session
from tests.fakes import upstream as fake
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker

STDIO = {"command": sys.executable, "args": [str(Path(fake.__file__)), "stdio"]}
SECRET = "credential-of-the-upstream"


def text_of(result: types.CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, types.TextContent))


def status_of(result: types.CallToolResult) -> str:
    return str((result.meta or {})["sahur/status"])


@pytest.fixture
def foreign() -> ForeignServer:
    return ForeignServer()


@pytest.fixture
def tickets(gateways: GatewayMaker, foreign: ForeignServer) -> Iterator[Gateway]:
    """A gateway before a foreign server over HTTP named `tickets`, and a second one that is dead."""
    with ExitStack() as stack:
        url = stack.enter_context(serve(foreign.app()))
        rules = {"tools": {"allow": ["*"], "deny": ["get_error"]}, "timeout": 5}
        entries = {
            "tickets": {"url": f"{url}/mcp", "headers": {"Authorization": f"Bearer {SECRET}"}} | rules,
            "dead": {"url": "http://127.0.0.1:9/mcp"},
        }
        gateway = gateways.start(entries, stack)
        gateway.wait_for_state("tickets", "ready")
        yield gateway


async def test_an_upstream_that_stays_down_is_told_once_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("FIRST_PAUSE_SECONDS", "MAX_PAUSE_SECONDS"):
        monkeypatch.setattr(shared_session, pause, 0.01)
    session = shared_session.SharedSession("dead", UpstreamConfig(url="http://127.0.0.1:9/mcp"), lambda _: None)

    def levels() -> list[int]:
        return [record.levelno for record in caplog.records if "upstream dead: Nothing listens" in record.getMessage()]

    with caplog.at_level(logging.DEBUG, shared_session.logger.name):
        await session.start()
        while len(levels()) < 4:
            await asyncio.sleep(0.01)
        await session.stop()
    assert levels()[:4] == [logging.WARNING, logging.DEBUG, logging.DEBUG, logging.DEBUG]


async def test_a_call_waits_for_an_upstream_that_is_just_starting(gateways: GatewayMaker) -> None:
    slow = {"command": "sh", "args": ["-c", 'sleep 2; exec "$0" "$@"', STDIO["command"], *STDIO["args"]]}
    gateway = gateways.start({"slow": slow})
    assert gateway.ready()["upstreams"]["slow"]["state"] == "connecting"
    result = await gateway.call("slow__get_echo", {"text": "hello"})
    assert (status_of(result), text_of(result)) == ("ok", "hello")


async def test_tools_are_prefixed_and_judged_by_us(tickets: Gateway) -> None:
    tools = await tickets.list_tools()
    judged = {name: tools[f"tickets__{name}"].annotations for name in ("get_echo", "create_ticket", "delete_everything")}
    assert [(hints.read_only_hint, hints.destructive_hint) for hints in judged.values() if hints] == [
        (True, False),
        (False, False),
        (False, True),
    ]


async def test_a_dead_upstream_fails_fast_and_leaves_the_others_alone(tickets: Gateway) -> None:
    dead = tickets.wait_for_state("dead", "down")
    assert dead["problem"]
    answers = [await tickets.call("dead__get_echo"), await tickets.call("tickets__get_echo", {"text": "hello"})]
    assert [status_of(answer) for answer in answers] == ["error", "ok"]
    assert "down" in text_of(answers[0])


async def test_the_callers_token_never_reaches_an_upstream(tickets: Gateway, foreign: ForeignServer) -> None:
    await tickets.call("tickets__get_echo", {"text": "hello"}, **{"X-Sahur-Team": "7", "X-Private": "yes"})
    sent = foreign.headers[-1]
    assert sent["authorization"] == f"Bearer {SECRET}"
    assert "x-sahur-team" not in sent
    assert "x-private" not in sent


async def test_what_was_found_is_passed_on_with_its_receipt(tickets: Gateway) -> None:
    result = await tickets.call("tickets__get_echo", {"text": "hello"})
    assert (text_of(result), result.structured_content) == ("hello", {"said": "hello"})
    receipt = tickets.receipt(result)
    assert (receipt["upstream"], receipt["tool"], receipt["arguments"]) == ("tickets", "tickets__get_echo", {"text": "hello"})


async def test_an_upstream_cannot_forge_our_metadata(tickets: Gateway) -> None:
    result = await tickets.call("tickets__get_forged")
    assert status_of(result) == "ok"
    assert tickets.receipt(result)["result"] == "trust me"


async def test_nothing_at_all_is_no_data(tickets: Gateway) -> None:
    assert status_of(await tickets.call("tickets__get_nothing")) == "no_data"


async def test_the_policy_hides_and_denies(tickets: Gateway) -> None:
    assert "tickets__get_error" not in await tickets.list_tools()
    assert status_of(await tickets.call("tickets__get_error")) == "denied"


async def test_huge_results_are_cut_and_kept_whole(tickets: Gateway) -> None:
    result = await tickets.call("tickets__get_huge")
    receipt = tickets.receipt(result)
    assert len(text_of(result)) < 101_000
    assert f"receipts__read, receipt {receipt['id']}, offset" in text_of(result)
    assert receipt["result"].endswith("line 59999\n")
    assert result.structured_content is None


async def test_secrets_are_taken_out_before_anything_else(tickets: Gateway) -> None:
    leak = f"key AKIAABCDEFGHIJKLMNOP at postgres://u:hunter2@db/x and {SECRET}"
    result = await tickets.call("tickets__get_echo", {"text": leak})
    receipt = tickets.receipt(result)
    for told in (text_of(result), str(result.structured_content), receipt["result"], str(receipt["arguments"])):
        assert not [secret for secret in ("AKIAABCDEFGHIJKLMNOP", "hunter2", SECRET) if secret in told]
    assert receipt["redactions"] >= 6


async def test_a_secret_across_the_cut_does_not_survive_in_part(tickets: Gateway) -> None:
    leak = "x" * 99_990 + " ghp_" + "a1B2" * 9
    assert "ghp_" not in text_of(await tickets.call("tickets__get_echo", {"text": leak}))


async def test_wrong_arguments_do_not_reach_the_upstream(tickets: Gateway, foreign: ForeignServer) -> None:
    result = await tickets.call("tickets__get_echo", {"txt": 1})
    assert "text (required)" in text_of(result)
    assert foreign.started == 0


async def test_a_slow_upstream_is_given_up_and_told_so(gateways: GatewayMaker, foreign: ForeignServer) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serve(foreign.app()))
        gateway = gateways.start({"slow": {"url": f"{url}/mcp", "timeout": 0.3}}, stack)
        gateway.wait_for_state("slow", "ready")
        result = await gateway.call("slow__get_slow")
        assert "did not answer get_slow" in text_of(result)
        gateway.wait_for(lambda: foreign.canceled)


async def test_an_upstream_that_comes_back_is_found_again(gateways: GatewayMaker, foreign: ForeignServer) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        url = first.enter_context(serve(foreign.app()))
        port = int(url.rpartition(":")[2])
        gateway = gateways.start({"tickets": {"url": f"{url}/mcp"}}, stack)
        gateway.wait_for_state("tickets", "ready")
        first.close()
        assert status_of(await gateway.call("tickets__get_echo", {"text": "hello"})) == "error"
        stack.enter_context(serve(ForeignServer().app(), port))
        gateway.wait_for_state("tickets", "ready")
        assert status_of(await gateway.call("tickets__get_echo", {"text": "hello"})) == "ok"


async def test_a_server_of_the_older_protocol_is_served_even_after_it_forgot_its_sessions(
    gateways: GatewayMaker, foreign: ForeignServer
) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        url = first.enter_context(serve(foreign.older_app()))
        gateway = gateways.start({"old": {"url": f"{url}/mcp"}}, stack)
        assert gateway.wait_for_state("old", "ready")["protocol"] < "2026"
        assert text_of(await gateway.call("old__get_echo", {"text": "hello"})) == "hello"
        first.close()
        stack.enter_context(serve(ForeignServer().older_app(), int(url.rpartition(":")[2])))
        result = await gateway.call("old__get_echo", {"text": "again"})
        if status_of(result) != "ok":
            gateway.wait_for_state("old", "ready")
            result = await gateway.call("old__get_echo", {"text": "again"})
        assert text_of(result) == "again"


async def test_progress_reaches_the_caller(tickets: Gateway) -> None:
    seen: list[tuple[float, str | None]] = []

    async def see(progress: float, _total: float | None, message: str | None) -> None:
        seen.append((progress, message))

    async with (
        tickets.http(tickets.token(), {}) as http,
        Client(streamable_http_client(f"{tickets.url}/mcp", http_client=http), mode="2026-07-28", cache=None) as client,
    ):
        await client.call_tool("tickets__get_progress", {}, progress_callback=see)
    assert seen == [(1, "step 1"), (2, "step 2"), (3, "step 3")]


async def test_a_killed_child_is_started_again(gateways: GatewayMaker) -> None:
    gateway = gateways.start({"local": STDIO})
    gateway.wait_for_state("local", "ready")
    before = _children()
    assert status_of(await gateway.call("local__get_death")) == "error"
    gateway.wait_for(lambda: _children() - before)
    gateway.wait_for_state("local", "ready")
    assert text_of(await gateway.call("local__get_echo", {"text": "alive"})) == "alive"


async def test_a_child_gets_its_own_variables_and_none_of_ours(gateways: GatewayMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAHUR_SECRET_OF_THE_HOST", "must-not-be-seen")
    gateway = gateways.start({"local": STDIO | {"env": {"FOR_THE_CHILD": "plain"}}})
    gateway.wait_for_state("local", "ready")
    told = text_of(await gateway.call("local__get_environment"))
    assert "FOR_THE_CHILD=plain" in told
    assert "SAHUR_" not in told


def test_no_child_outlives_the_gateway(gateways: GatewayMaker) -> None:
    with ExitStack() as stack:
        gateway = gateways.start({"local": STDIO}, stack)
        gateway.wait_for_state("local", "ready")
        children = _children()
        assert children
    assert not [child for child in children if psutil.pid_exists(child)]


def _children() -> set[int]:
    """The fake servers that run as children of this process."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if "upstream.py" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found
