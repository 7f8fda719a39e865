"""A limit that is reached again is asked about again, by a question of its own."""

from __future__ import annotations

import pytest

from sahur.batch import actions
from sahur.issues import models
from sahur_core.config import Budget, InvestigateConfig
from sahur_core.issues import Decision, RunStatus, Stage
from tests.web.batch.investigating import TOOL, Bench, detective

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_pool")]


def busy(told):
    """Records, and then reads one file after the other."""
    return detective(told) if "Recorded as" not in told else (TOOL, {"path": f"x{told.count('tool_call_id')}"})


def open_questions(run):
    return models.InputRequest.objects.filter(run=run, answered_at__isnull=True)


def test_a_limit_that_was_raised_by_next_to_nothing_is_asked_about_again(run, actor):
    bench = Bench(busy, InvestigateConfig(budget=Budget(tokens=2_000_000)))
    bench.drive(run, Stage.GATHER_CONTEXT)
    models.RunUsage.objects.update_or_create(run=run, defaults={"input_tokens": 1_600_500})
    bench.drive(run)
    actions.answer_input(actor, open_questions(run).get().id, Decision.EDIT, arguments={"raise_by": 1})
    bench.drive(run)
    assert run.status == RunStatus.WAITING
    assert open_questions(run).count() == 1
    assert models.InputRequest.objects.filter(run=run).count() == 2


def test_a_question_that_was_superseded_comes_up_again(run, actor):
    """The model wanted to end, and a message sent it on."""
    bench = Bench(busy, InvestigateConfig(budget=Budget(cost_usd=0.2, ask_at=0.1)))
    bench.drive(run)
    bench.models.script = lambda _: ("finish", {"reason": "The person said so."})
    actions.send_message(actor, run.id, "please conclude")
    bench.drive(run, Stage.ANALYZE)
    actions.send_message(actor, run.id, "wait, look at this, too")
    bench.models.script = busy
    bench.drive(run)
    assert run.status == RunStatus.WAITING
    assert open_questions(run).exists()
