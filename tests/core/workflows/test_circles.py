"""A model that goes in circles is told so, and in the end answers with what there is."""

from __future__ import annotations

import pytest

from sahur_core.issues import Stage, ToolCall, ToolResultStatus
from sahur_core.workflows.investigate.nodes.calls import MAX_SAME_FAILURES, known_result
from sahur_core.workflows.investigate.nodes.think import MAX_REFUSED, STEER_AFTER_REFUSED
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective, text_of
from tests.fakes.llm_server import Say

LINE = 13


@pytest.mark.parametrize(
    "stubborn",
    [
        [("code__telepathy", {"of": "the author"})],
        [("code__log", {"limit": 3})],
        [("record_evidence", {"statement": "It is so.", "tool_call_id": "call_none"})],
        [("code__read", {"path": "no/such/file.py"})],
    ],
    ids=["unknown tool", "identical read", "unprovable fact", "failing read"],
)
def test_the_same_fruitless_call_for_ever_ends_in_an_answer(stubborn, world_of, cases):
    says = {kind: lambda _: Say(calls=stubborn) for kind in ("first", "next")}
    with serve("openai", Detective(cases("meter"), LINE, says)) as server:
        world = world_of("meter", config_for(model_at("openai", server)))
        solution = world.run()
    assert solution.verdict == "inconclusive"
    assert world.state["model_calls"] <= MAX_REFUSED + MAX_SAME_FAILURES + 1
    assert world.tools.calls["code__log"] + world.tools.calls["code__read"] <= MAX_SAME_FAILURES + 2
    assert "brought nothing new" in text_of(server.requests[-3])


def test_a_model_that_is_steered_back_finds_the_cause(world_of, cases):
    detective = Detective(cases("meter"), LINE)

    def first(body):
        is_steered = "brought nothing new" in text_of(body)
        return detective.on_first(body) if is_steered else Say(calls=[("code__telepathy", {})] * STEER_AFTER_REFUSED)

    detective.says = {"first": first}
    with serve("openai", detective) as server:
        solution = world_of("meter", config_for(model_at("openai", server))).run()
    assert solution.verdict == "confirmed"


def test_a_read_that_failed_may_be_tried_again_but_not_for_ever(world_of):
    world = world_of("meter")
    world.run(until=Stage.GATHER_CONTEXT)
    context = world.context()
    for number in range(MAX_SAME_FAILURES):
        assert known_result(context, "new", "code__read", {"path": "x"}) is None
        failed = ToolCall(
            id=f"call_{number}",
            step_id="step-9",
            tool="code__read",
            arguments={"path": "x"},
            status=ToolResultStatus.ERROR,
            text="down",
        )
        world.store.add_tool_call(failed)
    assert known_result(context, "new", "code__read", {"path": "x"}) is not None
