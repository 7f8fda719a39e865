"""Live hints: after the commit, gathered, bounded, and never in the way of who commits."""

from __future__ import annotations

import uuid

import pytest
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.db import transaction

from sahur.issues import events
from sahur.websockets import broadcast
from sahur.websockets.broadcast import MAX_PER_MESSAGE, MAX_WAITING, Broadcaster
from sahur_core.events import NoticeRaised
from tests.waiting import wait_for


class Recorded(Broadcaster):
    """Keeps what would be sent; `send` waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[list[broadcast.Hint]] = []

    def drain(self) -> None:
        self.sent.append(self._take())


def hint(number: int) -> broadcast.Hint:
    return ("", str(number), 1)


@pytest.fixture
def quiet(monkeypatch) -> Recorded:
    """A broadcaster whose thread does nothing, so that hints gather."""
    monkeypatch.setattr(Broadcaster, "_run", lambda _: None)
    return Recorded()


def test_the_same_hint_is_sent_once(quiet):
    for _ in range(100):
        quiet.add(hint(1))
    quiet.drain()
    assert quiet.sent == [[hint(1)]]


def test_hints_go_in_bounded_messages(quiet):
    for number in range(MAX_PER_MESSAGE + 1):
        quiet.add(hint(number))
    quiet.drain()
    quiet.drain()
    assert [len(message) for message in quiet.sent] == [MAX_PER_MESSAGE, 1]


def test_what_is_too_much_is_dropped(quiet):
    for number in range(MAX_WAITING + 100):
        quiet.add(hint(number))
    assert len(quiet._waiting) == MAX_WAITING


@pytest.mark.django_db(transaction=True)
def test_a_hint_waits_for_the_commit_and_dies_with_a_rollback(run, monkeypatch):
    heard = []
    monkeypatch.setattr(Broadcaster, "add", lambda _, hint: heard.append(hint))
    with transaction.atomic():
        events.record(run, NoticeRaised(level="info", message="kept"))
        assert heard == []
    with transaction.atomic():
        events.record(run, NoticeRaised(level="info", message="lost"))
        transaction.set_rollback(True)
    assert heard == [(str(run.id), str(run.issue_id), run.issue.team_id)]


def test_hints_go_on_after_valkey_was_away(monkeypatch):
    broadcaster = Broadcaster()
    with monkeypatch.context() as broken:
        broken.setitem(channel_layers.backends, "default", RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1/0"]))
        broadcaster.add((str(uuid.uuid4()), str(uuid.uuid4()), 1))
        wait_for(lambda: broadcaster._is_away)
    broadcaster.add((str(uuid.uuid4()), str(uuid.uuid4()), 1))
    wait_for(lambda: not broadcaster._is_away)


def test_each_process_has_its_own_thread(monkeypatch):
    ours = broadcast.broadcaster()
    assert broadcast.broadcaster() is ours
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert broadcast.broadcaster() is not ours
