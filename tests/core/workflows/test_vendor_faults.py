"""Whole investigations while vendors fail in every way they have: over both protocols, with the real client libraries."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from sahur_core.context.compaction import LEFT_OUT
from sahur_core.errors import ContextTooLong, ModelMisconfigured, ModelRefused, ModelUnavailable
from sahur_core.events import ModelCallFinished, NoticeRaised
from sahur_core.issues import Verdict
from tests.core.llm.vendors import OTHER, client_for, config_for, model_at, serve
from tests.core.workflows.scripted import Detective, text_of
from tests.core.workflows.test_vendors import LINE
from tests.fakes.llm_server import Say

HALF = Say("Half of an answer. " * 20, ends_early=True)


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    return request.param


class Scene:
    """A run whose model is at the first vendor; the other vendor's stands in if it has a script."""

    def __init__(self, stack, world_of, vendor, first, second=None, *, context=None, counts=False, **changes):
        self.first = stack.enter_context(serve(vendor, first, model="first-1", context=context, counts=counts))
        stand_ins = ()
        if second is not None:
            self.second = stack.enter_context(serve(OTHER[vendor], second, model="second-1"))
            stand_ins = (model_at(OTHER[vendor], self.second),)
        model = model_at(vendor, self.first, fallbacks=stand_ins, **changes)
        self.world = world_of("meter", config_for(model))
        self.world.models = client_for(model)

    @property
    def notices(self):
        return [notice.message for notice in self.world.events.of(NoticeRaised)]

    @property
    def answered(self):
        """Which models answered, in order, each once in a row."""
        names = [event.usage.model for event in self.world.events.of(ModelCallFinished)]
        return [name for position, name in enumerate(names) if names[position - 1 : position] != [name]]


@pytest.fixture
def scene(vendor, world_of):
    with ExitStack() as stack:
        yield lambda first, second=None, **options: Scene(stack, world_of, vendor, first, second, **options)


@pytest.fixture
def detective(cases):
    return Detective(cases("meter"), LINE)


def failing_from(detective, fault, mark="Recorded as"):
    """The detective's script up to a mark in the conversation; from there only the fault."""
    return lambda body: fault if mark in text_of(body) else detective(body)


FAULTS = {
    "rate limited": Say(status=429, headers={"retry-after": "3"}),
    "HTTP 500": Say(status=500),
    "overloaded": Say(status=529),
    "broke off": HALF,
    "answered with an error": Say("Half. " * 30, error="api_error"),
    "cannot be reached": Say("Half. " * 30, breaks_off=True),
    "it is empty": Say(""),
    "cut off": Say("I", [("finish", {})], is_cut=True),
}


def test_faults_all_along_the_way_are_told_and_change_nothing(scene, detective):
    """Before each right answer two faults, as many as are tried again."""
    left = list(FAULTS.values())
    since = {"right": 2}

    def script(body):
        if left and since["right"] < 2:
            since["right"] += 1
            return left.pop(0)
        since["right"] = 0
        return detective(body)

    play = scene(script)
    solution = play.world.run()
    assert left == []
    assert solution.verdict is Verdict.CONFIRMED
    assert [told for told in FAULTS if not any(told in notice for notice in play.notices)] == []
    assert len(play.notices) == len(FAULTS)


OTHER_VENDOR_AFTER = [Say(status=500), Say(status=401), Say(refusal="I may not read this code."), HALF, Say("")]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=str(number), marks=[pytest.mark.full] if number else [])
        for number, fault in enumerate(OTHER_VENDOR_AFTER)
    ],
)
def test_another_vendor_goes_on_with_the_same_conversation(scene, detective, fault):
    play = scene(failing_from(detective, fault, "code__blame"), detective)
    solution = play.world.run()
    assert solution.verdict is Verdict.CONFIRMED
    assert play.answered == ["first-1", "second-1", "first-1"][: 3 if play.answered[-1] == "first-1" else 2]
    assert any("second-1 is asked in its place" in notice for notice in play.notices)
    assert "I ask who changed it." in text_of(play.second.requests[0])


