"""What listeners say besides what they do: not lost with the process that answered Slack, said once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from sahur.batch import effects as delivery
from sahur.issues import models
from sahur.slack.listeners import telling
from tests.fakes.slack import Script
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.interactivity import install, press
from tests.web.slack.test_replies import the_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def find_dead(monkeypatch) -> Callable[[], None]:
    """The process dies right after its answer to Slack; once called, its word is found and delivered."""
    lost: list[object] = []
    monkeypatch.setattr(telling.effects, "deliver", lambda effect_id, **_: lost.append(effect_id))

    def later() -> None:
        wait_for(lambda: lost)
        monkeypatch.undo()
        delivery.deliver(the_word().id)

    return later


def the_word() -> models.Effect:
    return models.Effect.objects.get(kind="slack.word")


def test_a_refusal_is_told_also_where_the_process_dies_after_its_answer(mention, slack, team, find_dead):
    install(team, "viewer")
    mention("Checkout fails", user="U0RITA")
    find_dead()
    told = slack.calls_of("chat.postEphemeral")[0]
    assert (told["user"], told["channel"], "role responder" in told["text"]) == ("U0RITA", CHANNEL, True)
    assert (the_word().state, the_word().payload) == ("done", {})


def test_who_mentions_us_without_words_is_asked_for_them_also_then(mention, slack, team, find_dead):
    root = mention("")
    find_dead()
    assert [(call["thread_ts"], "The report is empty" in call["text"]) for call in slack.calls_of("chat.postMessage")] == [
        (root, True)
    ]


def test_who_presses_a_button_too_late_hears_so_also_then(mention, slack, team, find_dead):
    root = mention("Checkout fails")
    press("stop_run", str(the_run().id), thread_ts=root)
    press("stop_run", str(the_run().id), thread_ts=root)
    find_dead()
    assert "nothing to stop" in slack.calls_of("chat.postEphemeral")[0]["text"]


def test_a_refused_event_that_slack_delivers_again_is_answered_once(tell, slack, team):
    install(team, "")
    event = {"type": "app_mention", "user": "U0RITA", "text": "<@U0SAHUR> It broke", "ts": "1.1", "channel": CHANNEL}
    for _ in range(2):
        tell(event, event_id="Ev0SAME")
    wait_for(lambda: the_word().state == "done")
    assert len(slack.calls_of("chat.postEphemeral")) == 1


def test_what_was_posted_by_a_lost_delivery_is_not_posted_again(mention, slack, team):
    mention("")
    wait_for(lambda: models.Effect.objects.filter(kind="slack.word", state="done").exists())
    posted = slack.calls_of("chat.postMessage")[0]
    again = {"workspace_id": "T0FAKE", "channel": CHANNEL, "thread_ts": posted["thread_ts"], "text": posted["text"]}
    models.Effect.objects.update(state="started", attempt=1, payload=again, due_at=timezone.now() - timedelta(seconds=5))
    delivery.deliver(the_word().id)
    assert (the_word().state, len(slack.calls_of("chat.postMessage"))) == ("done", 1)


def test_where_we_may_not_speak_a_person_is_told_directly(mention, slack, team):
    slack.script("chat.postEphemeral", Script(error="not_in_channel"))
    install(team, "viewer")
    mention("Checkout fails", user="U0RITA")
    told = wait_for(lambda: slack.calls_of("chat.postMessage"))[0]
    assert told["channel"].startswith("D")
    assert "role responder" in told["text"]


def test_words_that_nobody_remembers_the_reason_of_are_not_said(mention, slack, team, find_dead):
    install(team, "viewer")
    mention("Checkout fails", user="U0RITA")
    models.Effect.objects.update(created_at=timezone.now() - timedelta(hours=2))
    find_dead()
    assert (the_word().state, slack.calls_of("chat.postEphemeral")) == ("failed", [])


def fails(*_: object, **__: object) -> None:
    raise TypeError("a fault of ours")


def test_a_reply_that_our_own_code_cannot_take_is_answered_to_its_author_at_the_last_try(mention, tell, slack, team, monkeypatch):
    root = mention("Checkout fails")
    monkeypatch.setattr("sahur.slack.listeners.replies.take_reply", fails)
    event = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": "Since noon", "channel": CHANNEL}
    said = {**event, "ts": "9.1", "thread_ts": root}
    assert tell(said).status_code == 500
    assert tell(said, retry=3).status_code == 200
    told = wait_for(lambda: slack.calls_of("chat.postEphemeral"))[0]
    assert (told["user"], told["thread_ts"], "SAHUR itself failed" in told["text"]) == ("U0RITA", root, True)


def test_talk_in_other_threads_is_no_business_of_ours_at_the_last_try_either(tell, slack, team, monkeypatch):
    monkeypatch.setattr("sahur.slack.listeners.messages.take", fails)
    event = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": "Lunch?", "channel": CHANNEL}
    assert tell({**event, "ts": "9.1", "thread_ts": "8.1"}, retry=3).status_code == 500
    assert not models.Effect.objects.filter(kind="slack.word").exists()
