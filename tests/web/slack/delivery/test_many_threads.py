"""A run that many threads tell: what its events cost, and what each thread hears of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from sahur.batch import effects as door
from sahur.issues import models
from sahur.issues.services import effects, notices
from sahur_core.events import EventPayload, HypothesisStated, InputRequested, RunSucceeded, StepStarted
from sahur_core.issues import Hypothesis, HypothesisStatus, InputRequest
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.delivery.again import deliver_again, posted

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 30
QUESTION = InputRequest(id=str(uuid.uuid4()), kind="question", prompt="Which region?")
STATED = Hypothesis(id="one", statement="It is the deploy", status=HypothesisStatus.STATED)


@pytest.fixture
def many(run) -> list[models.SlackThread]:
    """Threads that have joined, with their cards posted."""
    models.Effect.objects.filter(run=run).update(state="done", result={"channel": CHANNEL, "ts": "1.0"})
    place = {"issue": run.issue, "workspace_id": "T0FAKE", "channel_id": CHANNEL}
    made = [models.SlackThread.objects.create(**place, root_ts=f"{number}.000001") for number in range(MANY)]
    for thread in made:
        common = {"issue": run.issue, "run": run, "kind": "slack.card", "state": "done"}
        models.Effect.objects.create(key=f"{run.id}:{thread.id}:card", thread=thread, result={"ts": "1.0"}, **common)
    return made


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (StepStarted(step_id="step-1", position=1, title="Look"), "slack.card_update"),
        (HypothesisStated(hypothesis=STATED), "slack.card_update"),
        (InputRequested(input_request=QUESTION), "slack.input"),
        (RunSucceeded(verdict="likely"), "slack.answer"),
    ],
)
def test_an_event_costs_as_many_queries_however_many_threads_tell_it(
    run, many, payload: EventPayload, kind: str, django_assert_max_num_queries: Any
):
    for _ in range(2):
        with django_assert_max_num_queries(10):
            effects.plan(run, payload)
    assert models.Effect.objects.filter(kind=kind).count() == MANY + 1


def test_a_post_hastens_what_waits_in_its_own_thread_only(slack, run, card, root, monkeypatch):
    other = models.SlackThread.objects.create(issue=run.issue, workspace_id="T0FAKE", channel_id=CHANNEL, root_ts="2.000001")
    effects.plan(run, InputRequested(input_request=QUESTION))
    models.Effect.objects.filter(kind="slack.input").update(due_at="2100-01-01T00:00:00Z")
    own = models.Effect.objects.get(kind="slack.input", thread=card.thread)
    hinted: list[uuid.UUID] = []
    monkeypatch.setattr(effects, "hint", hinted.append)
    door.deliver(card.id)
    assert hinted == [own.id]
    assert models.Effect.objects.get(kind="slack.input", thread=other).due_at.year == 2100


def test_a_thread_that_has_left_hears_no_answer_and_no_question_of_what_it_left(slack, run, card, team):
    door.deliver(card.id)
    row = models.InputRequest.objects.create(run=run, kind="question", prompt="Which region?")
    effects.plan(run, InputRequested(input_request=QUESTION.model_copy(update={"id": str(row.id)})))
    effects.plan(run, RunSucceeded(verdict="likely"))
    answer = models.Effect.objects.get(kind="slack.answer")
    effects.plan_answer_parts(answer, 2)
    own = models.Issue.objects.create(team=team, number=99, key="SAH-99", title="Its own", source="slack")
    models.SlackThread.objects.update(issue=own)
    waiting = models.Effect.objects.filter(kind__in=["slack.input", "slack.answer", "slack.answer_part"])
    assert [deliver_again(each).state for each in waiting.order_by("created_at", "id")] == ["done"] * 3
    assert len(posted(slack)) == 1
    models.InputRequest.objects.update(answered_at="2026-01-01T00:00:00Z", answered_by="Rita")
    effects.add(run, card.thread, "slack.input_update", "closed", {"input_request": str(row.id)})
    assert deliver_again(models.Effect.objects.get(kind="slack.input_update")).state == "done"


def test_the_card_of_a_thread_that_has_left_says_which_issue_it_tells(slack, run, card, team):
    door.deliver(card.id)
    own = models.Issue.objects.create(team=team, number=99, key="SAH-99", title="Its own", source="slack")
    models.SlackThread.objects.update(issue=own)
    notices.update_card(run, card.thread, "separated")
    assert deliver_again(models.Effect.objects.get(kind="slack.card_update")).state == "done"
    text = posted(slack)[0]["text"]
    assert "This thread tells SAH-99 now" in text
