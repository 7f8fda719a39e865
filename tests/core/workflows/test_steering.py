"""People and limits: messages, questions, approvals, pointless calls, the end of the budget, a gateway that is down."""

from __future__ import annotations

import pytest
from langgraph.types import Command

from sahur_core.config import InvestigateConfig
from sahur_core.errors import CallInterrupted, GatewayUnavailable
from sahur_core.events import ModelCallInterrupted, NoticeRaised, StepFinished, StepStarted
from sahur_core.issues import Decision, InputKind, Stage, ToolResultStatus, Verdict
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.tools.policy import arguments_hash
from sahur_core.workflows.investigate import has_budget
from sahur_core.workflows.investigate.steps import after_interruption
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective, forced, text_of
from tests.fakes.llm_server import Say

LINE = 13


@pytest.fixture
def detective(cases):
    return Detective(cases("meter"), LINE)


@pytest.fixture
def play(world_of):
    """A world whose model follows a script; the server lives as long as the test."""
    servers = []

    def start(script, **changes):
        server = serve("openai", script).__enter__()
        servers.append(server)
        return world_of("meter", config_for(model_at("openai", server), gateway_wait_seconds=0, **changes)), server

    yield start
    for server in servers:
        server.__exit__()


def test_a_message_is_taken_in_before_the_next_model_call(play, detective):
    world, server = play(detective)
    world.run(until=Stage.GATHER_CONTEXT)
    world.store.say("Look at the rates first.")
    position = world.state["position"]
    world.run(until=Stage.ANALYZE)
    [(step, _)] = world.store.taken_in.values()
    assert step == position + 1
    heard = [body for body in server.requests if "Look at the rates first." in text_of(body)]
    assert "message of Ada" in text_of(heard[0])
    assert forced(heard[0]) == "", "it is in the first call of the loop"
    assert heard[0] is server.requests[1]


def test_a_message_after_the_answer_sends_the_run_back_to_the_model(play, detective):
    world, server = play(detective)
    world.run(until=Stage.PROPOSE_SOLUTION)
    asked = len(server.requests)
    world.store.say("Are you sure?")
    world.graph.update_state(world.thread, {"finished_stage": "gather_context"}, as_node="gather_context")
    assert has_budget(world.state, world.config)
    world.stream(None, Stage.ANALYZE)
    assert world.state["finished_stage"] == "analyze"
    assert "Are you sure?" in text_of(server.requests[asked])
    world.stream(None, Stage.PROPOSE_SOLUTION)
    world.stream(None, Stage.PUBLISH)
    assert world.state["finished_stage"] == "publish"
    assert world.store.saved.verdict is Verdict.CONFIRMED


def ask_then_wait(detective):
    def script(body):
        if forced(body) or "decided on your question" in text_of(body) or "Nobody answered" in text_of(body):
            return detective(body)
        if "Asked." in text_of(body):
            return Say("I wait for the answer.")
        return Say(calls=[("ask_person", {"question": "Which host?", "default": "all of them"})])

    return script


def test_a_question_waits_only_when_nothing_else_is_to_be_done(play, detective):
    world, server = play(ask_then_wait(detective))
    world.run()
    assert world.is_waiting
    [request] = world.store.input_requests()
    assert (request.kind, request.prompt, request.default) == (InputKind.QUESTION, "Which host?", "all of them")
    assert request.expires_at is not None
    world.store.answer(request.id, Decision.RESPOND, "Only kepler-2.")
    world.stream(Command(resume=True), Stage.ANALYZE)
    assert not world.is_waiting
    assert world.state["finished_stage"] == "analyze"
    assert any("Only kepler-2." in text_of(body) for body in server.requests)


def test_an_expired_question_goes_on_with_its_default(play, detective):
    world, server = play(ask_then_wait(detective), input_request_hours=0.0)
    solution = world.run()
    assert solution.verdict is Verdict.CONFIRMED
    assert any("The stated default holds: all of them" in text_of(body) for body in server.requests)


def test_a_message_wakes_a_waiting_run(play, detective):
    def script(body):
        return detective(body) if forced(body) or "never mind" in text_of(body) else ask_then_wait(detective)(body)

    world, _ = play(script)
    world.run()
    world.store.say("never mind")
    world.stream(Command(resume=True), Stage.ANALYZE)
    assert world.state["finished_stage"] == "analyze"


