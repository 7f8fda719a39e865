"""The model client against both vendors' protocols, with the real client libraries."""

from __future__ import annotations

import asyncio

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from sahur_core.config import InvestigateConfig, ModelConfig
from sahur_core.errors import ModelAnswerInvalid, ModelMisconfigured, ModelUnavailable
from sahur_core.issues import Usage
from sahur_core.llm.client import ModelClient, add_usage
from tests.core.llm.vendors import SERVERS, Patience, client_for, model_at, serve
from tests.fakes.llm_server import Say

TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Look a word up.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}
ASKED = [HumanMessage("What is a lodestar?")]


class Color(BaseModel):
    """A color."""

    name: str
    depth: int


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


async def test_text_is_streamed_and_counted(vendor):
    with serve(vendor, [Say("A star that leads, and has led for a long time.")]) as server:
        heard: list[str] = []
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED, on_text=heard.append)
    assert completion.message.text == "A star that leads, and has led for a long time." == "".join(heard)
    assert len(heard) > 1
    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (100, 20)
    assert completion.used_llm


def test_a_loop_that_has_ended_leaves_no_dead_connection_to_the_next(vendor):
    async def say():
        return (await client_for(model_at(vendor, server)).complete("deep", ASKED)).message.text

    with serve(vendor, [Say("first"), Say("second")]) as server:
        assert [asyncio.run(say()), asyncio.run(say())] == ["first", "second"]


async def test_tool_calls_arrive_whole(vendor):
    with serve(vendor, [Say("I look.", [("look_up", {"word": "lodestar"}), ("look_up", {"word": "pole"})])]) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED, tools=[TOOL])
    assert [(call["name"], call["args"]) for call in completion.message.tool_calls] == [
        ("look_up", {"word": "lodestar"}),
        ("look_up", {"word": "pole"}),
    ]


async def test_a_chosen_tool_is_demanded_of_the_vendor(vendor):
    with serve(vendor, [Say(calls=[("look_up", {"word": "x"})])]) as server:
        await client_for(model_at(vendor, server)).complete("fast", ASKED, tools=[TOOL], tool_choice="look_up")
    choice = server.requests[0]["tool_choice"]
    assert choice.get("name", choice.get("function", {}).get("name")) == "look_up"


async def test_a_rate_limit_is_waited_out_as_long_as_the_server_asks(vendor):
    patience, told = Patience(), []
    with serve(vendor, [Say(status=429, headers={"retry-after": "7"}), Say("Now.")]) as server:
        completion = await client_for(model_at(vendor, server), patience).complete("deep", ASKED, on_retry=told.append)
    assert completion.message.text == "Now."
    assert len(patience.waits) == 1
    assert patience.waits[0] >= 7
    assert "rate limited" in told[0]


async def test_readers_hear_of_a_server_that_does_not_begin_to_answer(vendor):
    told = []
    with serve(vendor, [Say("Late.", delay=0.5)]) as server:
        config = model_at(vendor, server, timeout_seconds=0.4, max_retries=0)
        with pytest.raises(ModelUnavailable):
            await client_for(config).complete("deep", ASKED, on_retry=told.append)
    assert len(told) == 1
    assert "has not begun to answer" in told[0]


async def test_a_server_that_stays_broken_is_unavailable_after_bounded_tries(vendor):
    with serve(vendor, [Say(status=500)] * 9) as server, pytest.raises(ModelUnavailable) as raised:
        await client_for(model_at(vendor, server)).complete("deep", ASKED)
    assert len(server.requests) == 3
    assert raised.value.retryable
    assert raised.value.next_step


async def test_a_wrong_key_is_not_tried_again_and_says_what_to_do(vendor):
    with serve(vendor, [Say("never")]) as server, pytest.raises(ModelMisconfigured) as raised:
        await client_for(model_at(vendor, server, api_key="sk-wrong")).complete("deep", ASKED)
    assert len(server.requests) == 1
    assert "SAHUR_MODEL_API_KEY" in raised.value.next_step
    assert "sk-wrong" not in str(raised.value)


async def test_an_unknown_model_says_what_to_do(vendor):
    with serve(vendor, [Say("never")]) as server, pytest.raises(ModelMisconfigured, match="does not know the model"):
        await client_for(model_at(vendor, server, name=f"{vendor}:nobody-9")).complete("deep", ASKED)


@pytest.mark.parametrize(
    ("name", "told"), [("nonsense", "is not known"), ("martian:m1", "is not known"), ("mistralai:large", "is not installed")]
)
async def test_a_name_that_leads_nowhere_is_misconfigured(name, told):
    with pytest.raises(ModelMisconfigured, match=told) as raised:
        await client_for(ModelConfig(name=name, api_key="k")).complete("deep", ASKED)
    assert raised.value.next_step


async def test_a_missing_key_is_misconfigured(monkeypatch, vendor):
    monkeypatch.delenv(f"{vendor.upper()}_API_KEY", raising=False)
    with serve(vendor, [Say("never")]) as server, pytest.raises(ModelMisconfigured):
        await client_for(model_at(vendor, server, api_key="")).complete("deep", ASKED)


async def test_a_server_that_is_not_there_is_unavailable(vendor):
    with serve(vendor, []) as server:
        model = model_at(vendor, server)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await client_for(model).complete("deep", ASKED)