@pytest.mark.parametrize("vendor", ["anthropic"], indirect=True)
def test_a_drip_that_never_ends_goes_to_the_other_vendor(scene, detective):
    drip = Say("drip " * 500, pause=0.1)
    play = scene(failing_from(detective, drip, "code__blame"), detective, timeout_seconds=0.6, max_retries=0)
    assert play.world.run().verdict is Verdict.CONFIRMED
    assert any("did not answer within 0.6 s" in notice for notice in play.notices)


@pytest.mark.parametrize("vendor", ["openai"], indirect=True)
def test_a_wrong_key_with_a_fallback_costs_one_request_and_no_run(scene, detective):
    play = scene(detective, detective, api_key="sk-wrong")
    solution = play.world.run()
    assert solution.verdict is Verdict.CONFIRMED
    assert solution.usage.model == "second-1"
    assert len(play.first.requests) == 1
    assert sum("refused the key" in notice for notice in play.notices) == 1
    assert sum("answers in its place" in notice for notice in play.notices) == 1


@pytest.mark.parametrize("vendor", ["openai"], indirect=True)
def test_both_vendors_dead_with_nothing_found_is_a_failed_run_with_both_reasons(scene):
    play = scene(lambda _: Say(status=500, text="first fault"), lambda _: Say(status=503, text="second fault"))
    with pytest.raises(ModelUnavailable) as raised:
        play.world.run()
    assert all(fault in raised.value.message for fault in ("first fault", "second fault"))
    assert raised.value.next_step


@pytest.mark.parametrize(
    "fault", [Say(status=401), pytest.param(Say(refusal="No more."), marks=pytest.mark.full)], ids=["401", "refusal"]
)
def test_what_was_recorded_is_answered_with_when_no_model_is_left(scene, detective, fault):
    play = scene(failing_from(detective, fault), lambda _: Say(status=503, text="down too"))
    solution = play.world.run()
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert [claim.evidence for claim in solution.claims] == [[1], [2]]
    assert any("What was recorded becomes the answer" in notice for notice in play.notices)


@pytest.mark.parametrize("vendor", ["anthropic"], indirect=True)
def test_a_refusal_at_the_start_is_a_clear_end(scene):
    play = scene(lambda _: Say(refusal="I do not work on such reports."))
    with pytest.raises(ModelRefused, match="I do not work on such reports"):
        play.world.run()
    assert [event.usage.model_calls for event in play.world.events.of(ModelCallFinished)] == [1]


def test_a_model_with_little_room_still_gets_there(scene, detective):
    roomy = scene(detective)
    assert roomy.world.run().verdict is Verdict.CONFIRMED
    longest = max(roomy.first.size_of(body) for body in roomy.first.requests)
    play = scene(detective, context=longest - 200)
    solution = play.world.run()
    assert solution.verdict is Verdict.CONFIRMED
    assert any("older results are shortened" in notice for notice in play.notices)
    assert LEFT_OUT in text_of(play.first.requests[-2]) + text_of(play.first.requests[-3])


def test_a_model_without_room_is_a_clear_end(scene, detective):
    play = scene(detective, context=300)
    with pytest.raises(ContextTooLong, match="too long") as raised:
        play.world.run()
    assert "larger context" in raised.value.next_step


def test_a_run_reads_most_of_its_prompts_from_the_vendors_cache(scene, detective):
    play = scene(detective, counts=True)
    usage = play.world.run().usage
    loop = [event.usage for event in play.world.events.of(ModelCallFinished) if event.role == "deep"][1:-1]
    assert loop
    assert all(call.cached_input_tokens > 0.5 * call.input_tokens for call in loop)
    assert usage.cached_input_tokens == sum(counted.read for counted in play.first.counted)


@pytest.mark.parametrize("vendor", ["openai"], indirect=True)
def test_settings_that_lead_nowhere_end_the_run_at_its_start(scene):
    play = scene([], name="anthropic-but-wrong:claude")
    with pytest.raises(ModelMisconfigured, match="is not known"):
        play.world.run()
    assert play.world.events.of(ModelCallFinished) == []
