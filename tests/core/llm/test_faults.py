"""What vendors do wrong, over both protocols with the real client libraries: told, tried again, or a clear end."""

from __future__ import annotations

import json

import pytest

from sahur_core.errors import ModelAnswerInvalid, ModelMisconfigured, ModelRefused, ModelUnavailable
from tests.core.llm.test_client import ASKED, TOOL, Color
from tests.core.llm.vendors import Patience, client_for, model_at, serve
from tests.fakes.llm_server import Say


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


@pytest.mark.parametrize(("status", "told"), [(500, "HTTP 500"), (503, "overloaded"), (529, "overloaded"), (429, "rate limited")])
async def test_a_server_in_trouble_is_tried_again(vendor, status, told):
    heard = []
    with serve(vendor, [Say(status=status), Say("Now.")]) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED, on_retry=heard.append)
    assert completion.message.text == "Now."
    assert told in heard[0]
    assert "Trying again (1 of 2)" in heard[0]


@pytest.mark.parametrize("fault", [Say("Half of " * 30, ends_early=True), Say("Half of " * 30, breaks_off=True)])
async def test_an_answer_that_ends_in_the_middle_is_not_taken_for_whole(vendor, fault):
    with serve(vendor, [fault, Say("Whole.")]) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED)
    assert completion.message.text == "Whole."


async def test_half_of_a_call_is_not_made(vendor):
    half = Say(calls=[("look_up", {"word": "a" * 200, "why": "b" * 200})], ends_early=True)
    with serve(vendor, [half] * 3) as server, pytest.raises(ModelUnavailable, match="broke off"):
        await client_for(model_at(vendor, server)).complete("deep", ASKED, tools=[TOOL])


async def test_an_error_within_the_stream_is_told_in_the_servers_words(vendor):
    heard = []
    with serve(vendor, [Say("Half of " * 30, error="overloaded_error"), Say("Whole.")]) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED, on_retry=heard.append)
    assert completion.message.text == "Whole."
    assert "is overloaded: scripted error" in heard[0]


async def test_an_answer_at_the_limit_of_its_length_is_asked_for_again_shorter(vendor):
    script = [Say("I look.", [("look_up", {"word": "x"})], is_cut=True), Say(calls=[("look_up", {"word": "y"})])]
    with serve(vendor, script) as server:
        completion = await client_for(model_at(vendor, server)).complete("deep", ASKED, tools=[TOOL])
    assert completion.message.tool_calls[0]["args"] == {"word": "y"}
    assert "much shorter" in str(server.requests[1]["messages"][-1])
    assert completion.usage.model_calls == 2


async def test_a_model_whose_answers_are_always_cut_is_given_up(vendor):
    with serve(vendor, [Say("On and on", is_cut=True)] * 9) as server, pytest.raises(ModelAnswerInvalid, match="cut off"):
        await client_for(model_at(vendor, server)).complete("deep", ASKED)
    assert len(server.requests) == 3


async def test_a_refusal_is_told_and_not_asked_for_again(vendor):
    with serve(vendor, [Say("I can", refusal="I cannot help with that.")]) as server, pytest.raises(ModelRefused) as raised:
        await client_for(model_at(vendor, server)).complete("deep", ASKED)
    assert "declined to answer (I cannot help with that.)" in raised.value.message
    assert "SAHUR_MODEL_FALLBACKS" in raised.value.next_step
    assert len(server.requests) == 1


async def test_a_filter_of_the_vendor_is_a_refusal():
    with serve("openai", [Say("x", raw=FILTERED)]) as server, pytest.raises(ModelRefused):
        await client_for(model_at("openai", server)).complete("deep", ASKED)


async def test_what_a_model_thinks_aloud_is_neither_told_nor_sent_back(vendor):
    heard, script = (
        [],
        [Say(calls=[("Color", {"name": "blue"})], thinking="Let me see. " * 9), Say('{"name": "blue", "depth": 1}')],
    )
    with serve(vendor, script) as server:
        answer, _ = await client_for(model_at(vendor, server)).structured("deep", ASKED, Color, on_text=heard.append)
    assert answer == Color(name="blue", depth=1)
    assert "Let me see" not in "".join(heard)
    assert "Let me see" not in str(server.requests[1])


async def test_a_model_that_drips_for_ever_is_stopped_at_its_time_limit(vendor):
    heard = []
    with serve(vendor, [Say("drip " * 200, pause=0.1), Say("At once.")]) as server:
        model = model_at(vendor, server, timeout_seconds=0.5)
        completion = await client_for(model).complete("deep", ASKED, on_retry=heard.append)
    assert completion.message.text == "At once."
    assert "did not answer within 0.5 s" in heard[0]


async def test_no_try_begins_when_patience_is_at_its_end(vendor):
    patience = Patience()
    with serve(vendor, [Say(status=429, headers={"retry-after": "900"})]) as server, pytest.raises(ModelUnavailable):
        await client_for(model_at(vendor, server, patience_seconds=60), patience).complete("deep", ASKED)
    assert len(server.requests) == 1
    assert patience.waits == []


async def test_an_account_without_credit_is_not_asked_again():
    spent = Say(status=429, text="You exceeded your quota", code="insufficient_quota")
    with serve("openai", [spent]) as server, pytest.raises(ModelMisconfigured, match="no more credit"):
        await client_for(model_at("openai", server)).complete("deep", ASKED)
    assert len(server.requests) == 1


async def test_a_model_that_may_not_be_forced_to_a_call_is_only_offered_it(vendor):
    refusal = Say(status=400, text="tool_choice forces tool use is not compatible with this model")
    answer = Say(calls=[("Color", {"name": "blue", "depth": 3})])
    with serve(vendor, [refusal, answer, answer]) as server:
        client = client_for(model_at(vendor, server))
        for _ in range(2):
            color, _ = await client.structured("deep", ASKED, Color)
            assert color.depth == 3
    assert ["tool_choice" in body for body in server.requests] == [True, False, False]


async def test_a_reason_that_a_server_tells_twice_is_understood():
    with serve("openai", [Say(raw=TOLD_TWICE)]) as server:
        completion = await client_for(model_at("openai", server)).complete("deep", ASKED)
    assert completion.message.text == "Yes."
    assert completion.usage.model == "gpt-4o"


def chunk(**choice):
    return f"data: {json.dumps({'id': 'x', 'model': 'gpt-4o', 'choices': [{'index': 0, **choice}]})}\n\n"


FILTERED = (
    chunk(delta={"role": "assistant", "content": "I"}) + chunk(delta={}, finish_reason="content_filter") + "data: [DONE]\n\n"
)
TOLD_TWICE = (
    chunk(delta={"role": "assistant", "content": "Yes."}, finish_reason="stop")
    + chunk(delta={}, finish_reason="stop")
    + "data: [DONE]\n\n"
)
