"""In a burst Slack has its answer at once, and what was said is taken right after, once."""

from __future__ import annotations

import pytest

from sahur.batch import effects as door
from sahur.issues import models
from sahur.slack import inbox
from tests.fakes.slack import BOT
from tests.web.slack.conftest import CHANNEL

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy():
    """As many events as are taken at once are in hand already."""
    places = [inbox.place() for _ in range(inbox.AT_ONCE)]
    assert [place.__enter__() for place in places] == [True] * inbox.AT_ONCE
    yield
    for place in places:
        place.__exit__(None, None, None)


def said(slack, text: str = "Checkout fails") -> dict:
    full = f"<@{BOT['user_id']}> {text}"
    ts = slack.say(CHANNEL, full)
    return {"type": "app_mention", "user": "U0RITA", "text": full, "ts": ts, "channel": CHANNEL}


def kept() -> list[models.Effect]:
    return list(models.Effect.objects.filter(kind="slack.event"))


def test_a_mention_in_a_burst_is_kept_once_and_taken_later(busy, slack, team, tell):
    event = said(slack)
    for _ in range(3):
        assert tell(event, event_id="Ev1").status_code == 200
    assert not models.Issue.objects.exists()
    (effect,) = kept()
    door.deliver(effect.id)
    effect.refresh_from_db()
    assert models.Issue.objects.get().title == "Checkout fails"
    assert (effect.state, effect.payload) == ("done", {})


def test_kept_and_delivered_again_it_is_one_report(busy, slack, team, tell):
    event = said(slack)
    tell(event, event_id="Ev1")
    inbox._places.release()
    tell(event, event_id="Ev1")
    inbox._places.acquire()
    door.deliver(kept()[0].id)
    assert models.Issue.objects.count() == models.Run.objects.count() == 1


def test_what_cannot_be_taken_now_is_tried_again(busy, slack, team, tell, monkeypatch):
    tell(said(slack), event_id="Ev1")
    (effect,) = kept()
    with monkeypatch.context() as patch:
        patch.setattr("sahur.batch.actions.submit_issue", lambda *_: 1 / 0)
        door.deliver(effect.id)
    effect.refresh_from_db()
    assert (effect.state, "body" in effect.payload) == ("pending", True)
    models.Effect.objects.filter(id=effect.id).update(due_at="2000-01-01T00:00:00Z")
    door.deliver(effect.id)
    assert models.Issue.objects.count() == 1


def test_a_button_and_the_address_check_are_never_kept(busy, slack, team):
    for content_type, raw in (
        ("application/x-www-form-urlencoded", b"payload=%7B%7D"),
        ("application/json", b'{"type": "url_verification", "challenge": "x"}'),
        ("application/json", b"[]"),
        ("application/json", b"{"),
    ):
        assert not inbox.keep(content_type, raw)
    assert kept() == []
