"""Two rungs: at the first a run asks or concludes, at the second it stops with what it knows and asks no model again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from langgraph.types import Command

from sahur_core.config import Budget
from sahur_core.events import BudgetReached, ModelCallFinished, NoticeRaised, SolutionProposed
from sahur_core.issues import BudgetMeasure, BudgetScope, Decision, InputKind, Spent, Stage, Verdict
from sahur_core.workflows.investigate import has_budget
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective, forced, text_of
from tests.fakes.llm_server import Say

LINE = 13


@pytest.fixture
def detective(cases):
    return Detective(cases("meter"), LINE)


@pytest.fixture
def play(world_of):
    servers = []

    def start(script, **changes):
        server = serve("openai", script).__enter__()
        servers.append(server)
        return world_of("meter", config_for(model_at("openai", server, max_retries=0), gateway_wait_seconds=0, **changes)), server

    yield start
    for server in servers:
        server.__exit__()


def few_calls(**more):
    """Two are made when gathering, so the first that the model wants is asked about."""
    return Budget(tool_calls=10, ask_at=0.2, **more)


def go_on(world, until=Stage.PUBLISH):
    """Answered: the waiting stage goes on, and those after it."""
    world.stream(Command(resume=True), Stage.ANALYZE)
    if not world.is_waiting:
        for stage in (Stage.PROPOSE_SOLUTION, Stage.PUBLISH):
            world.stream(None, stage)


def asked_in(world):
    return [request for request in world.store.input_requests() if request.kind is InputKind.BUDGET]


def test_at_the_first_rung_people_are_asked_what_the_next_check_would_be_and_cost(play, detective):
    world, _server = play(detective, budget=few_calls())
    world.run()
    assert world.is_waiting
    [request] = asked_in(world)
    assert request.prompt.startswith("2 of 10 tool calls made. Best next check: Asking who changed meter/")
    assert "(about 2 tool calls). Go on? A yes allows 5 tool calls more." in request.prompt
    assert request.default == "The run concludes now with what it has."
    assert request.allowed_decisions == [Decision.APPROVE, Decision.EDIT, Decision.REJECT]
    assert [told.budget.rung for told in world.events.of(BudgetReached)] == [1]


def test_a_yes_makes_the_calls_that_were_wanted_and_moves_the_limit(play, detective):
    world, server = play(detective, budget=few_calls())
    world.run()
    asked = len(server.requests)
    world.store.answer(asked_in(world)[0].id, Decision.APPROVE)
    go_on(world)
    assert world.store.saved.verdict is Verdict.CONFIRMED
    assert world.store.saved.budget is None
    assert world.tools.calls["code__blame"] == world.tools.calls["code__show"] == 1
    assert "allowed this investigation to spend more" in text_of(server.requests[asked])


@pytest.mark.parametrize("decision", [Decision.REJECT, None])
def test_a_no_or_nobody_in_time_makes_the_run_conclude_at_once(play, detective, decision):
    world, server = play(detective, budget=few_calls())
    world.run()
    if decision:
        world.store.answer(asked_in(world)[0].id, decision)
    else:
        world.store.expire_requests()
    go_on(world)
    assert world.store.saved.budget.rung == 1
    assert world.tools.calls["code__blame"] == 0
    assert not has_budget(world.state, world.config)
    assert any("budget of this investigation is used up (2 of 10 tool calls made)" in text_of(body) for body in server.requests)


def test_a_message_is_answered_while_the_budget_is_asked_about(play, detective):
    world, server = play(detective, budget=few_calls())
    world.run()
    world.store.say("Never mind the history, what does the file say?")
    world.stream(Command(resume=True), Stage.ANALYZE)
    told = text_of(server.requests[-1])
    assert any("Never mind the history" in text_of(body) for body in server.requests)
    assert "Put off: people are being asked" in told
    assert len(asked_in(world)) == 1


def test_without_asking_the_first_rung_concludes(play, detective):
    world, _ = play(detective, budget=few_calls(asks=False))
    solution = world.run()
    assert (solution.budget.rung, solution.budget.measure) == (1, BudgetMeasure.TOOL_CALLS)
    assert world.store.input_requests() == []


@pytest.mark.parametrize("limit", [{"tokens": 1}, {"cost_usd": 0.0}, {"seconds": 0.0}])
def test_at_the_second_rung_no_model_is_asked_again_and_what_is_known_is_the_answer(play, detective, limit):
    world, server = play(detective, budget=Budget(**limit))
    solution = world.run()
    assert len(server.requests) <= 1, "the report may be read before anything was spent"
    assert (solution.verdict, solution.budget.rung) == (Verdict.INCONCLUSIVE, 2)
    assert "stopped before it had an answer" in solution.summary
    assert "raise the limit of a run" in solution.next_step
    assert any("localization ranks" in point for point in solution.unresolved)
    assert world.events.of(SolutionProposed) == [] or solution.claims == []


def test_what_was_recorded_before_the_second_rung_is_claimed_with_its_evidence(play, detective):
    def script(body):
        # The model goes on after it has recorded what it saw.
        if not forced(body) and "Recorded as" in text_of(body):
            return Say("More.", [("code__log", {"path": detective.case.file, "limit": 2})])
        return detective(body)

    world, server = play(script, budget=Budget(tokens=480, ask_at=1.0))
    solution = world.run()
    assert [claim.evidence for claim in solution.claims] == [[1], [2]]
    assert [claim.statement for claim in solution.claims] == ["Here it fails.", "This changed it."]
    assert (solution.verdict, solution.budget.spent, solution.budget.limit) == (Verdict.INCONCLUSIVE, 480, 480)
    assert not [body for body in server.requests if forced(body) in ("Answer", "Review")]
    assert world.tools.calls["code__log"] == 1, "the one of gathering"


def test_the_day_of_the_team_stops_a_new_run_before_any_model_call(play, detective):
    world, server = play(detective, day_budget=Budget(cost_usd=100.0))
    world.store.spent_by_others = Spent(cost_usd=100.0, model_calls=400)
    solution = world.run()
    assert server.requests == []
    assert world.tools.calls["code__locate"] == 1, "localization needs no model"
    assert (solution.budget.scope, solution.budget.rung) == (BudgetScope.TEAM, 2)
    assert "tomorrow" in solution.next_step


def test_a_day_without_tool_calls_left_makes_none(play, detective):
    world, server = play(detective, day_budget=Budget(tool_calls=500))
    world.store.spent_by_others = Spent(tool_calls=500)
    solution = world.run()
    assert (server.requests, sum(world.tools.calls.values())) == ([], 0)
    assert solution.budget.measure is BudgetMeasure.TOOL_CALLS


def test_the_first_rung_of_the_day_is_asked_about_once_in_a_run(play, detective):
    world, _ = play(detective, day_budget=Budget(cost_usd=100.0))
    world.store.spent_by_others = Spent(cost_usd=90.0, model_calls=400)
    world.run()
    [request] = asked_in(world)
    assert request.prompt.startswith("90.00 of 100.00 USD spent by the team today.")
    assert request.allowed_decisions == [Decision.APPROVE, Decision.REJECT]
    world.store.answer(request.id, Decision.APPROVE)
    go_on(world)
    assert world.store.saved.verdict is Verdict.CONFIRMED
    assert len(asked_in(world)) == 1


@pytest.mark.parametrize("rung", range(1, 9))
def test_no_more_than_the_call_under_way_is_made_beyond_the_second_rung(play, detective, rung):
    world, _server = play(detective, budget=Budget(tokens=rung * 120, ask_at=1.0))
    world.run()
    spent, beyond = 0, 0
    for told in world.events.of(ModelCallFinished):
        beyond += spent >= rung * 120
        spent += told.usage.input_tokens + told.usage.output_tokens
    assert beyond == 0


def test_a_model_that_is_lost_while_it_answers_leaves_what_was_recorded(play, detective):
    def script(body):
        return Say(status=503) if forced(body) == "Answer" else detective(body)

    world, _ = play(script)
    solution = world.run()
    assert [claim.evidence for claim in solution.claims] == [[1], [2]]
    assert "the model gave no answer" in solution.summary
    assert solution.budget is None
    assert [told.message for told in world.events.of(NoticeRaised) if "What was recorded" in told.message]


def test_a_model_that_is_lost_while_it_checks_leaves_the_answer_unchecked(play, detective):
    world, _ = play(lambda body: Say(status=503) if forced(body) == "Review" else detective(body))
    solution = world.run()
    assert solution.verdict is Verdict.LIKELY, "never confirmed without a check"
    assert "No model has checked this answer" in solution.unresolved[-1]


def test_how_long_each_kind_of_request_waits_is_its_own(play, detective):
    world, _ = play(detective, budget=few_calls(), budget_request_hours=1.0)
    world.run()
    left = asked_in(world)[0].expires_at - datetime.now(UTC)
    assert timedelta(minutes=58) < left < timedelta(minutes=61)
