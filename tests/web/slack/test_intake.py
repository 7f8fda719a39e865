"""In a burst Slack has its answer at once, and what was said is taken right after, once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import OperationalError, connections

from sahur.batch import effects as door
from sahur.issues import models
from sahur.issues.services import slack_inbox
from sahur.slack.intake import AT_ONCE, Intake
from tests.fakes.slack import BOT, envelope, signed
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


class Behind:
    """The application behind the intake: it counts what is handed on to it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, _scope: dict, receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def busy(behind) -> Intake:
    """As many requests as are handed on at once are in hand already."""
    intake = Intake(behind)
    intake.taking = AT_ONCE
    return intake


def posted(intake: Intake, *bodies: str, content_type: str = "application/json", headers: dict | None = None) -> list[int]:
    """The statuses of requests that come at the same moment."""

    async def post(body: str) -> int:
        sent = {**(signed(body) if headers is None else headers), "Content-Type": content_type}
        scope = {
            "path": "/slack/events",
            "method": "POST",
            "headers": [(n.lower().encode(), v.encode()) for n, v in sent.items()],
        }
        messages: list[dict] = [{"type": "http.request", "body": body.encode(), "more_body": False}]
        answers: list[Any] = []

        async def receive() -> dict:
            return messages.pop(0)

        async def send(message: Any) -> None:
            answers.append(message)

        await intake(scope, receive, send)
        return answers[0]["status"]

    async def all_of_them() -> list[int]:
        try:
            return await asyncio.gather(*(post(body) for body in bodies))
        finally:
            await database_sync_to_async(connections.close_all, thread_sensitive=False)()

    return asyncio.run(all_of_them())


def mention(slack, event_id: str, text: str = "Checkout fails", **more: Any) -> str:
    full = f"<@{BOT['user_id']}> {text}"
    ts = slack.say(CHANNEL, full)
    event = {"type": "app_mention", "user": "U0RITA", "text": full, "ts": ts, "channel": CHANNEL, **more}
    return json.dumps(envelope(event, event_id=event_id))


def kept() -> list[models.Effect]:
    return list(models.Effect.objects.filter(kind="slack.event").order_by("key"))


def test_a_mention_in_a_burst_is_kept_once_and_taken_later(busy, behind, slack, team):
    body = mention(slack, "Ev1")
    assert posted(busy, body, body, mention(slack, "Ev2", "Login fails")) == [200] * 3
    assert not behind.bodies
    first, second = kept()
    for effect in (first, second, first):
        door.deliver(effect.id)
    first.refresh_from_db()
    assert sorted(models.Issue.objects.values_list("title", flat=True)) == ["Checkout fails", "Login fails"]
    assert (first.state, first.payload) == ("done", {})


def test_kept_and_delivered_again_it_is_one_report(busy, slack, team, tell):
    body = mention(slack, "Ev1")
    posted(busy, body)
    door.deliver(kept()[0].id)
    told = json.loads(body)
    tell(told["event"], event_id="Ev1")
    assert models.Issue.objects.count() == models.Run.objects.count() == 1


def test_what_cannot_be_taken_now_is_tried_again(busy, slack, team, monkeypatch):
    posted(busy, mention(slack, "Ev1"))
    (effect,) = kept()
    with monkeypatch.context() as patch:
        patch.setattr("sahur.batch.actions.submit_issue", lambda *_: 1 / 0)
        door.deliver(effect.id)
    effect.refresh_from_db()
    assert (effect.state, "body" in effect.payload) == ("pending", True)
    models.Effect.objects.filter(id=effect.id).update(due_at="2000-01-01T00:00:00Z")
    door.deliver(effect.id)
    assert models.Issue.objects.count() == 1


def test_what_can_never_be_taken_leaves_no_words(busy, slack, team, monkeypatch):
    posted(busy, mention(slack, "Ev1", "My password is hunter2"))
    (effect,) = kept()
    monkeypatch.setattr("sahur.batch.actions.submit_issue", lambda *_: 1 / 0)
    models.Effect.objects.filter(id=effect.id).update(created_at="2000-01-01T00:00:00Z", due_at="2000-01-01T00:00:00Z")
    door.deliver(effect.id)
    effect.refresh_from_db()
    assert (effect.state, effect.payload, "hunter2" in effect.last_error) == ("failed", {}, False)


def test_letters_that_cannot_be_stored_cost_nothing_else(busy, slack, team):
    assert posted(busy, mention(slack, "Ev1", "Checkout\x00 \ud800 fails"), mention(slack, "Ev2", "Login fails")) == [200, 200]
    for effect in kept():
        door.deliver(effect.id)
    assert models.Issue.objects.count() == 2


@pytest.mark.parametrize("failure", [OperationalError("away"), KeyError("a fault of ours")])
def test_what_could_not_be_kept_is_to_be_delivered_again(busy, slack, monkeypatch, failure):
    def away(_bodies: list) -> None:
        raise failure

    monkeypatch.setattr(slack_inbox, "keep", away)
    assert posted(busy, mention(slack, "Ev1"), mention(slack, "Ev2")) == [500, 500]


def test_the_message_that_is_a_mention_is_answered_and_left_to_its_mention(behind, slack):
    idle = Intake(behind)
    assert posted(idle, mention(slack, "Ev1", type="message", channel_type="channel")) == [200]
    assert not behind.bodies
    of_an_app = mention(slack, "Ev2", type="message", channel_type="channel", bot_id="B0ALERT")
    direct = mention(slack, "Ev3", type="message", channel_type="im")
    posted(idle, of_an_app, direct)
    assert behind.bodies == [of_an_app.encode(), direct.encode()]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "payload=%7B%7D"),
        ("application/json", '{"type": "url_verification", "challenge": "x"}'),
        ("application/json", "[]"),
        ("application/json", "{"),
        ("application/json", '{"type": "event_callback", "event": {}, "event_id": 7}'),
    ],
)
def test_what_needs_an_answer_of_its_own_is_handed_on(busy, behind, slack, content_type, body):
    assert posted(busy, body, content_type=content_type) == [200]
    assert (behind.bodies, busy.taking) == ([body.encode()], AT_ONCE)


def test_nothing_unsigned_is_kept(busy, behind, slack):
    body = mention(slack, "Ev1")
    posted(busy, body, headers={})
    assert (behind.bodies, kept()) == ([body.encode()], [])
