"""What is said in the thread of an issue, while its run works and after its end."""

from __future__ import annotations

import pytest
from django.db import transaction

from sahur.batch import effects as delivery
from sahur.issues import models
from sahur.issues.services import messages, runs
from tests.fakes.slack import BOT, Script
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.interactivity import install

pytestmark = pytest.mark.django_db(transaction=True)


def the_run() -> models.Run:
    return models.Run.objects.select_related("issue__team").order_by("-number")[0]


def deliver_all(kind: str) -> list[str]:
    """Deliver what waits of this kind; the states afterwards."""
    waiting = models.Effect.objects.filter(kind=kind, state="pending").order_by("created_at")
    for effect in list(waiting):
        delivery.deliver(effect.id)
    return list(models.Effect.objects.filter(kind=kind).order_by("created_at").values_list("state", flat=True))


def reactions_of(slack, ts: str) -> list[str]:
    message = next(message for message in slack.messages(CHANNEL) if message["ts"] == ts)
    return [reaction["name"] for reaction in message.get("reactions", [])]


def take_in(run: models.Run) -> None:
    claim = runs.claim(run.id, run.stage, owner="a worker", lease_seconds=30, team_limit=5)
    with transaction.atomic():
        messages.take_in(run, claim.attempt, 2)


def edited(ts: str, root: str, text: str, before: str = "Since noon") -> dict:
    now = {
        "type": "message",
        "user": "U0RITA",
        "text": text,
        "ts": ts,
        "thread_ts": root,
        "edited": {"user": "U0RITA", "ts": "9.1"},
    }
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": CHANNEL,
        "channel_type": "channel",
        "ts": "9.2",
        "message": now,
        "previous_message": {**now, "text": before},
    }


def cross(channel: str, ts: str) -> dict:
    item = {"type": "message", "channel": channel, "ts": ts}
    return {"type": "reaction_added", "user": "U0MIA", "reaction": "x", "item": item}


def test_a_reply_is_marked_when_it_waits_and_when_the_model_has_it(mention, reply, slack, team):
    root = mention("Checkout fails")
    ts = reply("Since noon", thread_ts=root)
    deliver_all("slack.reaction")
    assert reactions_of(slack, ts) == ["eyes"]
    take_in(the_run())
    deliver_all("slack.reaction")
    assert reactions_of(slack, ts) == ["white_check_mark"]
    assert reactions_of(slack, root) == []


def test_a_message_from_the_page_is_marked_nowhere(mention, slack, team):
    mention("Checkout fails")
    messages.say(the_run(), "Since noon", author_name="Rita", author_id=None)
    assert not models.Effect.objects.filter(kind="slack.reaction").exists()


def test_marks_that_come_in_any_order_end_with_the_last_one(mention, reply, slack, team):
    ts = reply("Since noon", thread_ts=mention("Checkout fails"))
    take_in(the_run())
    for effect in models.Effect.objects.filter(kind="slack.reaction").order_by("-created_at"):
        delivery.deliver(effect.id)
    assert reactions_of(slack, ts) == ["white_check_mark"]
    assert slack.calls_of("reactions.remove") == []


def test_a_mark_whose_delivery_died_does_not_stay_beside_the_next_one(mention, reply, slack, team):
    ts = reply("Since noon", thread_ts=mention("Checkout fails"))
    slack.script("reactions.add", Script(after_work=True))
    deliver_all("slack.reaction")
    take_in(the_run())
    models.Effect.objects.update(due_at="2000-01-01T00:00:00Z")
    assert deliver_all("slack.reaction") == ["done", "done"]
    assert reactions_of(slack, ts) == ["white_check_mark"]


def test_a_mark_that_slack_does_not_take_away_now_is_taken_away_later(mention, reply, slack, team):
    ts = reply("Since noon", thread_ts=mention("Checkout fails"))
    deliver_all("slack.reaction")
    take_in(the_run())
    slack.script("reactions.remove", Script(error="ratelimited", status=429, retry_after=30))
    deliver_all("slack.reaction")
    models.SlackPace.objects.all().delete()
    models.Effect.objects.update(due_at="2000-01-01T00:00:00Z")
    deliver_all("slack.reaction")
    assert reactions_of(slack, ts) == ["white_check_mark"]


