"""What an event of Slack makes SAHUR do."""

from __future__ import annotations

import pytest

from sahur.issues import models
from sahur.issues.services import runs
from tests.waiting import wait_for
from tests.web.slack.acting import connect
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
    event = {
        "type": "app_mention",
        "user": "U9",
        "user_team": "T9",
        "text": "<@U0SAHUR> It broke",
        "ts": "1.1",
        "channel": CHANNEL,
    }
    assert tell(event, is_ext_shared_channel=True).status_code == 200
    assert not models.Issue.objects.exists()


def test_somebody_of_another_company_is_told_so_where_they_address_us(tell, slack, team):
    event = {
        "type": "app_mention",
        "user": "U9",
        "user_team": "T9",
        "text": "<@U0SAHUR> It broke",
        "ts": "1.1",
        "channel": CHANNEL,
    }
    slack.places[CHANNEL].members.add("U9")
    tell(event, is_ext_shared_channel=True)
    wait_for(lambda: any("Only people of the workspace" in each["text"] for each in slack.calls_of("chat.postEphemeral")))


@pytest.mark.parametrize("home", ["T0FAKE", "E0FAKE"])
def test_our_own_people_are_heard_in_a_shared_channel(tell, team, home):
    event = {
        "type": "app_mention",
        "user": "U0RITA",
        "user_team": home,
        "text": "<@U0SAHUR> It broke",
        "ts": "1.1",
        "channel": CHANNEL,
    }
    tell(event, is_ext_shared_channel=True, enterprise_id="E0FAKE")
    assert models.Issue.objects.count() == 1


@pytest.mark.parametrize(("user", "status"), [("U0RITA", "canceled"), ("U9", "queued")])
def test_a_cross_in_a_shared_channel_counts_from_people_whom_we_know(mention, tell, team, user, status):
    root = mention("Checkout fails")
    models.SlackUser.objects.get_or_create(workspace_id="T0FAKE", user_id="U0RITA")
    item = {"type": "message", "channel": CHANNEL, "ts": root}
    tell({"type": "reaction_added", "user": user, "reaction": "x", "item": item}, is_ext_shared_channel=True)
    assert the_run().status == status


def test_a_cross_of_somebody_whom_slack_does_not_tell_apart_is_answered_to_them_alone(mention, tell, slack, team):
    root = mention("Checkout fails")
    # Known by name only, as everybody is whose words were read in a thread.
    models.SlackUser.objects.create(workspace_id="T0FAKE", user_id="U9", name="Mallory")
    item = {"type": "message", "channel": CHANNEL, "ts": root}
    tell({"type": "reaction_added", "user": "U9", "reaction": "x", "item": item}, is_ext_shared_channel=True)
    told = wait_for(lambda: slack.calls_of("chat.postEphemeral"))[0]
    assert (told["user"], told["channel"], "Press *Stop*" in told["text"]) == ("U9", CHANNEL, True)
    assert the_run().status == "queued"


def test_an_edit_that_adds_the_mention_is_a_report_once(mention, team):
    edited = {"user": "U0RITA", "ts": "1.2"}
    ts = mention("Checkout fails", edited=edited)
    mention("Checkout fails again", edited=edited, ts=ts)
    mention("and this reply", thread_ts=ts, edited=edited)
    assert [issue.title for issue in models.Issue.objects.all()] == ["Checkout fails"]
    assert not models.Message.objects.exists()


def test_a_mention_by_another_app_is_not_answered(mention, team):
    root = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    mention("and now?", thread_ts=root, bot_id="B0OTHER")
    assert models.Run.objects.count() == 1


