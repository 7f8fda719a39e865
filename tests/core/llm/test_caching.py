"""Beginnings of prompts are found again in the vendor's cache, and cost what cached tokens cost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from sahur_core.config import Price
from sahur_core.llm.caching import with_breakpoints
from sahur_core.llm.prices import CACHE_WRITE
from tests.core.llm.test_client import TOOL
from tests.core.llm.vendors import client_for, model_at, serve
from tests.fakes.llm_server import Say

PRICE = Price(input=10.0, output=100.0, cached_input=1.0)


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


def grow(talk, number, results=1):
    """One more exchange: a message that calls, and its results."""
    ids = [f"call_{number}_{index}" for index in range(results)]
    calls = [{"name": "look_up", "args": {"word": name}, "id": name} for name in ids]
    return [*talk, AIMessage("I look.", tool_calls=calls), *(ToolMessage("found " * 300, tool_call_id=name) for name in ids)]


async def converse(client, results):
    talk = [SystemMessage("You look things up. " * 300), HumanMessage("What is a lodestar?")]
    usages = []
    for number in range(4):
        completion = await client.complete("deep", talk, tools=[TOOL])
        usages.append(completion.usage)
        talk = grow(talk, number, results)
    return usages


@pytest.mark.parametrize("results", [1, 15])
async def test_each_call_reads_what_the_one_before_has_sent(vendor, results):
    with serve(vendor, [Say("Hm.")] * 4, counts=True) as server:
        usages = await converse(client_for(model_at(vendor, server)), results)
    assert usages[0].cached_input_tokens == 0
    for before, after in pairwise(usages):
        assert before.input_tokens - 130 <= after.cached_input_tokens <= before.input_tokens + 30
        assert after.input_tokens > before.input_tokens
    assert sum(usage.cached_input_tokens for usage in usages) > 0.4 * sum(usage.input_tokens for usage in usages)


async def test_the_vendor_is_sent_the_same_beginning_each_time(vendor):
    with serve(vendor, [Say("Hm.")] * 4) as server:
        await converse(client_for(model_at(vendor, server)), 2)
    first, last = server.requests[0], server.requests[-1]
    assert first["tools"] == last["tools"]
    assert without_marks(first["messages"]) == without_marks(last["messages"])[: len(first["messages"])]


async def test_cached_and_written_tokens_have_prices_of_their_own(vendor):
    with serve(vendor, [Say("Hm.")] * 4, counts=True) as server:
        usages = await converse(client_for(model_at(vendor, server), prices={"scripted": PRICE}), 1)
    for usage, counted in zip(usages, server.counted, strict=True):
        plain = counted.total - counted.read - counted.written
        dollars = plain * 10 + counted.read * 1 + counted.written * 10 * CACHE_WRITE + 20 * 100
        assert usage.cost_usd == pytest.approx(dollars / 1_000_000)
        assert usage.cached_input_tokens == counted.read
    assert usages[-1].cost_usd < usages[0].cost_usd * 2


def test_no_more_marks_than_a_vendor_takes():
    talk = [SystemMessage("s"), HumanMessage("a"), HumanMessage("")]
    for number in range(6):
        talk = grow(talk, number, 3)
        marked = [part for message in with_breakpoints(talk) for part in message.content if "cache_control" in part]
        assert 2 <= len(marked) <= 3
    assert with_breakpoints([]) == []


def without_marks(messages):
    def bare(part):
        return {key: value for key, value in part.items() if key != "cache_control"} if isinstance(part, dict) else part

    return [
        {**message, "content": [bare(part) for part in message["content"]]} if isinstance(message["content"], list) else message
        for message in messages
    ]