def with_restart_tool(world):
    restarted = []
    schema = {"type": "object", "properties": {"host": {"type": "string"}}}
    spec = ToolSpec(name="ops__restart", description="Restart a host.", input_schema=schema, read_only=False)
    done = ToolOutcome(status=ToolResultStatus.OK, text="restarted")
    world.tools.extra["ops__restart"] = (spec, lambda arguments: (restarted.append(arguments), done)[1])
    return restarted


def restart_then_wait(detective):
    def script(body):
        if forced(body) or "approved the call" in text_of(body) or "decided on the call" in text_of(body):
            return detective(body)
        return Say("I wait.") if "awaiting_approval" in text_of(body) else Say(calls=[("ops__restart", {"host": "kepler-2"})])

    return script


def test_a_tool_that_changes_something_waits_for_approval_of_exactly_its_arguments(play, detective):
    world, _ = play(restart_then_wait(detective))
    restarted = with_restart_tool(world)
    world.run()
    assert world.is_waiting
    assert restarted == []
    [request] = world.store.input_requests()
    assert request.kind is InputKind.APPROVAL
    assert request.arguments_hash == arguments_hash({"host": "kepler-2"})
    world.store.answer(request.id, Decision.APPROVE)
    world.stream(Command(resume=True), Stage.ANALYZE)
    assert restarted == [{"host": "kepler-2"}]
    assert world.state["finished_stage"] == "analyze"


def test_a_rejected_call_is_never_made(play, detective):
    world, server = play(restart_then_wait(detective))
    restarted = with_restart_tool(world)
    world.run()
    [request] = world.store.input_requests()
    world.store.answer(request.id, Decision.REJECT, "Not now.")
    world.stream(Command(resume=True), Stage.ANALYZE)
    assert restarted == []
    assert any("Not now." in text_of(body) for body in server.requests)


@pytest.mark.parametrize("host", ["kepler\x00", ["deep"]])
def test_an_approval_is_not_asked_for_what_cannot_be_shown(play, detective, host):
    for _ in range(100 if isinstance(host, list) else 0):
        host = [host]

    def script(body):
        if forced(body) or "Not called. arguments" in text_of(body):
            return detective(body)
        return Say(calls=[("ops__restart", {"host": host})])

    world, _ = play(script)
    with_restart_tool(world)
    world.run()
    assert world.store.input_requests() == []
    assert world.state["finished_stage"] == "publish"


def test_a_repeated_read_and_an_unknown_tool_are_steered_back(play, detective):
    def script(body):
        if forced(body):
            return detective(body)
        if "There is no tool" in text_of(body):
            return Say(calls=[("finish", {})])
        again = ("code__log", {"path": detective.case.file, "limit": 3})
        return Say(calls=[again, again, ("code__blam", {"path": "x"})])

    world, server = play(script)
    world.run()
    assert world.tools.calls["code__log"] == 2, "one when gathering, one asked for"
    assert any("Not called: this is the call" in text_of(body) for body in server.requests)
    assert any("code__blame" in text_of(body).partition("There is no tool")[2][:200] for body in server.requests)


def test_the_limit_of_steps_forces_an_answer(play, detective):
    paths = iter(range(1, 1000))

    def script(body):
        if forced(body):
            return detective(body)
        return Say("On and on.", [("code__search", {"query": f"word {next(paths)}"})])

    world, server = play(script, max_steps=5)
    solution = world.run()
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert world.state["model_calls"] == 5
    assert not has_budget(world.state, world.config)
    assert any("limit of steps" in text_of(body) for body in server.requests)


def test_a_model_that_only_talks_is_pushed_and_then_concludes(play, detective):
    world, server = play(lambda body: detective(body) if forced(body) else Say("Hm, let me see."))
    solution = world.run()
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert world.state["model_calls"] == 2
    assert "You called no tool" in text_of(server.requests[2])


class Down:
    """A gateway that fails the first `times` requests."""

    def __init__(self, tools, times):
        self.tools, self.times, self.failed = tools, times, 0

    def _fail(self):
        if self.failed < self.times:
            self.failed += 1
            raise GatewayUnavailable("connection refused")

    async def list_tools(self):
        self._fail()
        return await self.tools.list_tools()

    def unavailable(self):
        return self.tools.unavailable()

    async def call(self, tool, arguments, *, tool_call_id):
        self._fail()
        return await self.tools.call(tool, arguments, tool_call_id=tool_call_id)


