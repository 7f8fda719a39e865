"""Questions and approvals in the loop: what is asked of whom, asked once, taken back, put off with words."""

from __future__ import annotations

import pytest
from langgraph.types import Command

from sahur_core.events import InputSuperseded
from sahur_core.issues import Decision, InputKind, Stage, ToolResultStatus
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.tools.decisions import LANGGRAPH_WORDS, allowed_for, decision_named
from sahur_core.workflows.investigate.local_tools import call_local
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective, forced, text_of
from tests.fakes.llm_server import Say

LINE = 13
SCHEMA = {"type": "object", "properties": {"host": {"type": "string"}}}


@pytest.fixture
def detective(cases):
    return Detective(cases("meter"), LINE)


@pytest.fixture
def play(world_of):
    servers = []

    def start(script, **changes):
        server = serve("openai", script).__enter__()
        servers.append(server)
        return world_of("meter", config_for(model_at("openai", server), gateway_wait_seconds=0, **changes)), server

    yield start
    for server in servers:
        server.__exit__()


def add_tool(world, name, **hints):
    made = []
    spec = ToolSpec(name=name, description="Does it.", input_schema=SCHEMA, read_only=False, **hints)
    done = ToolOutcome(status=ToolResultStatus.OK, text="done")
    world.tools.extra[name] = (spec, lambda arguments: (made.append(arguments), done)[1])
    return made


def calls_then_waits(detective, *calls):
    def script(body):
        told = text_of(body)
        if forced(body) or "decided on the call" in told or "approved the call" in told or "did not approve" in told:
            return detective(body)
        return Say("I wait.") if "awaiting_approval" in told else Say(calls=list(calls))

    return script


@pytest.mark.parametrize(
    ("tool", "hints", "role"),
    [
        ("ops__restart", {}, "responder"),
        ("ops__delete_host", {}, "admin"),
        ("ops__restart", {"is_destructive": True}, "admin"),
        ("github__create_issue", {}, "responder"),
    ],
)
def test_who_may_approve_follows_from_the_risk_of_the_tool(play, detective, tool, hints, role):
    world, _ = play(calls_then_waits(detective, (tool, {"host": "kepler-2"})))
    add_tool(world, tool, **hints)
    world.run()
    [request] = world.store.input_requests()
    assert (request.answerable_by, request.arguments_schema) == (role, SCHEMA)
    assert request.allowed_decisions == [Decision.APPROVE, Decision.EDIT, Decision.RESPOND, Decision.REJECT]


def test_two_approvals_at_once_are_decided_each_for_itself(play, detective):
    calls = [("ops__restart", {"host": host}) for host in ("kepler-1", "kepler-2")]
    world, server = play(calls_then_waits(detective, *calls))
    made = add_tool(world, "ops__restart")
    world.run()
    first, second = world.store.input_requests()
    world.store.answer(first.id, Decision.REJECT)
    world.store.answer(second.id, Decision.APPROVE)
    world.stream(Command(resume=True), Stage.ANALYZE)
    assert made == [{"host": "kepler-2"}]
    assert any("decided on the call of ops__restart: reject" in text_of(body) for body in server.requests)


def test_exactly_the_same_call_is_asked_about_once(play, detective):
    call = ("ops__restart", {"host": "kepler-2"})
    world, server = play(calls_then_waits(detective, call, call))
    add_tool(world, "ops__restart")
    world.run()
    assert len(world.store.input_requests()) == 1
    assert "exactly this call waits for its approval already" in text_of(server.requests[-1])


def test_not_now_with_words_reaches_the_model_and_nothing_is_called(play, detective):
    world, server = play(calls_then_waits(detective, ("ops__restart", {"host": "kepler-2"})))
    made = add_tool(world, "ops__restart")
    world.run()
    world.store.answer(world.store.input_requests()[0].id, Decision.RESPOND, "Not before the release at six.")
    world.stream(Command(resume=True), Stage.ANALYZE)
    assert made == []
    [told] = [body for body in server.requests if "Not before the release at six." in text_of(body)][:1]
    assert "did not approve the call of ops__restart" in text_of(told)


def test_a_message_that_settles_a_question_lets_the_model_withdraw_it(play, detective):
    def script(body):
        told = text_of(body)
        if forced(body) or "Withdrawn." in told:
            return detective(body)
        if "Still open" in told:
            [request] = world.store.input_requests()
            return Say(calls=[("withdraw_request", {"request": request.id[:8], "because": "Ada has told the host."})])
        return Say("I wait.") if "Asked." in told else Say(calls=[("ask_person", {"question": "Which host?", "default": "all"})])

    world, server = play(script)
    world.run()
    assert world.is_waiting
    world.store.say("By the way, it is kepler-2.")
    world.stream(Command(resume=True), Stage.ANALYZE)
    [closed] = world.events.of(InputSuperseded)
    assert closed.reason == "Ada has told the host."
    assert world.state["finished_stage"] == "analyze"
    assert any("your question 'Which host?'" in text_of(body) for body in server.requests)


@pytest.mark.parametrize(("asked", "told"), [("ffffffff", "no request with this id"), ("ffff", "Not done.")])
def test_a_request_that_is_not_there_cannot_be_withdrawn(world_of, asked, told):
    made = call_local(world_of("meter").context(), "call_1", "withdraw_request", {"request": asked, "because": "x"})
    assert told in made.text
    assert not made.is_done


def test_the_same_question_is_asked_once_while_it_is_open(world_of):
    world = world_of("meter")
    question = {"question": "Which  host?", "default": "all"}
    call_local(world.context(), "call_1", "ask_person", question)
    again = call_local(world.context(), "call_2", "ask_person", {**question, "question": "Which host?"})
    assert "is still open" in again.text
    [request] = world.store.input_requests()
    world.store.answer(request.id, Decision.RESPOND, "kepler-2")
    call_local(world.context(), "call_3", "ask_person", question)
    assert len(world.store.input_requests()) == 2


def test_the_model_hears_how_long_its_question_waits(world_of):
    world = world_of("meter")
    told = call_local(world.context(), "call_1", "ask_person", {"question": "Which host?", "default": "all"}).text
    assert "Your default holds after 24 hours." in told


def test_langgraphs_words_and_ours_name_the_same_decisions():
    assert {decision_named(word) for word in LANGGRAPH_WORDS} == set(Decision)
    assert all(decision_named(decision.value) is decision for decision in Decision)
    assert all(set(allowed_for(kind)) <= set(Decision) for kind in InputKind)
    with pytest.raises(ValueError, match="maybe"):
        decision_named("maybe")
