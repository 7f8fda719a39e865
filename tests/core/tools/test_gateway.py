"""The toolbox of an attempt: one broken connection costs one exchange, and nothing ever cancels the caller."""

from __future__ import annotations

import asyncio

import pytest

from sahur_core.errors import GatewayUnavailable, ToolError
from sahur_core.issues import ToolResultStatus
from sahur_core.tools import gateway as client
from sahur_core.tools.gateway import GatewayToolBox
from tests.core.tools.conftest import FlakyProxy
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway
from tests.services import free_port

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def open_toolbox(proxy: FlakyProxy, gateway: Gateway, **changes: object) -> GatewayToolBox:
    return GatewayToolBox(await proxy.start(), lambda: gateway.token(**changes), trace_id=TRACE)


async def echo(toolbox: GatewayToolBox, text: str) -> str:
    return (await toolbox.call("tickets__get_echo", {"text": text}, tool_call_id="c1")).text


async def test_tools_are_listed_with_our_judgment(gateway: Gateway, proxy: FlakyProxy) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    specs = {spec.name: spec.read_only for spec in await toolbox.list_tools()}
    assert (specs["code__locate"], specs["tickets__get_echo"], specs["tickets__create_ticket"]) == (True, True, False)


async def test_an_outcome_carries_text_json_and_receipt(gateway: Gateway, proxy: FlakyProxy) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    outcome = await toolbox.call("tickets__get_echo", {"text": "hello"}, tool_call_id="c1")
    assert (outcome.status, outcome.text, outcome.structured) == (ToolResultStatus.OK, "hello", {"said": "hello"})
    receipt = gateway.wait_for(lambda: gateway.internal.receipts.get(outcome.receipt_id))
    assert receipt["trace_id"] == TRACE


@pytest.mark.parametrize(
    ("tool", "status"),
    [
        ("tickets__get_nothing", "no_data"),
        ("tickets__get_error", "error"),
        ("tickets__create_ticket", "error"),
        ("tickets__delete_everything", "denied"),
        ("nowhere__x", "error"),
    ],
)
async def test_what_a_tool_or_a_policy_says_is_an_outcome(gateway: Gateway, proxy: FlakyProxy, tool: str, status: str) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    outcome = await toolbox.call(tool, {}, tool_call_id="c1")
    assert outcome.status == status
    assert outcome.receipt_id


async def test_a_read_over_a_dropped_connection_is_tried_again(gateway: Gateway, proxy: FlakyProxy) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    for kind in ("drop_requests", "drop_answers"):
        setattr(proxy, kind, 1)
        assert await echo(toolbox, "hello") == "hello"


async def test_a_connection_that_keeps_breaking_is_told_and_later_calls_work(gateway: Gateway, proxy: FlakyProxy) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    await toolbox.list_tools()
    proxy.drop_requests = 2
    with pytest.raises(GatewayUnavailable, match="sahur-mcp"):
        await echo(toolbox, "hello")
    assert await echo(toolbox, "again") == "again"
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_calls_side_by_side_do_not_suffer_from_each_other(gateway: Gateway, proxy: FlakyProxy) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    await toolbox.list_tools()
    proxy.drop_requests = 3
    texts = [str(number) for number in range(20)]
    answers = await asyncio.gather(*(echo(toolbox, text) for text in texts), return_exceptions=True)
    right = [answer for answer, text in zip(answers, texts, strict=True) if answer == text]
    assert len(right) >= 17
    assert all(isinstance(answer, str | GatewayUnavailable) for answer in answers)


async def test_a_change_is_never_made_twice(gateway: Gateway, proxy: FlakyProxy, foreign: ForeignServer) -> None:
    gateway.internal.grant = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
    toolbox = await open_toolbox(proxy, gateway)
    await toolbox.list_tools()
    proxy.drop_answers = 1
    with pytest.raises(ToolError, match="look before you repeat") as raised:
        await toolbox.call("tickets__create_ticket", {"text": "x"}, tool_call_id="c1")
    # Whoever gets that one waits for the gateway and calls again.
    assert not isinstance(raised.value, GatewayUnavailable)
    assert len(foreign.written) == 1


async def test_a_change_that_never_reached_the_gateway_may_be_tried_again() -> None:
    toolbox = GatewayToolBox(f"http://127.0.0.1:{free_port()}/mcp", lambda: "token")
    with pytest.raises(GatewayUnavailable, match="did not answer"):
        await toolbox.call("tickets__create_ticket", {"text": "x"}, tool_call_id="c1")


async def test_a_canceled_call_is_canceled_at_the_upstream(gateway: Gateway, proxy: FlakyProxy, foreign: ForeignServer) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    call = asyncio.create_task(toolbox.call("tickets__get_slow", {}, tool_call_id="c1"))
    await asyncio.to_thread(gateway.wait_for, lambda: foreign.started)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.to_thread(gateway.wait_for, lambda: foreign.canceled)
    await asyncio.to_thread(gateway.wait_for, lambda: gateway.internal.receipts)
    assert "gave up" in next(iter(gateway.internal.receipts.values()))["result"]


async def test_closing_ends_what_runs(gateway: Gateway, proxy: FlakyProxy, foreign: ForeignServer) -> None:
    toolbox = await open_toolbox(proxy, gateway)
    call = asyncio.create_task(toolbox.call("tickets__get_slow", {}, tool_call_id="c1"))
    await asyncio.to_thread(gateway.wait_for, lambda: foreign.started)
    await toolbox.close()
    with pytest.raises(GatewayUnavailable, match="ended"):
        await call
    with pytest.raises(GatewayUnavailable, match="closed"):
        await toolbox.list_tools()


async def test_a_call_without_an_answer_in_time_is_given_up(gateway: Gateway, proxy: FlakyProxy) -> None:
    toolbox = GatewayToolBox(await proxy.start(), gateway.token, call_seconds=0.3)
    with pytest.raises(GatewayUnavailable, match="in time"):
        await toolbox.call("tickets__get_slow", {}, tool_call_id="c1")


async def test_the_token_is_read_for_each_request(gateway: Gateway, proxy: FlakyProxy) -> None:
    tokens = [gateway.token(exp=1), gateway.token()]
    toolbox = GatewayToolBox(await proxy.start(), lambda: tokens[0])
    with pytest.raises(GatewayUnavailable, match="token"):
        await echo(toolbox, "hello")
    tokens.pop(0)
    assert await echo(toolbox, "hello") == "hello"


async def test_a_gateway_that_is_not_there_is_told_with_what_to_do(proxy: FlakyProxy) -> None:
    toolbox = GatewayToolBox(f"http://127.0.0.1:{free_port()}/mcp", lambda: "x")
    for attempt in (toolbox.list_tools(), toolbox.call("code__read", {}, tool_call_id="c1")):
        with pytest.raises(GatewayUnavailable) as caught:
            await attempt
        assert "sahur-mcp serve" in caught.value.next_step


async def test_toolboxes_of_one_loop_share_connections(gateway: Gateway, proxy: FlakyProxy) -> None:
    url = await proxy.start()
    for _ in range(5):
        toolbox = GatewayToolBox(url, gateway.token)
        await echo(toolbox, "hello")
        await toolbox.close()
    assert proxy.connections == 1
    assert client.shared_transport() is client.shared_transport()
