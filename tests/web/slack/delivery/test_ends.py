"""Every end of a run is told: in as many messages as it needs, directly where the thread is closed, and waiting is told, too."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sahur.batch import effects as door
from sahur.issues import models
from sahur.issues.services import effects, notices, reports, runs
from sahur.slack import delivery, web_api
from sahur_core.events import RunSucceeded
from sahur_core.issues import Solution, Source
from tests.fakes.slack import Script
from tests.web.slack.delivery.again import deliver_again, posted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long_answer(slack, run, card) -> models.Effect:
    """A run with more to tell than one message holds."""
    door.deliver(card.id)
    told = Solution(verdict="likely", summary="It is the rate", root_cause="A sentence of many. " * 1_000, next_step="Mend it.")
    models.Solution.objects.create(run=run, verdict="likely", summary=told.summary, body=told.model_dump(mode="json"))
    models.Run.objects.filter(id=run.id).update(status="succeeded")
    effects.plan(run, RunSucceeded(verdict="likely"))
    return models.Effect.objects.get(kind="slack.answer")


def parts() -> list[models.Effect]:
    return list(models.Effect.objects.filter(kind="slack.answer_part").order_by("payload__part"))


def test_a_long_answer_is_told_in_order_and_each_message_once(slack, run, long_answer):
    door.deliver(long_answer.id)
    (second,) = parts()
    assert deliver_again(second).state == "done"
    assert deliver_again(second).state == "done"
    answers = posted(slack)[1:]
    assert ["1 of 2" in str(answers[0]["blocks"]), "2 of 2" in str(answers[1]["blocks"])] == [True, True]
    assert ["feedback" in str(message["blocks"]) for message in answers] == [False, True]


def test_a_part_waits_for_the_one_before_it(slack, run, long_answer):
    effects.plan_answer_parts(long_answer, 3)
    for part in reversed(parts()):
        waiting = deliver_again(part)
        assert (waiting.state, waiting.attempt) == ("pending", 0)
    models.Effect.objects.filter(id=long_answer.id).update(state="failed")
    assert deliver_again(parts()[0]).state == "failed"


def test_a_worker_lost_between_the_messages_of_an_answer_posts_each_once(slack, run, long_answer):
    delivery.deliver(effects.start(long_answer.id))
    assert deliver_again(long_answer).state == "done"
    (second,) = parts()
    models.Effect.objects.update(due_at="2000-01-01T00:00:00Z")
    delivery.deliver(effects.start(second.id))
    assert deliver_again(second).state == "done"
    assert len(posted(slack)) == 3


def test_a_run_that_nobody_begins_says_so_once(slack, run, card):
    door.deliver(card.id)
    notices.tell_unclaimed()
    assert not models.Effect.objects.filter(kind="slack.unclaimed").exists()
    models.Run.objects.update(created_at="2000-01-01T00:00:00Z")
    notices.tell_unclaimed()
    notices.tell_unclaimed()
    (told,) = models.Effect.objects.filter(kind="slack.unclaimed")
    door.deliver(told.id)
    assert posted(slack)[-1]["text"] == f"{run.issue.key} is still waiting for a free worker"


def test_a_run_that_was_begun_meanwhile_does_not_say_that_it_waits(slack, run, card):
    door.deliver(card.id)
    models.Run.objects.update(created_at="2000-01-01T00:00:00Z")
    notices.tell_unclaimed()
    models.Run.objects.update(status="running", started_at=timezone.now())
    door.deliver(models.Effect.objects.get(kind="slack.unclaimed").id)
    assert len(posted(slack)) == 1


def test_too_many_alerts_are_told_by_one_effect_with_one_hint(run, card, monkeypatch):
    hinted: list[str] = []
    monkeypatch.setattr(effects, "send_hint", lambda task, effect_id, queue: hinted.append(effect_id))
    for _ in range(3):
        notices.tell_flood(run, card.thread, limit=30, hour=1)
    assert hinted == [str(models.Effect.objects.get(kind="slack.flood").id)]


@pytest.mark.parametrize("code", ["not_in_channel", "is_archived", "restricted_action_thread_locked"])
def test_a_thread_that_is_closed_to_us_is_told_to_its_reporter_directly_and_once(slack, run, card, code):
    slack.script("chat.postMessage", Script(error=code))
    door.deliver(card.id)
    runs.request_stop(run.id, "Rita")
    slack.script("chat.postMessage", Script(error=code))
    door.deliver(models.Effect.objects.get(kind="slack.answer").id)
    away = list(models.Effect.objects.filter(kind="slack.away").order_by("created_at"))
    for effect in away * 2:
        assert deliver_again(effect).state == "done"
    texts = [call["text"] for call in slack.calls_of("chat.postMessage")[2:]]
    assert ["is being investigated" in texts[0], "Stopped before there was an answer" in texts[1]] == [True, True]
    assert all(web_api.WHAT_TO_DO[code].split(":")[0] in text for text in texts)
    assert len(texts) == 2
    assert "mention me here" not in str(slack.calls_of("chat.postMessage")[-1]["blocks"])
    assert posted(slack) == []


def test_who_is_told_directly_gets_no_button_that_leads_nowhere_and_hears_where_to_go_on(slack, run, long_answer):
    slack.script("chat.postMessage", Script(error="is_archived"))
    door.deliver(long_answer.id)
    assert deliver_again(models.Effect.objects.get(kind="slack.away")).state == "done"
    blocks = str(slack.calls_of("chat.postMessage")[-1]["blocks"])
    assert "It is the rate" in blocks
    assert "it goes on below" not in blocks
    assert "what you write here begins another report" in blocks
    assert ["real_cause" in blocks, "feedback" in blocks, "open_page" in blocks] == [False, False, True]


def test_what_waits_for_a_first_message_that_never_comes_fails_with_it(slack, run, card):
    models.SlackThread.objects.update(root_ts="")
    begun = models.Effect.objects.create(
        key="root",
        kind="slack.root",
        issue=run.issue,
        run=run,
        thread=card.thread,
        due_at=timezone.now(),
        created_at=timezone.now(),
    )
    assert deliver_again(card).state == "pending"
    models.Effect.objects.filter(id=begun.id).update(state="failed", last_error="Slack: user_disabled")
    failed = deliver_again(card)
    assert (failed.state, "user_disabled" in failed.last_error) == ("failed", True)


def test_an_end_that_nobody_would_have_been_told_there_is_told_nowhere(slack, run, card, team):
    door.deliver(card.id)
    runs.request_stop(run.id, "Rita")
    slack.script("chat.postMessage", Script(error="is_archived"))
    door.deliver(models.Effect.objects.get(kind="slack.answer").id)
    other = reports.open_issue(team, reports.NewIssue(title="Other", body="x", source=Source.SLACK, reporter_name="Olga"))
    models.SlackThread.objects.update(issue=other)
    away = deliver_again(models.Effect.objects.get(kind="slack.away"))
    assert (away.state, away.result) == ("done", {})
