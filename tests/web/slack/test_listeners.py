"""What an event of Slack makes SAHUR do."""

from __future__ import annotations

import pytest

from sahur.issues import models
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


def the_run() -> models.Run:
    return models.Run.objects.select_related("issue").get()


def test_a_mention_becomes_an_issue_of_the_workspaces_team(mention, team):
    ts = mention("Checkout fails\nKeyError: &lt;rate&gt;")
    issue = the_run().issue
    assert (issue.team, issue.title, issue.source) == (team, "Checkout fails", "slack")
    assert issue.body == "Checkout fails\nKeyError: <rate>"
    assert issue.source_ref == {"team": "T0FAKE", "channel": CHANNEL, "thread_ts": ts, "user": "U0RITA"}
    assert issue.reporter_name == "U0RITA via Slack"


def test_secrets_in_slack_are_not_stored_and_the_run_says_so(mention, reply, team):
    secret = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    ts = mention(f"Checkout fails\ntoken={secret}")
    reply(f"or with {secret}", thread_ts=ts)
    notices = models.Event.objects.filter(run=the_run(), kind="notice.raised").order_by("seq")
    assert [event.payload["message"].partition(" from ")[2] for event in notices] == [
        "the report.",
        "the message of U0RITA via Slack.",
    ]
    assert secret not in repr([list(kind.objects.values()) for kind in (models.Issue, models.Message, models.Event)])


def test_a_direct_message_needs_no_mention(tell, team):
    event = {"type": "message", "channel_type": "im", "user": "U0RITA", "text": "It broke", "ts": "1.1", "channel": "D0DIRECT"}
    assert tell(event).status_code == 200
    assert the_run().issue.title == "It broke"


def test_talk_in_a_channel_is_none_of_ours(tell, team):
    event = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": "Lunch?", "ts": "1.1", "channel": CHANNEL}
    assert tell(event).status_code == 200
    assert not models.Issue.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"user": "U0SAHUR"},
        {"bot_id": "B0OTHER"},
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"edited": {"user": "U0RITA", "ts": "1.2"}},
    ],
)
def test_own_edited_and_bots_messages_are_passed_over(tell, team, change):
    event = {"type": "message", "channel_type": "im", "user": "U0RITA", "text": "It broke", "ts": "1.1", "channel": "D0DIRECT"}
    assert tell({**event, **change}).status_code == 200
    assert not models.Issue.objects.exists()


def test_somebody_of_another_company_may_not_report(tell, team):
    event = {"type": "app_mention", "user": "U9", "user_team": "T9", "text": "<@U0SAHUR> Hi", "ts": "1.1", "channel": CHANNEL}
    assert tell(event, is_ext_shared_channel=True).status_code == 200
    assert not models.Issue.objects.exists()


def test_a_reply_reaches_the_live_run_once(mention, reply, team):
    root = mention("Checkout fails")
    ts = reply("It began &amp; ended today", thread_ts=root)
    mention("and more", thread_ts=root)
    said = models.Message.objects.order_by("created_at")
    assert [(message.text, message.author_name) for message in said] == [
        ("It began & ended today", "U0RITA via Slack"),
        ("and more", "U0RITA via Slack"),
    ]
    assert said[0].client_id == ts
    assert models.Issue.objects.count() == 1


def test_a_mention_in_a_thread_that_comes_as_both_events_is_said_once(mention, reply, team):
    root = mention("Checkout fails")
    ts = mention("look at staging", thread_ts=root)
    reply("<@U0SAHUR> look at staging", thread_ts=root, ts=ts)
    assert models.Message.objects.count() == 1


@pytest.mark.parametrize("word", ["stop", "Stop!", "cancel"])
def test_stop_in_the_thread_stops_the_run(mention, reply, team, word):
    root = mention("Checkout fails")
    reply(word, thread_ts=root)
    assert the_run().status == "canceled"


def test_a_cross_on_the_report_stops_the_run(mention, tell, team):
    root = mention("Checkout fails")
    item = {"type": "message", "channel": CHANNEL, "ts": root}
    tell({"type": "reaction_added", "user": "U0RITA", "reaction": "eyes", "item": item})
    assert the_run().status == "queued"
    tell({"type": "reaction_added", "user": "U0RITA", "reaction": "x", "item": item})
    assert the_run().status == "canceled"


def test_a_cross_on_the_card_stops_the_run(mention, tell, team):
    mention("Checkout fails")
    models.Effect.objects.filter(kind="slack.card").update(state="done", result={"channel": CHANNEL, "ts": "9.9"})
    tell(
        {
            "type": "reaction_added",
            "user": "U0RITA",
            "reaction": "x",
            "item": {"type": "message", "channel": CHANNEL, "ts": "9.9"},
        }
    )
    assert the_run().status == "canceled"


def test_the_only_repository_is_meant_unless_one_is_named(mention, team):
    shop = models.Repository.objects.create(team=team, name="shop", source="https://example.org/shop.git")
    mention("Checkout fails")
    assert models.Issue.objects.get().repository == shop
    other = models.Repository.objects.create(team=team, name="other", source="https://example.org/other.git")
    mention("Login fails\nrepo: other")
    named = models.Issue.objects.get(title="Login fails")
    assert (named.repository, named.body) == (other, "Login fails")
    mention("Search fails")
    assert models.Issue.objects.get(title="Search fails").repository is None


@pytest.mark.parametrize(("text", "reason"), [("", "The report is empty."), ("Broken\nrepo: nowhere", "no repository named")])
def test_what_is_refused_is_told_in_the_thread(mention, slack, team, text, reason):
    ts = mention(text)
    wait_for(lambda: slack.calls_of("chat.postMessage") != [])
    told = slack.calls_of("chat.postMessage")[0]
    assert (told["channel"], told["thread_ts"]) == (CHANNEL, ts)
    assert reason in told["text"]
    assert not models.Issue.objects.exists()


def test_a_workspace_without_a_team_is_told_what_to_do(mention, slack, settings, team):
    settings.SLACK_TEAM_KEY = "NONE"
    mention("Checkout fails")
    wait_for(lambda: slack.calls_of("chat.postMessage") != [])
    assert "SAHUR_SLACK_TEAM" in slack.calls_of("chat.postMessage")[0]["text"]
