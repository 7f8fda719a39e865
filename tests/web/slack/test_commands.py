"""The slash command `/sahur`: its form, the report that it makes, and the message that then begins its thread."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from sahur.batch import actions, effects
from sahur.issues import models
from tests.fakes.slack import Script
from tests.waiting import wait_for
from tests.web.slack.acting import connect
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(slack, team):
    """The form, opened by the command."""
    models.Repository.objects.create(team=team, name="shop", source="https://example.org/shop.git")

    def open_form(text: str = "", channel: str = CHANNEL):
        assert connect(slack).acting.commands("/sahur", text, channel=channel).is_acknowledged
        return wait_for(slack.acting.opened_view)

    return open_form


def deliver(kind: str) -> models.Effect:
    effect = models.Effect.objects.get(kind=kind)
    models.Effect.objects.filter(id=effect.id).update(due_at=timezone.now() - timedelta(seconds=1))
    effects.deliver(effect.id)
    effect.refresh_from_db()
    return effect


def test_help_is_the_answer_itself(slack, team):
    answer = connect(slack).acting.commands("/sahur", "help").tries[-1].json()
    assert answer["response_type"] == "ephemeral"
    assert "Investigate this" in answer["text"]
    assert slack.calls == []


def test_what_was_typed_stands_in_the_form(opened):
    blocks = {block["block_id"]: block for block in opened("Checkout fails").body["blocks"]}
    assert blocks["title"]["element"]["initial_value"] == "Checkout fails"
    assert [option["text"]["text"] for option in blocks["repository"]["element"]["options"]] == ["shop"]
    assert list(blocks) == ["title", "body", "repository", "severity"]


def test_the_form_becomes_an_issue_once(slack, opened):
    view = opened()
    repository = str(models.Repository.objects.get().id)
    filled = {"title": "Checkout fails", "body": "KeyError", "repository": repository, "severity": "high"}
    first = submit(slack, view, filled)
    assert first.is_acknowledged
    submit(slack, view, filled)
    issue = models.Issue.objects.get()
    assert (issue.title, issue.body, issue.severity, issue.repository.name) == ("Checkout fails", "KeyError", "high", "shop")
    assert issue.source_ref["channel"] == CHANNEL
    assert models.Run.objects.count() == 1


def submit(slack, view, values):
    """The elements are told apart by their block here: their action ids are the same."""
    payload = slack.acting._by("view_submission", view.user, view.workspace)
    state = {}
    for block in view.body["blocks"]:
        element, value = block["element"], values.get(block["block_id"])
        is_choice = element["type"] == "static_select"
        entered = {"selected_option": {"value": value} if value else None} if is_choice else {"value": value}
        state[block["block_id"]] = {element["action_id"]: {"type": element["type"], **entered}}
    shown = {**slack.acting._described(view), "state": {"values": state}}
    return slack.deliveries.interaction({**payload, "view": shown, "response_urls": []})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x", "body": "\x01" * 50}, "body"),
        ({"title": "x", "repository": "gone"}, "repository"),
    ],
)
def test_what_is_refused_is_said_at_its_field(slack, opened, values, field):
    answer = submit(slack, opened(), values)
    assert answer.tries[-1].json()["response_action"] == "errors"
    assert list(answer.tries[-1].json()["errors"]) == [field]
    assert not models.Issue.objects.exists()


def test_what_cannot_be_stored_stays_in_the_form(slack, opened, monkeypatch):
    def fail(*_):
        raise OperationalError("the database is away")

    view = opened()
    with monkeypatch.context() as broken:
        broken.setattr(actions, "submit_issue", fail)
        answer = submit(slack, view, {"title": "Checkout fails"})
    assert "was not stored" in answer.tries[-1].json()["errors"]["title"]
    assert submit(slack, view, {"title": "Checkout fails"}).tries[-1].json() == {}
    assert models.Issue.objects.count() == 1


def test_a_form_that_slack_does_not_open_gives_the_words_back(slack, team):
    slack.script("views.open", Script(error="expired_trigger_id"))
    connect(slack).acting.commands("/sahur", "Checkout fails")
    assert "You had typed: Checkout fails" in wait_for(lambda: slack.ephemeral)[-1]["text"]


def test_its_thread_begins_with_a_message_of_ours_and_the_card_follows(slack, opened):
    submit(slack, opened(), {"title": "Checkout fails", "severity": "critical"})
    assert deliver("slack.card").state == "pending"
    root = deliver("slack.root")
    assert (root.state, models.SlackThread.objects.get().root_ts) == ("done", root.result["ts"])
    assert "reports: Checkout fails" in slack.message(CHANNEL, root.result["ts"])["text"]
    assert deliver("slack.card").state == "done"
    assert len(slack.posts(CHANNEL, root.result["ts"])) == 1


def test_its_first_message_is_found_again(slack, opened):
    submit(slack, opened(), {"title": "Checkout fails"})
    slack.script("chat.postMessage", Script(after_work=True))
    assert deliver("slack.root").state == "pending"
    assert deliver("slack.root").state == "done"
    assert len(slack.posts(CHANNEL)) == 1


def test_where_the_app_is_not_the_reporter_is_told_directly(slack, opened):
    slack.add_channel("C0AWAY", "away", members={"U0RITA"})
    submit(slack, opened(channel="C0AWAY"), {"title": "Checkout fails"})
    root = deliver("slack.root")
    assert root.state == "done"
    thread = models.SlackThread.objects.get()
    assert (thread.channel_id, thread.root_ts) == (root.result["channel"], root.result["ts"])
    assert thread.channel_id != "C0AWAY"
    assert deliver("slack.card").state == "done"
