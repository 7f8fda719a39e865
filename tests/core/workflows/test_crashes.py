"""A worker that dies in the middle of a node: the next attempt repeats that node, and the answer is the same."""

from __future__ import annotations

import pytest

from sahur_core.issues import Stage
from sahur_core.workflows.investigate import initial_state
from sahur_core.workflows.investigate.local_tools import call_local
from tests.core.workflows.world import Sink, World


class Died(BaseException):
    """As abrupt as it gets within one process: no handler of ours catches it."""


class MortalSink(Sink):
    """Dies at the given numbers of emitted events, each once."""

    def __init__(self, deaths):
        super().__init__()
        self.deaths, self.emitted, self.died = set(deaths), 0, 0

    def emit(self, payload, *, key=None):
        self.emitted += 1
        if self.emitted in self.deaths:
            self.died += 1
            raise Died
        super().emit(payload, key=key)


def run_to_the_end(world: World) -> None:
    """Attempt after attempt, each from the last checkpoint."""
    for stage in Stage:
        while world.state.get("finished_stage") != stage.value:
            try:
                world.stream(None if world.state else initial_state(), stage)
            except Died:
                continue


@pytest.mark.parametrize("deaths", [(3, 9, 17, 31, 48, 66), (2, 6, 11, 23, 37, 53), (1, 4, 13, 27, 41, 59, 75)])
def test_a_run_that_dies_again_and_again_ends_with_the_same_answer(world_of, deaths):
    undisturbed = world_of("meter")
    undisturbed.run()
    world = world_of("meter")
    world.events = MortalSink(deaths)
    run_to_the_end(world)
    assert world.events.died >= 5
    other = {"usage": True, "patch": {"receipt_id"}}
    assert world.store.saved.model_dump(exclude=other) == undisturbed.store.saved.model_dump(exclude=other)
    assert [fact.statement for fact in world.store.evidence()] == [fact.statement for fact in undisturbed.store.evidence()]
    assert len({call.id for call in world.store.tool_calls()}) == len(undisturbed.store.tool_calls())


def test_a_repeated_step_bears_the_same_number(world_of):
    world = world_of("meter")
    world.events = MortalSink((20, 40))
    run_to_the_end(world)
    ids = {}
    for event in world.events.events:
        if event.kind == "step.started":
            assert ids.setdefault(event.position, event.step_id) == event.step_id
    assert sorted(ids) == list(range(1, len(ids) + 1))


def test_a_question_asked_by_a_repeated_call_is_asked_once(world_of):
    world = world_of("meter")
    for _ in range(2):
        call_local(world.context(), "call_1", "ask_person", {"question": "Which host?", "default": "all"})
    assert len(world.store.input_requests()) == 1