@pytest.mark.parametrize("reason", ["already_reacted", "message_not_found", "no_reaction"])
def test_a_mark_that_is_there_or_has_no_message_is_no_failure(mention, reply, slack, team, reason):
    reply("Since noon", thread_ts=mention("Checkout fails"))
    slack.script("reactions.add", Script(error=reason))
    assert deliver_all("slack.reaction") == ["done"]
    assert not models.Event.objects.filter(kind="effect.finished").exists()


def test_a_mark_that_slack_forbids_is_told_on_the_run(mention, reply, slack, team):
    reply("Since noon", thread_ts=mention("Checkout fails"))
    slack.script("reactions.add", Script(error="missing_scope"))
    assert deliver_all("slack.reaction") == ["failed"]
    assert "missing_scope" in models.Event.objects.get(kind="effect.finished").payload["detail"]


def test_a_mention_in_the_thread_of_a_live_run_is_heard_now(mention, reply, team):
    root = mention("Checkout fails")
    reply("Since noon", thread_ts=root)
    mention("look at staging", thread_ts=root)
    said = models.Message.objects.order_by("created_at")
    assert [(message.text, message.is_urgent) for message in said] == [("Since noon", False), ("look at staging", True)]


def test_words_in_a_direct_conversation_wait_for_their_turn(tell, slack, team):
    event = {"type": "message", "channel_type": "im", "user": "U0RITA", "channel": "D0DIRECT"}
    tell({**event, "text": "It broke", "ts": "1.1"})
    tell({**event, "text": "Since noon", "ts": "1.2", "thread_ts": "1.1"})
    assert not models.Message.objects.get().is_urgent


def test_other_words_count_while_the_first_ones_wait(mention, reply, tell, team):
    root = mention("Checkout fails")
    ts = reply("Since noon", thread_ts=root)
    tell(edited(ts, root, "Since &lt;one&gt;"))
    assert models.Message.objects.get().text == "Since <one>"
    assert models.Event.objects.get(kind="message.edited").payload["text"] == "Since <one>"
    take_in(the_run())
    tell(edited(ts, root, "Since two", before="Since &lt;one&gt;"))
    assert models.Message.objects.get().text == "Since <one>"


def test_a_preview_of_a_link_and_our_own_edits_are_no_other_words(mention, reply, tell, team):
    root = mention("Checkout fails")
    ts = reply("Since noon", thread_ts=root)
    tell(edited(ts, root, "Since noon"))
    ours = edited(ts, root, "Since one")
    ours["message"] |= {"user": BOT["user_id"], "bot_id": BOT["bot_id"]}
    tell(ours)
    assert not models.Event.objects.filter(kind="message.edited").exists()


def test_files_stay_with_other_words_and_previews_of_links_do_not_come_in(mention, reply, tell, team):
    root = mention("Checkout fails")
    file = {"id": "F1", "name": "app.log", "permalink": "https://fake.slack.com/files/F1", "mimetype": "text/plain"}
    ts = reply("Since noon", thread_ts=root, files=[file], subtype="file_share")
    before = models.Message.objects.get().text
    change = edited(ts, root, "Since one")
    change["message"] |= {"files": [file], "attachments": [{"title": "A page", "from_url": "https://example.org"}]}
    tell(change)
    assert models.Message.objects.get().text == before.replace("noon", "one")


def test_nobody_edits_what_somebody_else_said(mention, reply, tell, slack, team):
    root = mention("Checkout fails")
    ts = reply("Since noon", thread_ts=root)
    forged = edited(ts, root, "Never mind")
    forged["message"]["user"] = "U0MALLORY"
    tell(forged)
    assert models.Message.objects.get().text == "Since noon"


