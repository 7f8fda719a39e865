"""A stopped run says what it knew, what it still held possible and what it was about to do."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from sahur.issues import events, models, selectors
from sahur.issues.services import runs
from sahur_core.events import HypothesisStated, StepFinished, StepStarted
from sahur_core.issues import Hypothesis, HypothesisStatus

pytestmark = pytest.mark.django_db


def canceled(run):
    runs.request_stop(run.id, "Rita")
    return selectors.read_events(run.id, 0)[-1].payload


def state(run, *stated):
    for name, status, evidence in stated:
        hypothesis = Hypothesis(id=name, statement=f"It is the {name}.", status=status, evidence=evidence)
        events.record(run, HypothesisStated(hypothesis=hypothesis))


def add_fact(run, number, statement):
    models.Evidence.objects.create(run=run, number=number, statement=statement, receipt_id=uuid.uuid4(), tool="code__read")


def ask_for(run, *calls):
    asked = [{"name": name, "args": arguments, "id": call_id} for call_id, name, arguments in calls]
    models.Message.objects.create(run=run, role="assistant", body={"type": "ai", "data": {"tool_calls": asked}})


def test_facts_are_told_with_the_numbers_that_cite_them(run):
    add_fact(run, 2, "The line reads the rate.")
    add_fact(run, 1, "Nobody sets it.")
    assert canceled(run).facts == ["[1] Nobody sets it.", "[2] The line reads the rate."]


def test_a_hypothesis_stands_until_it_is_ruled_out(run):
    stated, strengthened = HypothesisStatus.STATED, HypothesisStatus.STRENGTHENED
    state(run, ("cache", stated, []), ("deploy", stated, []), ("rate", stated, []), ("clock", stated, []))
    state(
        run, ("deploy", HypothesisStatus.RULED_OUT, [1]), ("rate", strengthened, [1, 2]), ("clock", HypothesisStatus.WEAKENED, [])
    )
    assert canceled(run).hypotheses == [
        "It is the cache.",
        "It is the rate. (strengthened) [1][2]",
        "It is the clock. (weakened)",
    ]


def test_calls_that_were_asked_for_and_not_made_come_next(run):
    events.record(run, StepStarted(step_id="step-3", position=3, title="Reading till.py"))
    ask_for(
        run, ("c1", "code__read", {"path": "till.py"}), ("c2", "record_evidence", {}), ("c3", "code__blame", {"path": "till.py"})
    )
    models.ToolCall.objects.create(id=f"{run.id}/c1", run=run, step_id="step-3", tool="code__read", status="ok")
    assert canceled(run).would_look_at == "code__blame (path: till.py)"


def test_else_the_step_under_way_does(run):
    events.record(run, StepStarted(step_id="step-3", position=3, title="Deciding what to look at next"))
    assert canceled(run).would_look_at == "Deciding what to look at next"


def test_a_waiting_run_would_have_gone_on_with_the_answer(run):
    events.record(run, StepStarted(step_id="step-3", position=3, title="Thinking"), StepFinished(step_id="step-3"))
    models.InputRequest.objects.create(run=run, kind="question", prompt="Which region?", created_at=timezone.now())
    models.Run.objects.filter(id=run.id).update(status="waiting")
    assert canceled(run).would_look_at == "The answer to: Which region?"


def test_a_run_that_has_not_begun_knows_nothing(run):
    told = canceled(run)
    assert (told.facts, told.hypotheses, told.would_look_at) == ([], [], "")
