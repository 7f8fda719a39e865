"""Where one vendor's model cannot answer, another vendor's does; the first is asked again after a while."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from sahur_core.config import InvestigateConfig, ModelConfig
from sahur_core.errors import ModelAnswerInvalid, ModelMisconfigured, ModelRefused, ModelUnavailable
from sahur_core.llm.client import ModelClient
from sahur_core.llm.rests import FIRST_REST, LONGEST_REST, Rests
from tests.core.llm.test_client import ASKED, TOOL, Color
from tests.core.llm.vendors import OTHER, Clock, Patience, client_for, model_at, serve
from tests.fakes.llm_server import Say


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


class Pair:
    """A model of one vendor, and one of the other that stands in for it."""

    def __init__(self, stack: ExitStack, vendor, first, second, **changes):
        self.clock, self.patience, self.heard, self.replaced = Clock(), Patience(), [], []
        self.first = stack.enter_context(serve(vendor, first, model="first-1"))
        self.second = stack.enter_context(serve(OTHER[vendor], second, model="second-1"))
        stand_in = model_at(OTHER[vendor], self.second)
        model = model_at(vendor, self.first, fallbacks=(stand_in,), **changes)
        self.client = client_for(model, self.patience, self.clock)

    async def ask(self):
        return await self.client.complete(
            "deep", ASKED, tools=[TOOL], on_retry=self.heard.append, on_replaced=self.replaced.append
        )

    @property
    def asked(self):
        return len(self.first.requests), len(self.second.requests)


@pytest.fixture
def pair(vendor):
    with ExitStack() as stack:
        yield lambda first, second, **changes: Pair(stack, vendor, first, second, **changes)


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        pytest.param(Say(status=500), 3, id="server error"),
        pytest.param(Say(status=529), 3, id="overloaded"),
        pytest.param(Say(status=429), 3, id="rate limit"),
        pytest.param(Say("Half of " * 30, ends_early=True), 3, id="cut stream"),
        pytest.param(Say(calls=[("look_up", '{"word": ')]), 3, id="malformed call"),
        pytest.param(Say(""), 3, id="empty answers"),
        pytest.param(Say(refusal="No."), 1, id="refusal"),
        pytest.param(Say(status=401, text="bad key"), 1, id="wrong key"),
        pytest.param(Say(status=404, text="no such model"), 1, id="unknown model"),
        pytest.param(Say(status=400, text="prompt is too long: 5000 tokens > 4000 maximum"), 1, id="no room"),
    ],
)
async def test_another_vendor_answers_and_people_are_told(pair, fault, tries):
    both = pair([fault] * 9, [Say("I stand in.")])
    completion = await both.ask()
    assert completion.message.text == "I stand in."
    assert completion.usage.model == "second-1"
    assert both.asked == (tries, 1)
    assert "second-1 is asked in its place" in both.heard[-1]


async def test_tokens_that_were_spent_in_vain_are_counted(pair):
    both = pair([Say("")] * 3, [Say("Yes.")])
    usage = (await both.ask()).usage
    assert (usage.model_calls, usage.input_tokens) == (4, 400)


async def test_tokens_that_brought_no_answer_at_all_are_told(vendor):
    lost = []
    with serve(vendor, [Say("")] * 3) as server, pytest.raises(ModelAnswerInvalid):
        await client_for(model_at(vendor, server)).complete("deep", ASKED, on_lost=lost.append)
    with serve(vendor, [Say(status=401)]) as server, pytest.raises(ModelMisconfigured):
        await client_for(model_at(vendor, server)).complete("deep", ASKED, on_lost=lost.append)
    assert [(usage.model_calls, usage.output_tokens) for usage in lost] == [(3, 60)]


async def test_a_dead_vendor_is_not_waited_for_at_every_call(pair):
    both = pair([Say(status=500)] * 9, [Say("Yes.")] * 5)
    for _ in range(5):
        await both.ask()
    assert both.asked == (3, 5)
    assert len(both.heard) == 3
    assert set(both.replaced) == {both.replaced[0]}
    assert len(both.replaced) == 4
    assert "cannot answer at present" in both.replaced[0]


async def test_after_a_while_one_try_shows_that_the_first_is_back(pair):
    both = pair([*[Say(status=500)] * 4, Say("Back."), Say("Again.")], [Say("Yes.")] * 9)
    await both.ask()
    both.clock.now += FIRST_REST + 1
    assert (await both.ask()).usage.model == "second-1"
    assert both.asked == (4, 2)  # one try, and no more
    both.clock.now += FIRST_REST + 1
    assert (await both.ask()).usage.model == "second-1"
    assert both.asked == (4, 3)  # it is left alone for longer than before
    both.clock.now += FIRST_REST + 1
    assert [(await both.ask()).message.text for _ in range(2)] == ["Back.", "Again."]


async def test_a_rate_limit_that_lasts_is_not_waited_for_where_another_can_answer(pair):
    both = pair([Say(status=429, headers={"retry-after": "900"})], [Say("Yes.")] * 2)
    await both.ask()
    await both.ask()
    assert both.asked == (1, 2)
    assert both.patience.waits == []


async def test_both_vendors_dead_ends_with_the_first_ones_error_and_both_reasons(pair):
    both = pair([Say(status=500, text="first fault")] * 9, [Say(status=401, text="second fault")] * 9)
    with pytest.raises(ModelUnavailable) as raised:
        await both.ask()
    assert "first fault" in raised.value.message
    assert "second fault" in raised.value.message
    assert raised.value.next_step


async def test_a_refusal_of_all_is_a_refusal(pair):
    both = pair([Say(refusal="No.")], [Say(refusal="Neither.")])
    with pytest.raises(ModelRefused, match="Neither"):
        await both.ask()


async def test_answers_in_the_wrong_form_go_to_the_next_model_too(vendor):
    with (
        serve(vendor, [Say("Blue.")] * 9) as first,
        serve(OTHER[vendor], [Say(calls=[("Color", {"name": "b", "depth": 1})])]) as second,
    ):
        model = model_at(vendor, first, fallbacks=(model_at(OTHER[vendor], second),))
        answer, completion = await client_for(model).structured("fast", ASKED, Color)
    assert answer.depth == 1
    assert len(first.requests) == 3
    assert "cannot be used" not in str(second.requests[0])  # it begins with what was asked, not with the quarrel
    assert completion.usage.model_calls == 4


async def test_a_fallback_that_cannot_be_made_is_known_before_it_is_needed(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    others = (ModelConfig(name="martian:m1"), ModelConfig(name="openai:gpt-4.1"), ModelConfig(name="offline"))
    client = ModelClient(InvestigateConfig(deep=ModelConfig(name="nobody", fallbacks=others)))
    problems = client.problems()
    assert ["is not known" in problems[0], "no key" in problems[1], len(problems)] == [True, True, 2]
    with pytest.raises(ModelMisconfigured, match="'nobody' is not known"):
        ModelClient(InvestigateConfig(deep=ModelConfig(name="nobody")))._model(ModelConfig(name="nobody"))


async def test_the_rules_stand_in_where_they_are_named(vendor):
    with serve(vendor, [Say(status=500)] * 9) as server:
        client = client_for(model_at(vendor, server, fallbacks=(ModelConfig(),)))
        _, completion = await client.structured("fast", ASKED, Color)
    assert not completion.used_llm


async def test_another_run_heeds_a_rate_limit():
    clock, patience = Clock(), Patience()
    with serve("openai", [Say(status=429, headers={"retry-after": "40"})] * 3 + [Say("Yes.")]) as server:
        client = client_for(model_at("openai", server, max_retries=0), patience, clock)
        with pytest.raises(ModelUnavailable):
            await client.complete("deep", ASKED)
        heard = []
        clock.now += 10
        with pytest.raises(ModelUnavailable):
            await client.complete("deep", ASKED, on_retry=heard.append)
    assert patience.waits == [30]
    assert "it is asked again in 30 s" in heard[0]


def test_a_rest_grows_with_each_failure_and_ends_with_an_answer():
    clock = Clock()
    rests = Rests(clock)
    seen = []
    for _ in range(6):
        rests.failed("m")
        seen.append(rests.seconds_left("m"))
        clock.now += rests.seconds_left("m")
    assert seen == [60, 120, 240, 480, 600, 600]
    assert max(seen) == LONGEST_REST
    rests.answered("m")
    assert not rests.is_doubtful("m")
