"""Channels in which every post of an app is a report; and what the agent's view offers."""

from __future__ import annotations

import pytest

from sahur.issues import models
from sahur.issues.services.joining import RECOVERY_FACT
from sahur.slack.help import asks_for_help
from tests.waiting import wait_for
from tests.web.slack.acting import connect
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.delivery.again import deliver_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alerts(slack, team, other_team):
    """A channel of alerts, which another team than the workspace's looks after."""
    shop = models.Repository.objects.create(team=other_team, name="shop", source="https://example.org/shop.git")
    models.SlackChannel.objects.create(
        workspace_id="T0FAKE", channel_id=CHANNEL, team=other_team, repository=shop, takes_alerts=True, is_private=False
    )
    return connect(slack).acting


def test_an_apps_post_is_a_report_of_the_channels_team(alerts, other_team):
    shown = {
        "title": "TypeError in total",
        "title_link": "https://acme.sentry.io/issues/7/",
        "fields": [{"title": "Level", "value": "error"}],
    }
    alerts.posts_alert(CHANNEL, "", attachments=[shown])
    issue = models.Issue.objects.get()
    assert (issue.team, issue.repository.name, issue.reporter_name) == (other_team, "shop", "Alerts in Slack")
    assert issue.body == "TypeError in total\nhttps://acme.sentry.io/issues/7/\nLevel: error"
    assert issue.source_ref["alert"] is True


def test_the_text_of_blocks_is_the_report_where_there_is_no_other(alerts):
    text = {"type": "mrkdwn", "text": "*Disk full* on <https://grafana.example/d/1|db-1>"}
    alerts.posts_alert(
        CHANNEL,
        "",
        blocks=[{"type": "header", "text": {"type": "plain_text", "text": "FIRING"}}, {"type": "section", "text": text}],
    )
    assert models.Issue.objects.get().body == "FIRING\n*Disk full* on db-1 (https://grafana.example/d/1)"


def test_people_talk_there_as_anywhere(alerts):
    alerts.says(CHANNEL, "I am on it")
    assert not models.Issue.objects.exists()


TRACE = 'Traceback (most recent call last):\n  File "desk.py", line 7, in total\n    return moment + 1\nTypeError: no moment'


@pytest.mark.parametrize(
    "headline", ["[RESOLVED] booking", ":white_check_mark: *Resolved:* booking", "Recovered: booking", "OK - booking"]
)
def test_what_is_over_is_told_to_who_investigates_it(alerts, headline):
    alerts.posts_alert(CHANNEL, f"booking fails\n{TRACE}")
    alerts.posts_alert(CHANNEL, f"{headline}\n{TRACE}")
    issue, said = models.Issue.objects.get(), models.Message.objects.get()
    assert (said.run.issue, said.author_name) == (issue, "Alerts in Slack")
    assert headline.split()[-1] in said.text
    assert said.slack == {"channel": CHANNEL}


def test_an_alert_that_flaps_is_told_once_to_each_run(alerts):
    alerts.posts_alert(CHANNEL, f"booking fails\n{TRACE}")
    for minute in range(3):
        alerts.posts_alert(CHANNEL, f"[RESOLVED] booking after {minute} minutes\n{TRACE}")
    assert models.Message.objects.get().text.splitlines()[2] == "[RESOLVED] booking after 0 minutes"


def test_of_two_alerts_about_one_issue_each_is_told_that_it_is_over(alerts):
    there = "https://acme.sentry.io/issues/7/"
    alerts.posts_alert(CHANNEL, f"booking fails, {there}\n{TRACE}")
    alerts.posts_alert(CHANNEL, f"[RESOLVED] booking\n{TRACE}")
    alerts.posts_alert(CHANNEL, f"[RESOLVED] {there}")
    assert models.Message.objects.count() == 2


@pytest.mark.parametrize("is_private", [True, None])
def test_of_a_channel_that_not_everybody_reads_only_the_fact_that_it_is_over_is_passed_on(alerts, is_private):
    models.SlackChannel.objects.update(is_private=is_private)
    alerts.posts_alert(CHANNEL, f"booking fails\n{TRACE}")
    alerts.posts_alert(CHANNEL, f"[RESOLVED] Initech can book again\n{TRACE}")
    said = models.Message.objects.get()
    assert (said.text, said.author_name) == (RECOVERY_FACT, "SAHUR")


def test_what_is_over_and_not_investigated_starts_nothing(alerts):
    good = {"color": "good", "title": "booking", "text": "Resolved after 3 minutes"}
    alerts.posts_alert(CHANNEL, "", attachments=[good])
    alerts.posts_alert(CHANNEL, f"[RESOLVED] booking\n{TRACE}")
    assert not models.Issue.objects.exists()
    assert not models.Message.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Recovered from panic: nil map",
        "[FIRING:1, RESOLVED:1] booking",
        "Resolved address is wrong",
        "Recovery: restore of backup failed on db-1",
        "Recovery | FAILED | db-1",
        "Resolved: false, disk full",
        "Resolved: still no disk left",
        "OK - not: 5xx at 40 %",
    ],
)
def test_an_error_that_has_such_a_word_is_a_report(alerts, text):
    alerts.posts_alert(CHANNEL, text)
    assert models.Issue.objects.get().body == text


