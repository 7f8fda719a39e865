"""Slack's limits are kept without waiting in a worker: what may not go yet is put back, and counts as no try."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sahur.batch import effects as door
from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import effects, slack_pace
from sahur.issues.services.slack_pace import Limit
from sahur.slack.delivery import pace
from tests.fakes.slack import Script
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.delivery.again import deliver_again, posted

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = Limit(seconds=60, burst=5)


def test_a_burst_goes_at_once_and_then_each_waits_its_time():
    waits = [slack_pace.take("T0FAKE", "chat.update", "", SLOW) for _ in range(6)]
    assert waits[:5] == [0.0] * 5
    assert 0 < waits[5] <= 60


def test_what_can_wait_leaves_room_for_what_cannot():
    waits = [slack_pace.take("T0FAKE", "chat.update", "", SLOW, spare=3) for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 0
    assert slack_pace.take("T0FAKE", "chat.update", "", SLOW) == 0.0


def test_workspaces_methods_and_channels_have_a_pace_of_their_own():
    once = Limit(seconds=60, burst=1)
    places = [
        ("T1", "chat.update", ""),
        ("T2", "chat.update", ""),
        ("T1", "chat.postMessage", "C1"),
        ("T1", "chat.postMessage", "C2"),
    ]
    assert [slack_pace.take(*place, once) for place in places] == [0.0] * 4
    assert all(slack_pace.take(*place, once) > 0 for place in places)


def test_a_pace_from_the_future_of_a_clock_that_jumped_back_holds_nobody_up():
    models.SlackPace.objects.create(workspace_id="T1", method="chat.update", next_at="2100-01-01T00:00:00Z")
    assert slack_pace.take("T1", "chat.update", "", SLOW) == 0.0
    models.SlackPace.objects.update(held_until="2100-01-01T00:00:00Z")
    assert slack_pace.held_for("T1", "chat.update") == 0.0


def test_a_shorter_wait_does_not_end_a_longer_one():
    slack_pace.hold("T1", "chat.update", 100)
    slack_pace.hold("T1", "chat.update", 1)
    assert slack_pace.held_for("T1", "chat.update") > 90


def test_a_pause_that_slack_asks_for_holds_every_post_of_the_workspace(slack, run, card, root):
    slack.script("chat.postMessage", Script(error="ratelimited", status=429, retry_after=30))
    door.deliver(card.id)
    other = models.SlackThread.objects.create(
        issue=run.issue, workspace_id="T0FAKE", channel_id="C0OTHER", root_ts="1.000001", user_id="U0RITA"
    )
    second = models.Effect.objects.create(key="other", kind="slack.card", issue=run.issue, run=run, thread=other)
    door.deliver(second.id)
    for effect in (card, second):
        effect.refresh_from_db()
        assert (effect.state, effect.attempt) == ("pending", 0)
    assert len(slack.calls_of("chat.postMessage")) == 1


def test_after_the_pause_it_is_posted_without_a_search_for_it(slack, run, card):
    slack.script("chat.postMessage", Script(error="ratelimited", status=429, retry_after=30))
    door.deliver(card.id)
    models.SlackPace.objects.update(held_until=None)
    assert deliver_again(card).state == "done"
    assert slack.calls_of("conversations.replies") == []
    assert len(posted(slack)) == 1


def test_posts_of_a_channel_that_are_too_many_at_once_get_turns_one_after_the_other(slack, run, card, monkeypatch):
    monkeypatch.setattr(pace, "POSTS", Limit(seconds=60, burst=4))
    thread = card.thread
    made = [
        models.Effect.objects.create(key=f"post {number}", kind="slack.card", issue=run.issue, run=run, thread=thread)
        for number in range(8)
    ]
    for effect in made:
        door.deliver(effect.id)
    assert len(posted(slack)) == 4
    waiting = models.Effect.objects.filter(state="pending", key__startswith="post").order_by("created_at")
    due = list(waiting.values_list("due_at", flat=True))
    assert due == sorted(due)
    assert len(set(due)) == 4
    assert {message["thread_ts"] for message in slack.messages(CHANNEL) if "bot_id" in message} == {thread.root_ts}


def test_an_end_waits_for_the_ends_before_it_and_for_no_progress(run, card, monkeypatch):
    monkeypatch.setattr(pace, "UPDATES", Limit(seconds=60, burst=1))
    pace.take_turn(card, "T0FAKE", "chat.update", can_wait=False)
    common = {"issue": run.issue, "run": run, "thread": card.thread, "kind": "slack.card_update"}
    for key, payload in (("end 1", {}), ("progress", {"is_live": True}), ("end 2", {})):
        models.Effect.objects.create(key=key, payload=payload, **common)
    last = models.Effect.objects.create(key="end 3", **common)
    with pytest.raises(DeliveryError) as told:
        pace.take_turn(last, "T0FAKE", "chat.update", can_wait=False)
    assert 170 < told.value.retry_after <= 180


def test_what_only_shows_progress_is_due_after_all_else(run, card):
    models.Effect.objects.all().delete()
    common = {"issue": run.issue, "run": run, "thread": card.thread, "kind": "slack.card_update"}
    live = models.Effect.objects.create(key="live", payload={"is_live": True}, due_at="2000-01-01T00:00:00Z", **common)
    end = models.Effect.objects.create(key="end", due_at="2001-01-01T00:00:00Z", **common)
    assert effects.due() == [end.id, live.id]


def test_the_limits_are_those_of_slack():
    """50 edits in any minute; five posts in any five seconds. The conftest has replaced what is in force."""
    source = Path(pace.__file__).read_text()
    found = [
        Limit(float(seconds), int(burst)) for seconds, burst in re.findall(r"Limit\(seconds=([\d.]+), burst=(\d+)\)", source)
    ]
    updates, posts = found
    assert updates.burst + int(60 / updates.seconds) <= 50
    assert posts.burst + int(5 / posts.seconds) <= 5
