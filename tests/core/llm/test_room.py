"""A conversation that does not fit is shortened and asked again; then another model; then a clear end."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from sahur_core.context.compaction import LEFT_OUT, compact
from sahur_core.errors import ContextTooLong
from tests.core.llm.vendors import OTHER, client_for, model_at, serve
from tests.fakes.llm_server import Say


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


def talk(results, size=4000):
    messages = [SystemMessage("You look things up."), HumanMessage("What is a lodestar?")]
    for number in range(results):
        call = {"name": "look_up", "args": {}, "id": f"call_{number}", "type": "tool_call"}
        messages += [
            AIMessage("I look.", tool_calls=[call]),
            ToolMessage(f"{number} " * (size // 2), tool_call_id=f"call_{number}"),
        ]
    return messages


def shorten(messages, limit):
    return compact(messages, limit, {"call_1"})


async def test_older_results_are_shortened_until_it_fits(vendor):
    told = []
    with serve(vendor, [Say("It fits.")] * 2, context=6000) as server:
        client = client_for(model_at(vendor, server))
        completion = await client.complete("deep", talk(9), on_retry=told.append, shorten=shorten)
        again = await client.complete("deep", talk(10), shorten=shorten)
    assert completion.message.text == again.message.text == "It fits."
    assert "too long" in told[0]
    assert "older results are shortened" in told[0]
    assert len(server.requests) <= 4  # the second call knows how much room there is
    sent = str(server.requests[-1]["messages"])
    assert LEFT_OUT in sent
    assert "1 1 1 1" in sent
    assert "What is a lodestar?" in sent


async def test_what_cannot_be_shortened_goes_to_a_model_with_more_room(vendor):
    with serve(vendor, [], context=2000) as small, serve(OTHER[vendor], [Say("I have room.")]) as large:
        model = model_at(vendor, small, fallbacks=(model_at(OTHER[vendor], large),))
        completion = await client_for(model).complete("deep", talk(4), shorten=shorten)
    assert completion.message.text == "I have room."
    assert LEFT_OUT not in str(large.requests[0])


async def test_where_nothing_fits_the_end_is_clear(vendor):
    with serve(vendor, [], context=500) as server, pytest.raises(ContextTooLong) as raised:
        await client_for(model_at(vendor, server)).complete("deep", talk(9), shorten=shorten)
    assert "too long" in raised.value.message
    assert "larger context" in raised.value.next_step
    assert len(server.requests) <= 4


@pytest.mark.parametrize(
    "words",
    [
        "Requested tokens (9000) exceed context window of 4096",
        "the request exceeds the available context size. try increasing it",
        "input tokens exceed the configured limit of 272000 tokens",
        "This endpoint's maximum context length is 131072 tokens. However, you requested about 150000 tokens",
    ],
)
async def test_compatible_servers_say_it_in_other_words(words):
    with serve("openai", [Say(status=400, text=words), Say("It fits.")]) as server:
        completion = await client_for(model_at("openai", server)).complete("deep", talk(9), shorten=shorten)
    assert completion.message.text == "It fits."
    assert LEFT_OUT in str(server.requests[1])