def test_a_mention_after_the_end_starts_a_further_run_with_all_that_was_said_since(mention, reply, slack, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    ts = reply("it is back", thread_ts=root)
    assert models.Run.objects.count() == 1
    mention("try again with the new log", thread_ts=root)
    latest = the_run()
    assert (latest.number, latest.status) == (2, "queued")
    assert [message.text for message in latest.messages.order_by("created_at")] == ["it is back", "try again with the new log"]
    take_in(latest)
    deliver_all("slack.reaction")
    assert reactions_of(slack, ts) == ["white_check_mark"]


def test_a_mention_that_starts_a_further_run_is_never_marked_as_too_late(mention, slack, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    ts = mention("look at staging", thread_ts=root)
    assert set(deliver_all("slack.reaction")) == {"done"}
    assert reactions_of(slack, ts) == ["eyes"]
    assert [call["name"] for call in slack.calls_of("reactions.add")] == ["eyes"]


def test_a_mention_alone_after_the_end_starts_a_run_with_what_was_kept_for_it(mention, reply, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    reply("it is back", thread_ts=root)
    mention("", thread_ts=root)
    latest = the_run()
    told = [message.text for message in latest.messages.order_by("created_at")]
    assert (latest.number, told) == (2, ["it is back", "@SAHUR"])


def test_a_mention_alone_after_the_end_goes_on_from_the_answer(mention, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    mention("", thread_ts=root)
    assert the_run().number == 2
    assert messages.is_follow_up(the_run().id)


def test_who_asks_to_stop_what_has_ended_is_told_so_alone(mention, slack, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    mention("stop", thread_ts=root)
    told = wait_for(lambda: slack.calls_of("chat.postEphemeral"))[0]
    assert (told["user"], told["thread_ts"], "nothing to stop" in told["text"]) == ("U0RITA", root, True)


def test_in_a_direct_conversation_any_reply_after_the_end_goes_on(tell, slack, team):
    event = {"type": "message", "channel_type": "im", "user": "U0RITA", "channel": "D0DIRECT"}
    tell({**event, "text": "It broke", "ts": "1.1"})
    runs.request_stop(the_run().id, "Rita")
    tell({**event, "text": "Since noon", "ts": "1.2", "thread_ts": "1.1"})
    latest = the_run()
    assert (latest.number, [message.text for message in latest.messages.all()]) == (2, ["Since noon"])
    assert not models.Effect.objects.filter(kind="slack.hint").exists()


def test_who_speaks_after_the_end_is_told_once_how_to_start_a_further_run(mention, reply, slack, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    reply("it is back", thread_ts=root)
    reply("really", thread_ts=root)
    hint = models.Effect.objects.get(kind="slack.hint")
    assert hint.payload == {"user": "U0RITA"}
    assert models.Message.objects.filter(status="carried_over").count() == 2


def test_a_cross_of_who_may_not_stop_is_answered_to_them_alone(mention, tell, slack, team):
    root = mention("Checkout fails")
    install(team, "viewer")
    tell(
        {"type": "reaction_added", "user": "U0MIA", "reaction": "x", "item": {"type": "message", "channel": CHANNEL, "ts": root}}
    )
    wait_for(lambda: slack.calls_of("chat.postEphemeral") != [])
    told = slack.calls_of("chat.postEphemeral")[0]
    assert (told["user"], told["thread_ts"]) == ("U0MIA", root)
    assert "role responder" in told["text"]
    assert the_run().status == "queued"


def test_a_cross_stops_the_run_in_every_thread_that_tells_it(mention, tell, team):
    mention("Checkout fails")
    models.SlackThread.objects.create(issue=the_run().issue, workspace_id="T0FAKE", channel_id="C0OTHER", root_ts="5.5")
    tell(
        {
            "type": "reaction_added",
            "user": "U0MIA",
            "reaction": "x",
            "item": {"type": "message", "channel": "C0OTHER", "ts": "5.5"},
        }
    )
    assert the_run().status == "canceled"


def test_a_cross_stops_the_run_of_a_report_that_is_a_reply(mention, tell, slack, team):
    root = slack.say(CHANNEL, "It is slow today")
    report = mention("look into this", thread_ts=root)
    tell(cross(CHANNEL, report))
    assert the_run().status == "canceled"


def test_a_word_of_stopping_after_the_end_is_no_message(mention, reply, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    reply("stop", thread_ts=root)
    assert not models.Message.objects.exists()
