"""The rest of a report: what stands in its thread, in its files and in what it forwards, read before the run starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sahur.batch import effects
from sahur.issues import models
from sahur.issues.services import runs
from sahur.slack.delivery import earlier
from sahur.slack.delivery.earlier import MAX_CHARS
from sahur.slack.delivery.files import MAX_FILE_CHARS
from tests.fakes.slack import BOT, Script
from tests.fakes.slack.conversations import shown_file
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """The runs whose chain was sent."""
    sent: list[str] = []
    monkeypatch.setattr("sahur.batch.chain.send", lambda run: bool(sent.append(run.issue.key)) or True)
    return sent


def the_issue() -> models.Issue:
    return models.Issue.objects.get()


def read(times: int = 1) -> models.Effect:
    """Deliver the effect that reads the rest, as its worker does."""
    effect = models.Effect.objects.get(kind="slack.report")
    for _ in range(times):
        models.Effect.objects.filter(id=effect.id).update(due_at=timezone.now() - timedelta(seconds=1))
        effects.deliver(effect.id)
    effect.refresh_from_db()
    return effect


def test_a_report_of_its_own_starts_at_once_and_asks_slack_for_nothing(mention, slack, team, started):
    mention("Checkout is down")
    assert started == ["SAH-1"]
    assert slack.calls == []
    assert not models.Effect.objects.filter(kind="slack.report").exists()


def test_a_report_in_a_thread_starts_with_what_was_said_before_it(mention, slack, team, started):
    root = slack.say(CHANNEL, "Checkout is down: KeyError: &lt;rate&gt;")
    slack.say(CHANNEL, "since the deploy, <https://github.com/acme/shop/pull/12|this one>", user="U0OTHER", thread_ts=root)
    mention("why?", thread_ts=root)
    assert (started, the_issue().body) == ([], "why?\n\n(What stands in its thread is still to be read from Slack.)")
    assert slack.calls == []
    assert read().state == "done"
    assert started == ["SAH-1"]
    assert (the_issue().title, the_issue().body) == (
        "why?",
        "why?\n\nIn this thread:\nU0RITA: Checkout is down: KeyError: <rate>\n"
        "U0OTHER: since the deploy, this one (https://github.com/acme/shop/pull/12)",
    )


def test_a_bare_mention_means_the_thread(mention, slack, team, started):
    root = slack.say(CHANNEL, "Checkout is down\nsince ten")
    mention("", thread_ts=root)
    read()
    assert (the_issue().title, the_issue().body) == ("Checkout is down", "In this thread:\nU0RITA: Checkout is down\nsince ten")


def test_what_an_alert_shows_is_part_of_it(mention, slack, team, started):
    alert = {"title": "TypeError in total", "title_link": "https://acme.sentry.io/issues/7/", "text": "shop/cart.py"}
    root = slack.add(CHANNEL, {"bot_id": "B1", "bot_profile": {"name": "Sentry"}, "text": "", "attachments": [alert]})["ts"]
    mention("look", thread_ts=root)
    read()
    assert the_issue().body.endswith("Sentry: TypeError in total\nhttps://acme.sentry.io/issues/7/\nshop/cart.py")


def test_what_is_said_later_and_by_us_is_not(mention, slack, team, started):
    root = slack.say(CHANNEL, "Checkout is down")
    slack.add(CHANNEL, {"user": BOT["user_id"], "bot_id": BOT["bot_id"], "text": "Our own card", "thread_ts": root})
    mention("why?", thread_ts=root)
    slack.say(CHANNEL, "And lunch?", thread_ts=root)
    read()
    assert "Our own card" not in the_issue().body
    assert "lunch" not in the_issue().body
    assert the_issue().body.count("why?") == 1


def test_a_second_delivery_changes_nothing(mention, slack, team, started):
    root = slack.say(CHANNEL, "Checkout is down")
    mention("why?", thread_ts=root)
    before = (read(), the_issue().body)[1]
    slack.channels[CHANNEL][0]["text"] = "Something else"
    models.Effect.objects.filter(kind="slack.report").update(state="pending")
    read()
    assert (the_issue().body, started) == (before, ["SAH-1"])


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found"])
def test_a_thread_that_can_never_be_read_keeps_no_run_away_and_the_report_says_so(mention, slack, team, started, error):
    root = slack.say(CHANNEL, "Checkout is down")
    slack.script("conversations.replies", Script(error=error))
    mention("why?", thread_ts=root)
    assert read().state == "failed"
    assert started == ["SAH-1"]
    assert "(What stands in its thread could not be read from Slack: " in the_issue().body
    assert error in the_issue().body


@pytest.mark.parametrize("script", [Script(status=500), Script(error="internal_error")], ids=["500", "error"])
def test_slack_is_asked_a_second_time_before_the_run_starts_without(mention, slack, team, started, script):
    root = slack.say(CHANNEL, "Checkout is down")
    slack.script("conversations.replies", script, script)
    mention("why?", thread_ts=root)
    assert (read().state, started) == ("pending", [])
    assert (read().state, started) == ("pending", ["SAH-1"])
    assert "could not be read" in the_issue().body


def test_who_asks_to_wait_for_long_is_not_waited_for(mention, slack, team, started):
    root = slack.say(CHANNEL, "Checkout is down")
    slack.script("conversations.replies", Script(status=429, error="ratelimited", retry_after=30))
    mention("why?", thread_ts=root)
    read()
    assert started == ["SAH-1"]


def test_what_is_read_after_the_start_is_said_to_the_run(mention, slack, team, started):
    root = slack.say(CHANNEL, "Checkout is down")
    mention("why?", thread_ts=root)
    run = models.Run.objects.get()
    runs.claim(run.id, "gather_context", owner="test", lease_seconds=30, team_limit=5)
    read(2)
    said = models.Message.objects.get()
    assert (said.text, said.status) == ("In this thread:\nU0RITA: Checkout is down", "queued")
    assert "it is a message to it" in the_issue().body
    assert started == []


def test_the_reaper_starts_the_run_if_nobody_reads(mention, slack, team, started, settings):
    root = slack.say(CHANNEL, "Checkout is down")
    mention("why?", thread_ts=root)
    run = models.Run.objects.get()
    held = run.dispatched_at - timezone.now()
    assert timedelta(seconds=settings.RUN_RESEND_SECONDS / 2) < held <= timedelta(seconds=settings.RUN_RESEND_SECONDS)
    assert runs.take_unclaimed(settings.RUN_RESEND_SECONDS) == []
    overdue = timezone.now() - timedelta(seconds=settings.RUN_RESEND_SECONDS + 1)
    models.Run.objects.update(dispatched_at=overdue)
    assert runs.take_unclaimed(settings.RUN_RESEND_SECONDS) == [run]


def test_of_a_long_thread_the_first_and_the_last_are_kept(mention, slack, team, started, monkeypatch):
    monkeypatch.setattr(earlier, "PAGE_MESSAGES", 7)
    root = slack.say(CHANNEL, "the first")
    for number in range(30):
        slack.say(CHANNEL, f"number {number} " + "x" * 2000, thread_ts=root)
    mention("why?", thread_ts=root)
    read()
    assert len(the_issue().body) < MAX_CHARS + 200
    assert "the first\n[… 11 messages left out]\n" in the_issue().body
    assert "number 29 " in the_issue().body
    assert the_issue().body.count("the first") == 1


def test_secrets_of_the_thread_are_not_stored_and_the_run_says_so(mention, slack, team, started):
    secret = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    root = slack.say(CHANNEL, f"token={secret}")
    mention("why?", thread_ts=root)
    read()
    assert secret not in repr([list(kind.objects.values()) for kind in (models.Issue, models.Effect, models.Event)])
    assert models.Event.objects.get(kind="notice.raised").payload["message"].endswith("its thread in Slack.")


def attached(slack: Any, *files: Any) -> dict[str, Any]:
    return {"subtype": "file_share", "files": [shown_file(slack.origin, file) for file in files]}


def test_text_files_are_read_and_pictures_linked(mention, slack, team, started):
    log = slack.add_file("app.log", b"started\r\nKeyError: 'rate'\n")
    picture = slack.add_file("screen.png", b"\x89PNG\x00", mimetype="image/png")
    mention("See the log", **attached(slack, log, picture))
    assert started == []
    read()
    assert "File app.log:\nstarted\nKeyError: 'rate'\n(End of app.log)" in the_issue().body
    assert "Attached in Slack: screen.png: http" in the_issue().body
    assert started == ["SAH-1"]


def test_a_file_of_an_earlier_message_and_of_a_forwarded_one_belong_to_the_report(mention, slack, team, started):
    trace, config = (
        slack.add_file("trace.txt", b"the trace"),
        slack.add_file("shop.json", b'{"rate": 1}', mimetype="application/json"),
    )
    root = slack.say(CHANNEL, "It broke", **attached(slack, trace))
    forwarded = {"is_share": True, "author_name": "Olga", "text": "see there", "files": attached(slack, config)["files"]}
    mention("why?", thread_ts=root, attachments=[forwarded])
    read()
    body = the_issue().body
    assert body.startswith("why?\nForwarded, said by Olga:\nsee there\n")
    assert "the trace" in body
    assert '{"rate": 1}' in body


def test_of_a_long_file_beginning_and_end_are_kept(mention, slack, team, started):
    log = slack.add_file("app.log", b"first line\n" + b"x" * 100_000 + b"\nlast line")
    mention("See the log", **attached(slack, log))
    read()
    assert "first line" in the_issue().body
    assert "last line" in the_issue().body
    assert len(the_issue().body) < MAX_FILE_CHARS + 500


def test_the_token_goes_to_slack_alone(mention, slack, team, started):
    file = shown_file(slack.origin, slack.add_file("app.log", b"text"))
    away = {**file, "url_private": "http://127.0.0.1:9/app.log", "url_private_download": "http://127.0.0.1:9/app.log"}
    mention("See the log", subtype="file_share", files=[away])
    read()
    assert "app.log: " in the_issue().body
    assert "(not read: it is not kept by Slack)" in the_issue().body


def test_a_file_that_slack_does_not_hand_out_is_a_link_that_says_why(mention, slack, team, started):
    shown = shown_file(slack.origin, slack.add_file("app.log", b"text"))
    slack.files.clear()
    mention("See the log", subtype="file_share", files=[shown])
    assert read().state == "done"
    assert "(not read: Slack asked to sign in; " in the_issue().body
    assert started == ["SAH-1"]


def test_a_reply_that_came_before_its_mention_is_said_to_the_run(mention, reply, tell, slack, team, started):
    full = f"<@{BOT['user_id']}> Checkout fails"
    root = slack.say(CHANNEL, full)
    ts = reply("only with coupons", thread_ts=root)
    assert tell({"type": "app_mention", "user": "U0RITA", "text": full, "ts": root, "channel": CHANNEL}).status_code == 200
    assert started == ["SAH-1"]
    read()
    reply("only with coupons", thread_ts=root, ts=ts)
    said = models.Message.objects.get()
    assert (said.text, said.client_id, said.slack["ts"]) == ("only with coupons", ts, ts)
    assert not models.SlackEarlyReply.objects.exists()


def test_a_direct_report_that_comes_after_its_reply_is_read_with_it(tell, slack, team, started):
    root = slack.say("D0DIRECT", "It broke")
    ts = slack.say("D0DIRECT", "since ten", thread_ts=root)
    event = {"type": "message", "channel_type": "im", "user": "U0RITA", "channel": "D0DIRECT"}
    assert tell({**event, "text": "since ten", "ts": ts, "thread_ts": root}).status_code == 200
    assert tell({**event, "text": "It broke", "ts": root}).status_code == 200
    read()
    assert the_issue().body == "since ten\n\nIn this thread:\nU0RITA: It broke"


def test_a_fault_of_our_own_holds_the_run_back_no_longer_than_one_of_slacks(mention, slack, team, started, monkeypatch):
    root = slack.say(CHANNEL, "Checkout is down")
    mention("why?", thread_ts=root)
    with monkeypatch.context() as patch:
        patch.setattr("sahur.slack.delivery.reports.told", lambda *_, **__: 1 / 0)
        read(2)
        assert started == []
        assert read().state == "pending"
    assert started == ["SAH-1"]
    assert "SAHUR itself failed" in the_issue().body
    assert read().state == "done"
    assert "Checkout is down" in the_issue().body or models.Message.objects.filter(text__contains="Checkout is down").exists()
    assert set(started) == {"SAH-1"}


def said_before_its_mention(slack, tell, words: str) -> None:
    """A reply that reaches us before the mention that begins its thread."""
    full = f"<@{BOT['user_id']}> Checkout fails"
    root = slack.say(CHANNEL, full)
    ts = slack.say(CHANNEL, words, thread_ts=root)
    said = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": words, "ts": ts, "thread_ts": root}
    tell({**said, "channel": CHANNEL})
    tell({"type": "app_mention", "user": "U0RITA", "text": full, "ts": root, "channel": CHANNEL})


def test_a_stop_that_comes_before_its_report_stops_it(slack, tell, team):
    said_before_its_mention(slack, tell, "stop")
    read()
    assert models.Run.objects.get().status == "canceled"
    assert not models.Message.objects.exists()


def test_who_is_refused_with_an_early_reply_is_told_so_alone(slack, tell, team):
    said_before_its_mention(slack, tell, "x" * 21_000)
    assert read().state == "done"
    told = models.Effect.objects.get(kind="slack.word").payload
    assert (told["user"], told["channel"]) == ("U0RITA", CHANNEL)
    assert "The message is longer than" in told["text"]