def test_names_of_files_that_cannot_be_stored_are_mended(mention, team):
    mention("See", subtype="file_share", files=[{"id": "F1", "name": "a\x00\ud800.log", "permalink": "https://x"}])
    assert models.Effect.objects.get(kind="slack.report").payload["source"]["files"][0]["name"] == "a\ufffd\ufffd.log"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "channel_type": "channel", "text": None, "attachments": None, "bot_profile": None},
        {"type": "message", "channel_type": "channel", "subtype": "message_changed", "message": None},
        {"type": "reaction_added", "reaction": "x", "item": {"type": "file", "file": "F1"}},
        {"type": "reaction_added", "reaction": "x", "item": None},
        {"type": "tokens_revoked", "tokens": None},
    ],
)
def test_events_with_parts_missing_are_answered(tell, team, event):
    assert tell({"user": "U0RITA", "ts": "1.1", "channel": CHANNEL, **event}).status_code == 200


def test_what_our_own_code_cannot_take_is_told_at_the_last_try(tell, slack, team, monkeypatch):
    def fail(*_):
        raise TypeError("a fault of ours")

    monkeypatch.setattr("sahur.slack.listeners.messages.submit", fail)
    ts = slack.say(CHANNEL, "x")
    event = {"type": "app_mention", "user": "U0RITA", "text": "<@U0SAHUR> It broke", "ts": ts, "channel": CHANNEL}
    assert tell(event).status_code == 500
    assert tell(event, retry=3).status_code == 200
    wait_for(lambda: any("SAHUR itself failed" in each["text"] for each in slack.calls_of("chat.postMessage")))


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


def test_the_next_words_after_a_mention_alone_are_the_report(mention, reply, team):
    root = mention("")
    reply("something else", thread_ts=root, user="U0ELSE", parent_user_id="U0RITA")
    reply("stop", thread_ts=root, parent_user_id="U0RITA")
    assert not models.Issue.objects.exists()
    reply("TypeError in the desk screen", thread_ts=root, parent_user_id="U0RITA")
    reply("since Friday", thread_ts=root, parent_user_id="U0RITA")
    assert (the_run().issue.title, the_run().issue.body) == ("TypeError in the desk screen",) * 2
    assert [each.text for each in the_run().messages.all()] == ["since Friday"]


def test_a_workspace_without_a_team_is_told_what_to_do(mention, slack, settings, team):
    settings.SLACK_TEAM_KEY = "NONE"
    mention("Checkout fails")
    wait_for(lambda: slack.calls_of("chat.postMessage") != [])
    assert "SAHUR_SLACK_TEAM" in slack.calls_of("chat.postMessage")[0]["text"]


def test_stop_in_a_direct_conversation_stops_the_only_run_and_reports_nothing(slack, team):
    person = connect(slack).acting
    person.says("D0DIRECT", "Checkout fails")
    slack.deliveries.copies = 2
    person.says("D0DIRECT", "Stop!")
    assert models.Run.objects.get().status == "canceled"
    assert not any("Which investigation" in post["text"] for post in slack.posts("D0DIRECT"))


@pytest.mark.parametrize("reports", [0, 2])
def test_stop_that_may_mean_any_run_or_none_is_answered_with_how_to(slack, team, reports):
    person = connect(slack).acting
    for number in range(reports):
        person.says("D0DIRECT", f"Checkout {number} fails")
    person.says("D0DIRECT", "stop")
    wait_for(lambda: any("Which investigation" in post["text"] for post in slack.posts("D0DIRECT")))
    assert models.Run.objects.filter(status="queued").count() == models.Issue.objects.count() == reports


def test_stop_with_a_mention_in_a_channel_stops_and_reports_nothing(slack, team):
    person = connect(slack).acting
    person.mentions(CHANNEL, "Checkout fails")
    person.mentions(CHANNEL, "stop")
    wait_for(lambda: any("Which investigation" in post["text"] for post in slack.posts(CHANNEL)))
    assert models.Run.objects.get().status == "queued"


def test_stop_with_a_mention_in_a_young_thread_of_people_is_answered_too(mention, slack, team):
    root = slack.say(CHANNEL, "Checkout fails")
    mention("stop", thread_ts=root)
    wait_for(lambda: any("Which investigation" in post["text"] for post in slack.posts(CHANNEL)))
    assert not models.Issue.objects.exists()
