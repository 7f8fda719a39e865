"""Everything of the protocol beside tools passes through the gateway, by the names of the common address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import mcp.types as types
import pytest
from mcp import MCPError
from mcp.server import Server
from starlette.applications import Starlette

from sahur_mcp.proxy.relay import PAGE_ITEMS
from tests.fakes.everything.reading import WATCHED
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.mcp.conftest import Gateway, GatewayMaker

MODERN, OLDER = "2026-07-28", "legacy"
BOTH = pytest.mark.parametrize("mode", [MODERN, OLDER])
READ_ALL = {"risk": {"*": "read"}}
pytestmark = pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")


@pytest.fixture(scope="module")
def gateway(shared_gateways: GatewayMaker) -> Gateway:
    """The same server three times: all clients on one session, each on its own, and with reading denied."""
    url = shared_gateways.stack.enter_context(serve(Everything().app()))
    entry = {"url": f"{url}/mcp"} | READ_ALL
    closed = entry | {"tools": {"deny": ["read_resource", "get_prompt"]}}
    gateway = shared_gateways.start({"every": entry, "own": entry | {"session": "client"}, "closed": closed})
    for name in ("every", "own", "closed"):
        gateway.wait_for_state(name, "ready")
    return gateway


def _many_tools(number: int) -> Starlette:
    """A server with so many tools, that are all alike."""
    tools = [types.Tool(name=f"get_{index}", input_schema={"type": "object"}) for index in range(number)]

    async def listed(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools)

    return Server("many", on_list_tools=listed).streamable_http_app(stateless_http=True)


async def soon(probe: Callable[[], Any]) -> None:
    for _ in range(500):
        if probe():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


@BOTH
async def test_resources_bear_the_name_of_their_upstream(gateway: Gateway, mode: str) -> None:
    async with gateway.connected(mode) as client:
        listed = [each.uri for each in (await client.list_resources()).resources]
        templates = [each.uri_template for each in (await client.list_resource_templates()).resource_templates]
        read = await client.read_resource("every+test://static-text")
    assert "every+test://static-text" in listed
    assert "every+test://template/{id}/data" in templates
    assert [each.uri for each in read.contents] == ["every+test://static-text"]


@BOTH
async def test_a_resource_of_a_template_and_a_binary_one_are_read(gateway: Gateway, mode: str) -> None:
    async with gateway.connected(mode) as client:
        made = await client.read_resource("every+test://template/7/data")
        binary = await client.read_resource("every+test://static-binary")
    assert '"7"' in made.contents[0].text  # type: ignore[union-attr]
    assert isinstance(binary.contents[0], types.BlobResourceContents)


@BOTH
async def test_what_does_not_exist_is_an_error_of_the_protocol(gateway: Gateway, mode: str) -> None:
    async with gateway.connected(mode) as client:
        for ask in (
            client.read_resource("every+test://none"),
            client.read_resource("nobody+x://y"),
            client.get_prompt("every__no"),
        ):
            with pytest.raises(MCPError):
                await ask


@BOTH
async def test_prompts_are_listed_filled_in_and_completed(gateway: Gateway, mode: str) -> None:
    async with gateway.connected(mode) as client:
        names = [each.name for each in (await client.list_prompts()).prompts]
        prompt = await client.get_prompt("every__test_prompt_with_arguments", {"arg1": "one", "arg2": "two"})
        ref = types.PromptReference(type="ref/prompt", name="every__test_prompt_with_arguments")
        completed = await client.complete(ref, {"name": "arg1", "value": "par"})
    assert "every__test_prompt_with_arguments" in names
    assert "arg1='one'" in str(prompt.messages[0].content)
    assert completed.completion.values == ["paris", "park", "party"]


@BOTH
async def test_reading_leaves_a_receipt(gateway: Gateway, mode: str) -> None:
    async with gateway.connected(mode) as client:
        read = await client.read_resource("every+test://static-text")
        prompt = await client.get_prompt("every__test_simple_prompt")
    receipts = [gateway.receipt(result) for result in (read, prompt)]  # type: ignore[arg-type]
    assert [receipt["tool"] for receipt in receipts] == ["every__read_resource", "every__get_prompt"]
    assert "static text resource" in receipts[0]["result"]


async def test_the_policy_holds_for_resources_and_prompts_too(gateway: Gateway) -> None:
    async with gateway.connected() as client:
        assert not [each for each in (await client.list_resources()).resources if each.uri.startswith("closed+")]
        assert not [each for each in (await client.list_prompts()).prompts if each.name.startswith("closed__")]
        with pytest.raises(MCPError, match="no resource"):
            await client.read_resource("closed+test://static-text")


async def test_a_token_for_some_tools_reads_nothing_else(gateway: Gateway) -> None:
    async with gateway.connected(token=gateway.token(tools=["every__test_simple_text"])) as client:
        assert (await client.list_resources()).resources == []
        with pytest.raises(MCPError, match="no resource"):
            await client.read_resource("every+test://static-text")


@BOTH
async def test_pictures_and_resources_in_a_result_arrive_as_they_are(gateway: Gateway, mode: str) -> None:
    async with gateway.connected(mode) as client:
        result = await client.call_tool("every__test_multiple_content_types")
    assert {block.type for block in result.content} == {"text", "image", "resource"}


async def test_the_address_of_one_upstream_leaves_its_names_alone(gateway: Gateway) -> None:
    async with gateway.connected(at="/every") as client:
        tools = [each.name for each in (await client.list_tools()).tools]
        read = await client.read_resource("test://static-text")
        result = await client.call_tool("test_simple_text")
    assert "test_simple_text" in tools
    assert not [name for name in tools if "__" in name]
    assert read.contents[0].uri == "test://static-text"
    assert gateway.receipt(result)["tool"] == "every__test_simple_text"


def test_there_is_no_address_for_an_unknown_upstream(gateway: Gateway) -> None:
    headers = {"Authorization": f"Bearer {gateway.token()}", "MCP-Protocol-Version": MODERN}
    answer = httpx2.post(f"{gateway.url}/mcp/nobody", json={}, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


async def test_long_lists_come_in_pages(gateways: GatewayMaker) -> None:
    url = gateways.stack.enter_context(serve(_many_tools(PAGE_ITEMS + 50)))
    gateway = gateways.start({"many": {"url": f"{url}/mcp"}})
    gateway.wait_for_state("many", "ready")
    async with gateway.connected(at="/many") as client:
        first = await client.list_tools()
        second = await client.list_tools(cursor=first.next_cursor)
        with pytest.raises(MCPError, match="cursor"):
            await client.list_tools(cursor="mine")
    assert (len(first.tools), len(second.tools), second.next_cursor) == (PAGE_ITEMS, 50, None)


async def test_a_change_of_a_resource_is_told_over_a_stream(gateway: Gateway) -> None:
    wanted = [f"every+{WATCHED}", "closed+test://static-text"]
    async with gateway.connected() as client, client.listen(resource_subscriptions=wanted) as stream:
        await client.call_tool("every__test_trigger_resource_update")
        async with asyncio.timeout(60):
            event = await anext(stream)
    assert stream.honored.resource_subscriptions == [f"every+{WATCHED}"]
    assert event.uri == f"every+{WATCHED}"  # type: ignore[union-attr]


async def test_a_changed_list_is_told_over_a_stream(gateway: Gateway) -> None:
    async with gateway.connected() as client, client.listen(prompts_list_changed=True) as stream:
        await client.call_tool("every__test_trigger_prompt_change")
        async with asyncio.timeout(60):
            assert type(await anext(stream)).__name__ == "PromptsListChanged"


@pytest.mark.parametrize("upstream", ["every", "own"])
async def test_an_older_client_is_told_over_its_session(gateway: Gateway, upstream: str) -> None:
    heard: list[Any] = []

    async def hear(message: Any) -> None:
        heard.append(message)

    async with gateway.connected(OLDER, message_handler=hear) as client:
        await client.subscribe_resource(f"{upstream}+{WATCHED}")
        await client.call_tool(f"{upstream}__test_trigger_resource_update")
        await soon(lambda: [each for each in heard if isinstance(each, types.ResourceUpdatedNotification)])
        await client.unsubscribe_resource(f"{upstream}+{WATCHED}")
    told = [each.params.uri for each in heard if isinstance(each, types.ResourceUpdatedNotification)]
    assert set(told) == {f"{upstream}+{WATCHED}"}


async def fill_in(_context: Any, _params: Any) -> types.ElicitResult:
    return types.ElicitResult(action="accept", content={"response": "blue", "username": "ann", "name": "ann", "confirmed": True})


async def test_a_newer_upstreams_question_reaches_a_newer_client(gateway: Gateway) -> None:
    async with gateway.connected(elicitation_callback=fill_in) as client:
        result = await client.call_tool("every__test_input_required_result_elicitation")
    assert not result.is_error
    assert "ann" in str(result.content)


async def test_a_newer_upstreams_question_reaches_an_older_client_over_its_session(gateway: Gateway) -> None:
    async with gateway.connected(OLDER, elicitation_callback=fill_in) as client:
        result = await client.call_tool("every__test_input_required_result_elicitation")
    assert "ann" in str(result.content)


async def test_an_older_servers_question_reaches_the_one_client(gateway: Gateway) -> None:
    async with gateway.connected(OLDER, elicitation_callback=fill_in) as client:
        result = await client.call_tool("own__test_elicitation", {"message": "color?"})
    assert '"blue"' in str(result.content)


@BOTH
@pytest.mark.parametrize(("at", "said"), [("", "The server {} asks: "), ("/{}", "")])
async def test_a_question_says_who_asks_where_that_is_not_plain(gateway: Gateway, mode: str, at: str, said: str) -> None:
    upstream = "every" if mode == MODERN else "own"
    name = "test_input_required_result_elicitation" if mode == MODERN else "test_elicitation"
    asked: list[str] = []

    async def fill_in_and_keep(context: Any, params: Any) -> types.ElicitResult:
        asked.append(params.message)
        return await fill_in(context, params)

    async with gateway.connected(mode, at.format(upstream), elicitation_callback=fill_in_and_keep) as client:
        await client.call_tool(name if at else f"{upstream}__{name}", {"message": "color?"} if mode == OLDER else {})
    assert asked[0].startswith(said.format(upstream))
    assert asked[0].startswith("The server") == bool(said)


async def test_requests_of_one_client_at_once_share_its_one_session(gateways: GatewayMaker) -> None:
    opened: list[str] = []

    async def count(context: Any, call_next: Any) -> Any:
        if context.method == "initialize":
            opened.append(context.params["clientInfo"]["name"])
        return await call_next(context)

    server = Everything().server()
    server.middleware.append(count)
    url = gateways.stack.enter_context(serve(server.streamable_http_app()))
    gateway = gateways.start({"own": {"url": f"{url}/mcp", "session": "client"} | READ_ALL})
    gateway.wait_for_state("own", "ready")
    async with gateway.connected(OLDER) as client:
        await asyncio.gather(*(client.call_tool("own__test_simple_text") for _ in range(5)))
    assert len(opened) == 1


async def test_messages_of_a_server_reach_the_client_with_its_own_session(gateway: Gateway) -> None:
    heard: list[str] = []

    async def hear(params: types.LoggingMessageNotificationParams) -> None:
        heard.append(str(params.data))

    async with gateway.connected(OLDER, logging_callback=hear) as client:
        await client.set_logging_level("info")
        await client.call_tool("own__test_tool_with_logging")
        await soon(lambda: len(heard) == 3)


async def test_a_client_that_cannot_be_asked_is_told_so(gateway: Gateway) -> None:
    async with gateway.connected(OLDER) as client:
        result = await client.call_tool("own__test_elicitation", {"message": "color?"})
    assert result.is_error


async def test_a_session_cannot_be_used_with_another_token(gateway: Gateway) -> None:
    mine = {"Authorization": f"Bearer {gateway.token()}", "Accept": "application/json, text/event-stream"}
    other = mine | {"Authorization": f"Bearer {gateway.token(team=8)}"}
    opening = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    asked = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    async with httpx2.AsyncClient(trust_env=False) as http:
        session = (await http.post(f"{gateway.url}/mcp", json=opening, headers=mine)).headers["mcp-session-id"]
        stolen = await http.post(f"{gateway.url}/mcp", json=asked, headers=other | {"mcp-session-id": session})
        ended = await http.delete(f"{gateway.url}/mcp", headers=mine | {"mcp-session-id": session})
    assert (stolen.status_code, ended.status_code) == (404, 200)


async def test_the_operators_patterns_are_taken_out_of_everything_as_soon_as_they_are_written(gateways: GatewayMaker) -> None:
    url = gateways.stack.enter_context(serve(Everything().app()))
    entries = {"every": {"url": f"{url}/mcp"} | READ_ALL}
    gateway = gateways.start(entries)
    gateway.wait_for_state("every", "ready")
    before = gateway.ready()["configuration"]["loaded_at"]
    gateways.write(entries, redaction={"patterns": {"a word": "static text|simple text"}})
    gateway.wait_for(lambda: gateway.ready()["configuration"]["loaded_at"] != before)
    async with gateway.connected() as client:
        read = await client.read_resource("every+test://static-text")
        result = await client.call_tool("every__test_simple_text")
    assert "[redacted: a word]" in read.contents[0].text  # type: ignore[union-attr]
    assert "[redacted: a word]" in str(result.content)
    assert gateway.receipt(result)["redactions"] == 1
