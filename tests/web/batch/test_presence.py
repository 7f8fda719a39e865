"""Workers tell that they are there, and what they do; the killed are told from the living."""

from __future__ import annotations

import json

import pytest
from celery.contrib.testing.worker import start_worker

from sahur.batch import presence
from sahur.celery import app
from tests.waiting import wait_for


@pytest.fixture(autouse=True)
def nobody() -> None:
    presence._client().delete(*presence.Group)


def grow_older(seconds: float) -> None:
    for group in presence.Group:
        for field, text in presence._client().hgetall(group).items():
            entry = json.loads(text)
            presence._client().hset(group, field, json.dumps(entry | {"at": entry["at"] - seconds}))


def test_a_real_worker_is_there_while_it_runs():
    with start_worker(app, pool="solo", concurrency=1, queues=["presence"], perform_ping_check=False, hostname="w@here"):
        wait_for(presence.list_workers)
        [worker] = presence.list_workers()
        assert (worker.name, worker.queues, worker.slots, worker.busy) == ("w@here", ("presence",), 1, 0)
        assert worker.is_alive
    assert presence.list_workers() == []


def test_a_killed_one_is_lost_and_then_forgotten():
    presence.Presence("batch@sahur", ["batch"], 2).tell(1)
    grow_older(presence.LOST_SECONDS + 1)
    [worker] = presence.list_workers()
    assert (worker.is_alive, worker.busy) == (False, 1)
    grow_older(presence.FORGOTTEN_SECONDS)
    assert presence.list_workers() == []
    assert presence._client().hlen(presence.Group.WORKERS) == 0


def test_one_that_was_started_again_stands_there_once(monkeypatch):
    presence.Presence("batch@sahur", ["batch"], 2).tell(2)
    grow_older(presence.LOST_SECONDS + 1)
    monkeypatch.setattr(presence.os, "getpid", lambda: 2)
    presence.Presence("batch@sahur", ["batch"], 2).tell(0)
    assert [(each.pid, each.busy) for each in presence.list_workers()] == [(2, 0)]


def test_connections_to_slack_are_no_workers_and_each_counts_while_it_is_heard_of():
    first, second = (presence.Presence(f"runslack-{number}", [], 10, group=presence.Group.SLACK) for number in (1, 2))
    first.tell(0)
    second.tell(3)
    assert presence.list_workers() == []
    assert {each.name for each in presence.slack_connections()} == {"runslack-1", "runslack-2"}
    second.leave()
    assert [each.name for each in presence.slack_connections()] == ["runslack-1"]
    grow_older(presence.LOST_SECONDS + 1)
    assert presence.slack_connections() == []


def test_a_worker_works_on_while_valkey_is_away(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    presence._client.cache_clear()
    try:
        here = presence.Presence("batch@sahur", ["batch"], 2)
        here.tell(1)
        here.tell(1)
        here.leave()
    finally:
        presence._client.cache_clear()
    assert [record.levelname for record in caplog.records if "cannot be told" in record.message] == ["WARNING"]
