"""What `everything` offers beside plain tools, through the gateway: resources, prompts, pictures, links, progress, questions."""

from __future__ import annotations

import mcp.types as types
import pytest
from mcp import MCPError

from tests.mcp.real.conftest import Local
from tests.mcp.test_upstreams import status_of, text_of

pytestmark = pytest.mark.xdist_group("real")

ERAS = ["2026-07-28", "legacy"]
GRANTED = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
FEATURES = "everything+demo://resource/static/document/features.md"
DYNAMIC = "everything+demo://resource/dynamic"


@pytest.mark.parametrize("era", ERAS)
async def test_resources_and_templates_are_listed_and_read(local: Local, era: str) -> None:
    gateway = local.gateway
    async with gateway.http(gateway.token(), {}) as http, gateway.client(http, era) as client:
        listed = {resource.uri for resource in (await client.list_resources()).resources}
        templates = {each.uri_template for each in (await client.list_resource_templates()).resource_templates}
        [document] = (await client.read_resource(FEATURES)).contents
        [text] = (await client.read_resource(f"{DYNAMIC}/text/7")).contents
        [blob] = (await client.read_resource(f"{DYNAMIC}/blob/7")).contents
    assert FEATURES in listed
    assert {each for each in templates if each.startswith("everything+")} == {
        f"{DYNAMIC}/text/{{resourceId}}",
        f"{DYNAMIC}/blob/{{resourceId}}",
    }
    assert isinstance(document, types.TextResourceContents)
    assert document.text.startswith("# Everything Server")
    assert isinstance(text, types.TextResourceContents)
    assert (text.uri, text.text.partition(":")[0]) == (f"{DYNAMIC}/text/7", "Resource 7")
    assert isinstance(blob, types.BlobResourceContents)


async def test_a_resource_that_is_not_there_is_an_error_in_words(local: Local) -> None:
    gateway = local.gateway
    async with gateway.http(gateway.token(), {}) as http, gateway.client(http) as client:
        with pytest.raises(MCPError, match=r"nothing\.md"):
            await client.read_resource("everything+demo://resource/static/document/nothing.md")


@pytest.mark.parametrize("era", ERAS)
async def test_prompts_are_listed_filled_in_and_completed(local: Local, era: str) -> None:
    gateway = local.gateway
    async with gateway.http(gateway.token(), {}) as http, gateway.client(http, era) as client:
        listed = [prompt.name.partition("__") for prompt in (await client.list_prompts()).prompts]
        [message] = (await client.get_prompt("everything__args-prompt", {"city": "Rome"})).messages
        reference = types.PromptReference(type="ref/prompt", name="everything__completable-prompt")
        completion = (await client.complete(reference, {"name": "department", "value": "S"})).completion
    assert {name for upstream, _, name in listed if upstream == "everything"} == {
        "simple-prompt",
        "args-prompt",
        "completable-prompt",
        "resource-prompt",
    }
    assert isinstance(message.content, types.TextContent)
    assert message.content.text == "What's weather in Rome?"
    assert completion.values == ["Sales", "Support"]


async def test_reading_a_resource_leaves_a_receipt(local: Local) -> None:
    gateway = local.gateway
    async with gateway.http(gateway.token(), {}) as http, gateway.client(http) as client:
        result = await client.read_resource(FEATURES)
    receipt = gateway.wait_for(lambda: gateway.internal.receipts.get(str((result.meta or {})["sahur/receipt"])))
    assert (receipt["upstream"], receipt["status"], receipt["arguments"]) == ("everything", "ok", {"uri": FEATURES})


async def test_a_picture_arrives_as_a_picture_and_is_named_in_the_receipt(local: Local) -> None:
    result = await local.gateway.call("everything__get-tiny-image")
    [picture] = [block for block in result.content if isinstance(block, types.ImageContent)]
    assert (picture.mime_type, len(picture.data) > 1000) == ("image/png", True)
    assert "[image, image/png]" in local.gateway.receipt(result)["result"]


@pytest.mark.parametrize("era", ERAS)
async def test_a_link_in_a_result_can_be_followed_through_the_gateway(local: Local, era: str) -> None:
    gateway = local.gateway
    async with gateway.http(gateway.token(), {}) as http, gateway.client(http, era) as client:
        result = await client.call_tool("everything__get-resource-links", {"count": 2})
        links = [block.uri for block in result.content if isinstance(block, types.ResourceLink)]
        assert len(links) == 2
        for link in links:
            assert (await client.read_resource(link)).contents[0].uri == link


async def test_a_resource_inside_of_a_result_or_a_prompt_bears_the_address_that_it_can_be_read_by(local: Local) -> None:
    gateway = local.gateway
    async with gateway.http(gateway.token(), {}) as http, gateway.client(http) as client:
        result = await client.call_tool("everything__get-resource-reference", {"resourceType": "Text", "resourceId": 2})
        prompt = await client.get_prompt("everything__resource-prompt", {"resourceType": "Text", "resourceId": "2"})
    blocks = [*result.content, *(message.content for message in prompt.messages)]
    found = [block.resource.uri for block in blocks if isinstance(block, types.EmbeddedResource)]
    assert found == [f"{DYNAMIC}/text/2"] * 2


async def test_progress_of_a_long_operation_reaches_the_caller(local: Local) -> None:
    gateway = local.gateway
    gateway.internal.grant = GRANTED
    seen: list[tuple[float, float | None]] = []

    async def see(progress: float, total: float | None, _message: str | None) -> None:
        seen.append((progress, total))

    async with gateway.http(gateway.token(), {}) as http, gateway.client(http) as client:
        arguments = {"duration": 0.4, "steps": 4}
        result = await client.call_tool("everything__trigger-long-running-operation", arguments, progress_callback=see)
    assert status_of(result) == "ok", text_of(result)
    assert seen == [(step, 4) for step in (1, 2, 3, 4)]
