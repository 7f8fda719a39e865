"""`/slack/events`: only what Slack signed, and each event once."""

from __future__ import annotations

import json
import time

import pytest
from django.db import OperationalError

from sahur.batch import actions
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur.slack import clients, threads
from tests.fakes.slack import SECRET, envelope, signed
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL, post

pytestmark = pytest.mark.django_db(transaction=True)

MENTION = {
    "type": "app_mention",
    "user": "U0RITA",
    "text": "<@U0SAHUR> Checkout fails",
    "ts": "1763800000.000100",
    "channel": CHANNEL,
}


def test_a_signed_event_is_answered_when_its_run_is_stored(slack, team):
    body = json.dumps(envelope(MENTION))
    assert post(body, signed(body)).status_code == 200
    assert models.Run.objects.get().issue.title == "Checkout fails"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=00"},
        signed("another body"),
        signed(json.dumps(MENTION), secret="another secret"),
        signed(json.dumps(MENTION), at=time.time() - 301),
        {**signed(json.dumps(MENTION)), "X-Slack-Signature": "v0=é"},
    ],
)
def test_what_slack_did_not_sign_just_now_is_refused(slack, team, headers):
    assert post(json.dumps(MENTION), headers).status_code == 401
    assert not models.Issue.objects.exists()


def test_a_body_that_is_not_text_is_refused(slack, team):
    assert post("\udcff".encode("utf-8", "surrogateescape"), signed("")).status_code == 401


@pytest.mark.parametrize("status", ["queued", "canceled"])
def test_words_delivered_again_are_said_once_also_if_the_run_that_heard_them_has_ended(slack, team, status):
    body = json.dumps(envelope(MENTION))
    post(body, signed(body))
    models.Run.objects.update(status=status)
    again = {**MENTION, "text": "<@U0SAHUR> Look at staging", "ts": "1763800001.000100", "thread_ts": MENTION["ts"]}
    body = json.dumps(envelope(again))
    post(body, signed(body))
    said, begun = models.Message.objects.count(), models.Run.objects.count()
    models.Run.objects.update(status="canceled" if status == "queued" else "queued")
    assert post(body, {**signed(body), "X-Slack-Retry-Num": "1"}).status_code == 200
    assert (models.Message.objects.count(), models.Run.objects.count()) == (said, begun)


def test_an_event_delivered_again_is_one_run(slack, team):
    body = json.dumps(envelope(MENTION))
    for number in range(4):
        assert post(body, {**signed(body), "X-Slack-Retry-Num": str(number)}).status_code == 200
    assert models.Run.objects.count() == 1


def test_what_could_not_be_stored_is_delivered_again(slack, team, monkeypatch):
    def fail(*_):
        raise OperationalError("the database is away")

    body = json.dumps(envelope(MENTION))
    with monkeypatch.context() as broken:
        broken.setattr(actions, "submit_issue", fail)
        assert post(body, signed(body)).status_code == 500
    assert post(body, signed(body)).status_code == 200
    assert models.Issue.objects.count() == 1


def test_what_could_not_be_stored_at_the_last_delivery_is_told_in_the_thread(slack, team, monkeypatch):
    def fail(*_):
        raise OperationalError("the database is away")

    ts = slack.say(CHANNEL, MENTION["text"])
    body = json.dumps(envelope({**MENTION, "ts": ts}))
    monkeypatch.setattr(actions, "submit_issue", fail)
    for number in range(3):
        assert post(body, {**signed(body), "X-Slack-Retry-Num": str(number)}).status_code == 500
    assert post(body, {**signed(body), "X-Slack-Retry-Num": "3"}).status_code == 200
    wait_for(lambda: any("was not stored" in each["text"] for each in slack.channels[CHANNEL]))


def test_without_a_database_an_event_is_delivered_again_and_its_sender_told_at_the_last_try(slack, team, monkeypatch):
    def fail(*_):
        raise OperationalError("the database is away")

    ts = slack.say(CHANNEL, MENTION["text"])
    body = json.dumps(envelope({**MENTION, "ts": ts}))
    monkeypatch.setattr(slack_workspaces, "token_of", fail)
    monkeypatch.setattr(threads, "thread_at", fail)
    assert post(body, signed(body)).status_code == 500
    assert post(body, {**signed(body), "X-Slack-Retry-Num": "3"}).status_code == 200
    wait_for(lambda: any("was not stored" in each["text"] for each in slack.channels[CHANNEL]))


def test_a_workspace_whose_token_nobody_knows_is_asked_for_the_event_again(slack, team, monkeypatch, settings):
    def fail(*_):
        raise OperationalError("the database is away")

    settings.SLACK_CLIENT_ID = "1.2"
    monkeypatch.setattr(slack_workspaces, "token_of", fail)
    monkeypatch.setattr(clients, "_known", {})
    body = json.dumps(envelope(MENTION))
    for number in range(4):
        assert post(body, {**signed(body), "X-Slack-Retry-Num": str(number)}).status_code == 500


def test_talk_among_people_is_left_alone_while_nothing_can_be_stored(slack, team, monkeypatch):
    def fail(*_):
        raise OperationalError("the database is away")

    ts = slack.say(CHANNEL, "Lunch?")
    said = {"type": "message", "channel_type": "channel", "user": "U0RITA", "text": "Yes", "channel": CHANNEL}
    body = json.dumps(envelope({**said, "ts": "1763800001.000100", "thread_ts": ts}))
    monkeypatch.setattr(threads, "thread_at", fail)
    assert post(body, {**signed(body), "X-Slack-Retry-Num": "3"}).status_code == 500
    assert len(slack.channels[CHANNEL]) == 1


def test_slack_is_not_asked_before_the_answer(slack, team):
    body = json.dumps(envelope(MENTION))
    post(body, signed(body))
    assert slack.calls == []


def test_the_address_is_verified(slack):
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee"})
    response = post(body, signed(body))
    assert response.status_code == 200
    assert json.loads(response.content) == {"challenge": "c0ffee"}


def test_events_of_other_types_are_answered(slack, team):
    body = json.dumps(envelope({"type": "channel_archive", "channel": CHANNEL}))
    assert post(body, signed(body)).status_code == 200


def test_the_address_is_verified_before_the_app_is_installed_anywhere(slack, settings):
    settings.SLACK_BOT_TOKEN = settings.SLACK_CLIENT_ID = ""
    body = json.dumps({"type": "url_verification", "challenge": "a-challenge"})
    assert b"a-challenge" in post(body, signed(body)).content


def test_without_slack_the_address_says_so(settings, team):
    settings.SLACK_SIGNING_SECRET = settings.SLACK_BOT_TOKEN = ""
    response = post("{}", signed("{}", secret=SECRET))
    assert response.status_code == 503
    assert b"SLACK_SIGNING_SECRET" in response.content


def test_only_post_is_taken(client, slack):
    assert client.get("/slack/events").status_code == 405