@pytest.mark.parametrize(
    "text",
    [
        "api.acme.example could not be resolved: NXDOMAIN",
        "The incident isn't resolved",
        "It has not been resolved, and not yet recovered",
        "db-1 resolved to 10.0.0.7",
        "Resolved: no",
    ],
)
def test_a_green_attachment_that_denies_it_is_a_report(alerts, text):
    alerts.posts_alert(CHANNEL, "", attachments=[{"color": "good", "title": "deploy", "text": text}])
    assert models.Issue.objects.get().body == f"deploy\n{text}"


@pytest.mark.parametrize("name", ["Error rate is not below 1 %, checkout is down", "No healthy hosts", "Not enough replicas"])
def test_what_an_alert_was_called_denies_nothing(alerts, name):
    alerts.posts_alert(CHANNEL, f"Recovered: {name}")
    assert not models.Issue.objects.exists()


def test_a_mention_there_is_one_report(alerts):
    alerts.mentions(CHANNEL, "Checkout is slow")
    assert models.Issue.objects.get().title == "Checkout is slow"


def test_edits_joins_replies_and_our_own_posts_are_none(alerts, slack):
    said = alerts.posts_alert(CHANNEL, "Disk full")
    alerts.edits(CHANNEL, said.ts, "Disk fuller")
    alerts.says(CHANNEL, "I look", thread=said.ts)
    alerts.says(CHANNEL, "<@U1> has joined", subtype="channel_join")
    alerts.says(CHANNEL, "Our own", user="U0SAHUR", bot_id="B0SAHUR", app_id="A0SAHUR")
    assert models.Issue.objects.count() == 1


def test_a_post_delivered_twice_is_one_report(alerts, slack):
    slack.deliveries.copies = 2
    alerts.posts_alert(CHANNEL, "Disk full")
    assert models.Issue.objects.count() == 1


def test_a_storm_of_alerts_starts_so_many_runs_and_is_told_once(alerts, slack, settings):
    settings.SLACK_ALERTS_PER_HOUR = 2
    for number in range(5):
        assert alerts.posts_alert(CHANNEL, f"Disk {number} full").deliveries[0].is_acknowledged
    assert models.Issue.objects.count() == 2
    told = models.Effect.objects.get(kind="slack.flood")
    assert told.thread.issue.title == "Disk 1 full"


def test_alerts_that_join_what_a_person_reported_are_a_storm_too(alerts, slack, team, other_team, settings):
    settings.SLACK_ALERTS_PER_HOUR = 2
    slack.add_channel("C0PEOPLE", "people", members={"U0RITA", "U0SAHUR"})
    models.SlackChannel.objects.create(workspace_id="T0FAKE", channel_id="C0PEOPLE", team=other_team)
    alerts.mentions("C0PEOPLE", f"booking fails\n{TRACE}")
    for number in range(4):
        alerts.posts_alert(CHANNEL, f"booking {number} fails\n{TRACE}")
        deliver_all()
    assert models.SlackThread.objects.filter(channel_id=CHANNEL, joined_from__isnull=False).count() == 2
    assert models.Effect.objects.get(kind="slack.flood").state == "done"


def test_people_who_join_an_alert_are_no_storm(alerts, slack, team, settings):
    settings.SLACK_ALERTS_PER_HOUR = 2
    alerts.posts_alert(CHANNEL, f"booking fails\n{TRACE}")
    issue = models.Issue.objects.get()
    mine = alerts.mentions(CHANNEL, "Checkout is slow")
    models.SlackThread.objects.filter(root_ts=mine.ts).update(
        issue=issue, joined_from=models.Issue.objects.get(title="Checkout is slow")
    )
    alerts.posts_alert(CHANNEL, "Disk full")
    assert models.Issue.objects.filter(title="Disk full").exists()


def test_in_other_channels_apps_are_not_listened_to(slack, team):
    connect(slack).acting.posts_alert(CHANNEL, "Disk full")
    assert not models.Issue.objects.exists()


def test_the_agents_view_offers_what_to_say(slack, team):
    assert connect(slack).acting.opens_home("messages").is_acknowledged
    prompts = wait_for(lambda: slack.prompts.get("D0DIRECT"))
    # Slack sends a prompt as it stands: none may be a form that becomes a report.
    assert all(asks_for_help(prompt["message"], is_reply=False) for prompt in prompts["prompts"])


@pytest.mark.parametrize("words", ["help", "Hi!", "How do I report a problem?"])
def test_what_reports_nothing_is_answered_with_how_to(slack, team, words):
    connect(slack).acting.says("D0DIRECT", words)
    wait_for(lambda: any("How to report" in post["text"] for post in slack.posts("D0DIRECT")))
    assert not models.Issue.objects.exists()
