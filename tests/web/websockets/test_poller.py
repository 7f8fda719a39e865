"""What the poller asks, and whom it wakes. The database's answers are scripted; sockets and rows: test_runs.py."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from sahur.issues import selectors
from sahur.websockets.poller import Poller, RunWatch, encode
from sahur_core.events import Event, NoticeRaised, RunCanceled

SECONDS = 20


@pytest.fixture
async def poller(prefix) -> AsyncIterator[Poller]:
    poller = Poller()
    yield poller
    await poller.close()


def event(seq: int, first_seq: int | None = None, payload=None) -> Event:
    told = payload or NoticeRaised(level="info", message="x")
    return Event(run_id="r", first_seq=first_seq or seq, seq=seq, attempt=1, at=datetime.now(UTC), payload=told)


def hint_for(watch: RunWatch) -> list[list]:
    return [[str(watch.run_id), str(uuid.uuid4()), 1]]


async def test_a_reader_that_is_reading_reads_once_more(poller):
    poller.poll_seconds = 3600
    watch = RunWatch(uuid.uuid4(), 5, is_reading=True)
    poller.watch(watch)
    poller.take_hints(hint_for(watch))
    await asyncio.wait_for(watch.news.wait(), SECONDS)


async def test_one_question_for_all_runs_at_the_lowest_cursor(poller, monkeypatch):
    asked = []
    monkeypatch.setattr(selectors, "moved_runs", lambda cursors: asked.append(dict(cursors)) or set(cursors))
    poller.poll_seconds = 0.05
    first, second, other = RunWatch(run := uuid.uuid4(), 7), RunWatch(run, 3), RunWatch(uuid.uuid4(), 1)
    for watch in (first, second, other):
        poller.watch(watch)
    await asyncio.wait_for(asyncio.gather(*(watch.news.wait() for watch in (first, second, other))), SECONDS)
    assert asked[0] == {run: 3, other.run_id: 1}


async def test_an_ended_run_is_asked_for_only_on_a_hint(poller, monkeypatch):
    asked = []
    monkeypatch.setattr(selectors, "moved_runs", lambda cursors: asked.append(dict(cursors)) or set(cursors))
    poller.poll_seconds = 0.05
    live, ended = RunWatch(uuid.uuid4(), 1), RunWatch(uuid.uuid4(), 9, is_ended=True)
    poller.watch(live)
    poller.watch(ended)
    await asyncio.wait_for(live.news.wait(), SECONDS)
    assert all(ended.run_id not in cursors for cursors in asked)
    poller.take_hints(hint_for(ended))
    await asyncio.wait_for(ended.news.wait(), SECONDS)


async def test_a_hint_wakes_its_own_readers_and_asks_nothing(poller, monkeypatch):
    asked = []
    monkeypatch.setattr(selectors, "moved_runs", lambda cursors: asked.append(dict(cursors)) or set(cursors))
    poller.poll_seconds = 3600
    watch, other = RunWatch(uuid.uuid4(), 1), RunWatch(uuid.uuid4(), 1)
    poller.watch(watch)
    poller.watch(other)
    poller.take_hints(hint_for(RunWatch(uuid.uuid4(), 1)))
    poller.take_hints(hint_for(watch))
    await asyncio.wait_for(watch.news.wait(), SECONDS)
    assert not other.news.is_set()
    assert asked == []


async def test_readers_at_the_same_place_share_a_read_but_not_an_old_one(poller, monkeypatch):
    reads, go = [], threading.Event()

    def read(run_id, after, limit):
        reads.append(after)
        go.wait(SECONDS)
        return [event(after + 1)]

    monkeypatch.setattr(selectors, "read_events", read)
    monkeypatch.setattr(selectors, "moved_runs", set)
    watches = [RunWatch(run, 4) for run in [uuid.uuid4()] * 3]
    for watch in watches:
        poller.watch(watch)
    early = [asyncio.create_task(poller.read(watch)) for watch in watches[:2]]
    await asyncio.sleep(0)
    poller.take_hints(hint_for(watches[2]))
    await asyncio.wait_for(watches[2].news.wait(), SECONDS)
    late = asyncio.create_task(poller.read(watches[2]))
    await asyncio.sleep(0)
    go.set()
    assert {(await task).last_seq for task in (*early, late)} == {5}
    assert reads == [4, 4]


async def test_who_finds_the_run_ended_shares_no_read_that_began_before(poller, monkeypatch):
    reads, go = [], threading.Event()

    def read(run_id, after, limit):
        reads.append(after)
        go.wait(SECONDS)
        return [event(after + len(reads))]

    monkeypatch.setattr(selectors, "read_events", read)
    monkeypatch.setattr(selectors, "moved_runs", set)
    live = RunWatch(uuid.uuid4(), 4)
    poller.watch(live)
    early = asyncio.create_task(poller.read(live))
    await asyncio.sleep(0)
    poller.unwatch(live)
    ended = RunWatch(live.run_id, 4, is_ended=True)
    poller.watch(ended)
    late = asyncio.create_task(poller.read(ended))
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(early, late)
    assert reads == [4, 4]


async def test_a_fault_does_not_end_the_polling(poller, monkeypatch):
    answers = iter([KeyError("bug"), None])

    def moved(cursors):
        failure = next(answers, None)
        if failure:
            raise failure
        return set(cursors)

    monkeypatch.setattr(selectors, "moved_runs", moved)
    poller.poll_seconds = 0.05
    watch = RunWatch(uuid.uuid4(), 1)
    poller.watch(watch)
    await asyncio.wait_for(watch.news.wait(), SECONDS)


def test_a_frame_carries_ranges_and_the_end():
    batch = encode([event(9, first_seq=2), event(10, payload=RunCanceled(asked_by="Rita", facts=[]))], 1)
    assert (batch.count, batch.last_seq, batch.is_end) == (2, 10, True)
    assert '"first_seq":2,"seq":9' in batch.frame


def test_an_empty_batch_stays_at_its_place():
    batch = encode([], 7)
    assert (batch.count, batch.last_seq, batch.is_end) == (0, 7, False)