async def test_an_answer_that_takes_too_long_is_tried_again(vendor):
    with serve(vendor, [Say("late", delay=5), Say("in time")]) as server:
        completion = await client_for(model_at(vendor, server, timeout_seconds=1.0)).complete("deep", ASKED)
    assert completion.message.text == "in time"


async def test_a_stream_that_breaks_off_is_tried_again(vendor):
    with serve(vendor, [Say("A long text that never ends " * 9, breaks_off=True), Say("whole")]) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED)
    assert completion.message.text == "whole"


@pytest.mark.parametrize(
    "raw", ["<html>Sign in</html>", "", 'data: {"nope\n\n', "data: [1]\n\n", 'data: {"choices": [{"delta": 5}]}\n\n']
)
async def test_a_server_that_speaks_another_language_is_told_as_such(raw):
    with serve("openai", [Say(raw=raw)] * 9) as server, pytest.raises(ModelUnavailable, match="cannot be read") as raised:
        await client_for(model_at("openai", server)).complete("deep", ASKED)
    assert len(server.requests) == 3
    assert "SAHUR_MODEL_BASE_URL" in raised.value.next_step


async def test_a_key_that_the_server_quotes_is_not_told_on(vendor):
    answer = Say(status=403, text="Incorrect API key: secret-key-of-ours, Bearer another-one, sk-abcdef-123456")
    with (
        SERVERS[vendor]([answer], key="secret-key-of-ours") as server,
        pytest.raises(ModelMisconfigured, match="Incorrect") as raised,
    ):
        await client_for(model_at(vendor, server, api_key="secret-key-of-ours")).complete("deep", ASKED)
    assert not any(key in str(raised.value) for key in ("secret-key-of-ours", "another-one", "sk-abcdef"))


HALVES = "x" * 23 + "\ud83d\ude00 and one half: \ud800"  # the fake cuts after 24 characters, in the middle of a pair


async def test_half_characters_are_joined_or_replaced(vendor):
    heard: list[str] = []
    with serve(vendor, [Say(HALVES, [("look_up", {"word": HALVES})])]) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED, tools=[TOOL], on_text=heard.append)
    whole = "x" * 23 + "😀 and one half: \ufffd"
    assert completion.message.text == whole
    assert completion.message.tool_calls[0]["args"] == {"word": whole}
    assert "".join(heard).encode().decode().startswith("x" * 23)


async def test_empty_answers_are_refused_after_bounded_tries(vendor):
    with serve(vendor, [Say("")] * 9) as server, pytest.raises(ModelAnswerInvalid, match="it is empty"):
        await client_for(model_at(vendor, server)).complete("deep", ASKED)
    assert len(server.requests) == 3


@pytest.mark.parametrize("broken", ['{"word": ', '{"word": NaN}', '{"word": -1e999}', "[1]"])
async def test_arguments_that_are_no_json_are_asked_for_again(broken):
    script = [Say(calls=[("look_up", broken)]), Say(calls=[("look_up", {"word": "x"})])]
    with serve("openai", script) as server:
        completion = await client_for(model_at("openai", server)).complete("deep", ASKED, tools=[TOOL])
    assert completion.message.tool_calls[0]["args"] == {"word": "x"}
    assert completion.usage.model_calls == 2


async def test_a_structured_answer_is_a_forced_call(vendor):
    with serve(vendor, [Say(calls=[("Color", {"name": "blue", "depth": 3})])]) as server:
        answer, _ = await client_for(model_at(vendor, server)).structured("fast", ASKED, Color)
    assert answer == Color(name="blue", depth=3)


async def test_a_structured_answer_in_the_wrong_form_is_corrected(vendor):
    script = [Say(calls=[("Color", {"name": "blue"})]), Say(calls=[("Color", {"name": "blue", "depth": 3})])]
    with serve(vendor, script) as server:
        answer, completion = await client_for(model_at(vendor, server)).structured("fast", ASKED, Color)
    assert answer.depth == 3
    assert completion.usage.model_calls == 2
    assert "depth" in str(server.requests[1]["messages"][-1])


async def test_prose_in_the_place_of_a_structure_is_refused_after_bounded_tries(vendor):
    with serve(vendor, [Say("Blue, I think.")] * 9) as server, pytest.raises(ModelAnswerInvalid, match="gave no usable answer"):
        await client_for(model_at(vendor, server)).structured("fast", ASKED, Color)
    assert len(server.requests) == 3


async def test_an_object_written_as_text_counts(vendor):
    with serve(vendor, [Say('Here you are: {"name": "blue", "depth": 3}')]) as server:
        answer, _ = await client_for(model_at(vendor, server)).structured("fast", ASKED, Color)
    assert answer.name == "blue"


async def test_the_offline_model_answers_through_the_same_door():
    client = ModelClient(InvestigateConfig())
    answer, completion = await client.structured("fast", ASKED, Color)
    assert isinstance(answer, Color)
    assert not completion.used_llm
    assert completion.usage.cost_usd == 0.0


def test_unknown_costs_make_the_sum_unknown():
    priced = Usage(model="a", model_calls=1, input_tokens=1, output_tokens=1, cost_usd=0.5)
    unpriced = Usage(model="b", model_calls=1, input_tokens=2, output_tokens=2)
    assert add_usage(Usage(), priced).cost_usd == 0.5
    assert add_usage(priced, priced).cost_usd == 1.0
    assert add_usage(priced, unpriced).cost_usd is None
    assert add_usage(priced, unpriced).input_tokens == 3