def test_a_gateway_that_comes_back_is_only_noticed(world_of):
    world = world_of("meter")
    world.tools = Down(world.tools, times=2)
    assert world.run().verdict is Verdict.CONFIRMED
    assert len(world.events.of(NoticeRaised)) == 2


def test_a_gateway_that_stays_down_ends_the_run_with_a_clear_cause(world_of):
    world = world_of("meter", InvestigateConfig(gateway_tries=3, gateway_wait_seconds=0))
    world.tools = Down(world.tools, times=99)
    with pytest.raises(GatewayUnavailable, match="in 3 tries: connection refused") as raised:
        world.run()
    assert world.tools.failed == 3
    assert raised.value.next_step


class GivingWay:
    """A waiter that gives up the first model call whose conversation meets the condition: Ada has just written."""

    def __init__(self, world, server, condition):
        self.loop, self.world, self.server, self.condition = world.waiter, world, server, condition
        self.given_up = False

    def wait_for(self, coroutine, *, interruptible=False):
        answer = self.loop.wait_for(coroutine)
        if not interruptible or self.given_up or not self.condition(self.server.requests[-1]):
            return answer
        self.given_up = True
        self.world.store.say("It began with the move to the new host.")
        raise CallInterrupted("Ada")


def test_an_urgent_message_is_taken_in_by_a_further_call_at_a_step_of_its_own(play, detective):
    world, server = play(detective)
    world.waiter = GivingWay(world, server, lambda body: not forced(body))
    world.run(until=Stage.GATHER_CONTEXT)
    position = world.state["position"]
    world.run(until=Stage.ANALYZE)
    [interrupted] = world.events.of(ModelCallInterrupted)
    assert (interrupted.step_id, interrupted.asked_by) == (f"step-{position + 1}", "Ada")
    ended = {event.step_id: event.summary for event in world.events.of(StepFinished)}
    assert ended[interrupted.step_id] == "Given up: Ada wants a message used now."
    [(step, _)] = world.store.taken_in.values()
    assert step == position + 2
    assert "new host" in text_of(server.requests[2])
    assert world.state["usage"]["model_calls"] == len(server.requests), "the call that was given up counts, too"
    assert world.state["usage"]["cost_usd"] is None, "nobody knows what it cost"


def test_an_interrupted_answer_leaves_the_run_where_the_model_can_hear_the_message(play, detective):
    world, server = play(detective)
    world.waiter = GivingWay(world, server, lambda body: forced(body) == "Answer")
    world.run(until=Stage.ANALYZE)
    with pytest.raises(CallInterrupted):
        world.stream(None, Stage.PROPOSE_SOLUTION)
    world.graph.update_state(
        world.thread, {**after_interruption(world.state), "finished_stage": "gather_context"}, as_node="gather_context"
    )
    asked = len(server.requests)
    world.stream(None, Stage.ANALYZE)
    assert "new host" in text_of(server.requests[asked])
    world.stream(None, Stage.PROPOSE_SOLUTION)
    world.stream(None, Stage.PUBLISH)
    steps = [event.step_id for event in world.events.of(StepStarted)]
    assert len(steps) == len(set(steps))
    assert world.store.saved.verdict is Verdict.CONFIRMED


def test_an_answer_that_the_run_could_not_improve_is_not_interrupted(play, detective):
    world, server = play(lambda body: detective(body) if forced(body) else Say("Hm."), max_steps=1)
    world.waiter = GivingWay(world, server, lambda body: forced(body) == "Answer")
    world.run()
    assert not world.waiter.given_up
    assert world.state["finished_stage"] == "publish"


def test_an_urgent_message_is_heard_by_the_first_reading_and_stays_in_the_conversation(play, detective):
    world, server = play(detective)
    world.waiter = GivingWay(world, server, lambda body: forced(body) == "Triage")
    world.run(until=Stage.ANALYZE)
    first = [forced(body) for body in server.requests[:3]]
    assert first == ["Triage", "Triage", ""]
    assert ["new host" in text_of(body) for body in server.requests[:3]] == [False, True, True]
    [(step, _)] = world.store.taken_in.values()
    assert step == 1
    assert world.state["usage"]["model_calls"] == len(server.requests)
