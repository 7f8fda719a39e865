"""The message shortcut "Investigate this"."""

from __future__ import annotations

import pytest

from sahur.issues import models
from tests.fakes.slack import BOT
from tests.fakes.slack.conversations import shown_file
from tests.waiting import wait_for
from tests.web.slack.acting import connect
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


def told(slack) -> str:
    return wait_for(lambda: slack.ephemeral)[-1]["text"]


def test_the_message_is_the_report_and_its_chooser_is_told(slack, team):
    ts = slack.say(CHANNEL, "Checkout fails\nKeyError", user="U0OTHER")
    assert connect(slack).acting.uses_shortcut("investigate", CHANNEL, ts).is_acknowledged
    issue = models.Issue.objects.get()
    assert (issue.title, issue.body, issue.reporter_name) == ("Checkout fails", "Checkout fails\nKeyError", "U0RITA via Slack")
    assert models.SlackThread.objects.get().root_ts == ts
    assert issue.key in told(slack)


def test_its_thread_and_its_files_belong_to_it(slack, team):
    root = slack.say(CHANNEL, "It broke")
    files = [shown_file(slack.origin, slack.add_file("app.log", b"KeyError"))]
    ts = slack.say(CHANNEL, "this one", thread_ts=root, files=files)
    connect(slack).acting.uses_shortcut("investigate", CHANNEL, ts)
    source = models.Effect.objects.get(kind="slack.report").payload["source"]
    assert (source["ts"], source["until"], source["reads_thread"], source["own_app"]) == (ts, "", True, BOT["app_id"])
    assert [file["name"] for file in source["files"]] == ["app.log"]
    assert models.SlackThread.objects.get().root_ts == root


def test_a_thread_that_is_told_already_is_named(slack, team):
    ts = slack.say(CHANNEL, "Checkout fails")
    connect(slack)
    slack.acting.uses_shortcut("investigate", CHANNEL, ts)
    told(slack)
    slack.ephemeral.clear()
    assert slack.acting.uses_shortcut("investigate", CHANNEL, ts).is_acknowledged
    assert "already" in told(slack)
    assert models.Issue.objects.count() == 1


def test_our_own_message_is_no_report(slack, team):
    own = slack.add(CHANNEL, {"bot_id": BOT["bot_id"], "app_id": BOT["app_id"], "user": BOT["user_id"], "text": "The card"})
    assert connect(slack).acting.uses_shortcut("investigate", CHANNEL, own["ts"]).is_acknowledged
    assert "own message" in told(slack)
    assert not models.Issue.objects.exists()
