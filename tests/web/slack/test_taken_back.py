"""What people say in a thread, put in other words or deleted: it counts until the model has read it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from sahur.accounts.models import AuditEntry
from sahur.batch import actions
from sahur.issues import models
from sahur.issues.services import messages, runs
from sahur.slack.progress import said_to
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.interactivity import install
from tests.web.slack.test_replies import edited, take_in, the_run

pytestmark = pytest.mark.django_db(transaction=True)
SECRET_WORDS = "the password is hunter twelve"


def deleted(ts: str, root: str, text: str = SECRET_WORDS, **more: object) -> dict:
    """https://docs.slack.dev/reference/events/message/message_deleted."""
    before = {"type": "message", "user": "U0RITA", "text": text, "ts": ts, "thread_ts": root, **more}
    event = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": ts, "ts": "9.3"}
    return {**event, "channel": CHANNEL, "channel_type": "channel", "previous_message": before}


def told_alone(slack) -> dict:
    return wait_for(lambda: slack.calls_of("chat.postEphemeral"))[0]


def test_a_reply_that_is_deleted_while_it_waits_is_never_read(mention, reply, tell, team):
    root = mention("Checkout fails")
    ts = reply(SECRET_WORDS, thread_ts=root)
    tell(deleted(ts, root))
    tell(deleted(ts, root))
    message = models.Message.objects.get()
    assert (message.status, message.text) == ("withdrawn", "")
    assert models.Event.objects.filter(kind="message.withdrawn").count() == 1
    take_in(the_run())
    assert not models.Event.objects.filter(kind="message.taken_in").exists()
    assert said_to(the_run()).waiting == 0


def test_the_words_of_a_deleted_reply_are_nowhere_any_more(mention, reply, tell, team):
    root = mention("Checkout fails")
    ts = reply("hm", thread_ts=root)
    tell(edited(ts, root, SECRET_WORDS, before="hm"))
    tell(deleted(ts, root))
    assert not [event for event in models.Event.objects.all() if SECRET_WORDS in str(event.payload)]
    assert AuditEntry.objects.get(action="message.withdrawn").target == the_run().issue.key


def test_a_reply_that_waits_for_the_next_run_is_not_read_by_it(mention, reply, tell, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    ts = reply(SECRET_WORDS, thread_ts=root)
    tell(deleted(ts, root))
    mention("look again", thread_ts=root)
    assert [message.text for message in the_run().messages.all()] == ["look again"]


def test_a_reply_that_was_carried_over_is_withdrawn_in_every_run(mention, reply, tell, actor, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    ts = reply(SECRET_WORDS, thread_ts=root)
    actions.start_run(actor, the_run().issue.key)
    tell(deleted(ts, root))
    assert set(models.Message.objects.values_list("status", "text")) == {("withdrawn", "")}


def test_a_reply_that_was_read_stays_and_its_author_is_told_so(mention, reply, tell, slack, team):
    root = mention("Checkout fails")
    ts = reply("Since noon", thread_ts=root)
    take_in(the_run())
    tell(deleted(ts, root, "Since noon"))
    told = told_alone(slack)
    assert (told["user"], told["thread_ts"], "stays said" in told["text"]) == ("U0RITA", root, True)
    assert models.Message.objects.get().text == "Since noon"


def test_what_the_model_is_just_being_handed_is_not_told_as_taken_back(mention, reply, team):
    root = mention("Checkout fails")
    reply("Since noon", thread_ts=root)
    message, answered = models.Message.objects.get(), []
    run = the_run()
    claim = runs.claim(run.id, run.stage, owner="a worker", lease_seconds=30, team_limit=5)

    def withdraw() -> None:
        try:
            answered.append(messages.withdraw(message))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        messages.take_in(run, claim.attempt, 2)
        pool.submit(withdraw)
        # It waits for this transaction.
        wait_for(lambda: is_waited_for())
    message.refresh_from_db()
    assert (answered, message.status, message.text) == ([False], "taken_in", "Since noon")


def is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_locks where not granted)")
        return bool(cursor.fetchone()[0])


def test_a_reply_whose_deletion_comes_first_is_not_taken(mention, reply, tell, slack, team):
    root = mention("Checkout fails")
    tell(deleted("5.5", root))
    reply(SECRET_WORDS, thread_ts=root, ts="5.5")
    assert not models.Message.objects.exists()


def test_a_deleted_message_of_ours_and_a_deleted_report_change_nothing(mention, tell, slack, team):
    root = mention("Checkout fails")
    tell(deleted("7.7", root, bot_id="B0SAHUR"))
    tell(deleted(root, root))
    assert (the_run().status, models.Inbound.objects.filter(source="slack deleted").count()) == ("queued", 0)


def test_our_own_people_take_back_what_they_said_in_a_shared_channel(mention, reply, tell, team):
    root = mention("Checkout fails")
    ts = reply(SECRET_WORDS, thread_ts=root)
    tell(deleted(ts, root, user_team="T0FAKE"), is_ext_shared_channel=True)
    assert models.Message.objects.get().status == "withdrawn"


def test_other_words_that_come_too_late_are_answered_to_their_author_alone(mention, reply, tell, slack, team):
    root = mention("Checkout fails")
    ts = reply("Since Fryday", thread_ts=root)
    take_in(the_run())
    tell(edited(ts, root, "Since Friday", before="Since Fryday"))
    told = told_alone(slack)
    assert (told["user"], told["thread_ts"], "say it again" in told["text"]) == ("U0RITA", root, True)


def test_other_words_that_come_in_time_are_answered_by_nothing(mention, reply, tell, slack, team):
    root = mention("Checkout fails")
    ts = reply("Since Fryday", thread_ts=root)
    tell(edited(ts, root, "Since Friday", before="Since Fryday"))
    assert not models.Effect.objects.filter(kind="slack.word").exists()


def test_other_words_count_while_the_first_ones_wait_for_the_next_run(mention, reply, tell, actor, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    ts = reply("Since Fryday", thread_ts=root)
    tell(edited(ts, root, "Since Friday", before="Since Fryday"))
    actions.start_run(actor, the_run().issue.key)
    assert {message.text for message in models.Message.objects.all()} == {"Since Friday"}


def test_of_edits_that_change_places_the_later_one_counts(mention, reply, tell, team):
    root = mention("Checkout fails")
    ts = reply("Since Fryday", thread_ts=root)
    later, earlier = (
        edited(ts, root, "Since Friday", before="Since Fry day"),
        edited(ts, root, "Since Fry day", before="Since Fryday"),
    )
    earlier["message"]["edited"] = {"user": "U0RITA", "ts": "9.0"}
    tell(later)
    tell(earlier)
    assert models.Message.objects.get().text == "Since Friday"


def test_a_viewer_is_told_why_their_other_words_do_not_count(mention, reply, tell, slack, team):
    root = mention("Checkout fails")
    ts = reply("Since Fryday", thread_ts=root)
    install(team, "viewer")
    tell(edited(ts, root, "Since Friday", before="Since Fryday"))
    assert "role responder" in told_alone(slack)["text"]


def test_a_message_that_was_withdrawn_is_not_made_urgent(mention, reply, tell, team):
    root = mention("Checkout fails")
    tell(deleted(reply("Since noon", thread_ts=root), root))
    assert not messages.make_urgent(models.Message.objects.get(), "Rita").is_urgent
