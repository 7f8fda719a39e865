"""A report in a thread holds what the thread said before."""

from __future__ import annotations

import pytest

from sahur.issues import models
from sahur.slack.earlier import MAX_CHARS, NOT_READ
from tests.fakes.slack_server import BOT, Script
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


def body() -> str:
    return models.Issue.objects.get().body


def test_a_report_in_a_thread_holds_what_was_said_before_it(mention, slack, team):
    root = slack.say(CHANNEL, "Checkout is down: KeyError: &lt;rate&gt;")
    slack.say(CHANNEL, "since the deploy, <https://github.com/acme/shop/pull/12|this one>", user="U0OTHER", thread_ts=root)
    mention("why?", thread_ts=root)
    assert body() == (
        "why?\n\nEarlier in this thread:\nU0RITA: Checkout is down: KeyError: <rate>\n"
        "U0OTHER: since the deploy, this one (https://github.com/acme/shop/pull/12)"
    )
    assert models.Issue.objects.get().title == "why?"


def test_a_bare_mention_means_the_thread(mention, slack, team):
    root = slack.say(CHANNEL, "Checkout is down")
    mention("", thread_ts=root)
    issue = models.Issue.objects.get()
    assert (issue.title, issue.body) == ("Checkout is down", "Earlier in this thread:\nU0RITA: Checkout is down")


def test_what_an_alert_shows_is_part_of_it(mention, slack, team):
    alert = {"title": "TypeError in total", "title_link": "https://acme.sentry.io/issues/7/", "text": "shop/cart.py"}
    root = slack._add(CHANNEL, {"bot_id": "B1", "bot_profile": {"name": "Sentry"}, "text": "", "attachments": [alert]})["ts"]
    mention("look", thread_ts=root)
    assert body().endswith("Sentry: TypeError in total\nhttps://acme.sentry.io/issues/7/\nshop/cart.py")


def test_what_is_said_later_and_by_us_is_not(mention, slack, team):
    root = slack.say(CHANNEL, "Checkout is down")
    slack._add(CHANNEL, {"user": BOT["user_id"], "bot_id": BOT["bot_id"], "text": "Our own card", "thread_ts": root})
    mention("why?", thread_ts=root)
    assert "Our own card" not in body()
    assert body().count("why?") == 1


def test_a_report_of_its_own_asks_slack_for_nothing(mention, slack, team):
    mention("Checkout is down")
    assert slack.calls_of("conversations.replies") == []
    assert body() == "Checkout is down"


@pytest.mark.parametrize(
    "script", [Script(error="missing_scope"), Script(status=500), Script(delay=3)], ids=["scope", "500", "slow"]
)
def test_a_thread_that_cannot_be_read_keeps_no_report_away(mention, slack, team, script):
    root = slack.say(CHANNEL, "Checkout is down")
    slack.script("conversations.replies", script)
    mention("why?", thread_ts=root)
    assert body() == f"why?\n\n{NOT_READ}"


def test_of_a_long_thread_the_first_and_the_last_are_kept(mention, slack, team):
    root = slack.say(CHANNEL, "the first")
    for number in range(20):
        slack.say(CHANNEL, f"number {number} " + "x" * 1000, thread_ts=root)
    mention("why?", thread_ts=root)
    assert len(body()) < MAX_CHARS + 200
    assert "the first\n[…]\n" in body()
    assert "number 19 " in body()
