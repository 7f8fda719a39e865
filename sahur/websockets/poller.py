"""What of the watched runs and issues has moved: one poller for all sockets of a process.

Live hints (`sahur.websockets.broadcast`) are at-most-once, so they only make the next question come sooner; every two
seconds the poller asks anyway, in one query for all watched runs. Readers then read rows after their own cursor.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from sahur.issues import selectors
from sahur.websockets.broadcast import GROUP
from sahur.websockets.database import in_database
from sahur.websockets.feed import IssueFeed, IssueReader
from sahur.websockets.per_loop import PerLoop
from sahur.websockets.seats import seats
from sahur_core.events import TERMINAL_KINDS, Event

log = logging.getLogger(__name__)

BATCH_EVENTS = 200


@dataclass(eq=False)
class RunWatch:
    """One socket's interest in a run. The socket moves `cursor`; the poller sets `news`."""

    run_id: UUID
    cursor: int
    is_ended: bool = False
    """The last event was sent: no longer polled for, but hints (a message, an effect) still count."""
    is_reading: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Batch:
    """Consecutive events as one frame, encoded once for all sockets at the same place."""

    frame: str
    count: int
    last_seq: int
    is_end: bool


class Poller:
    """Lives in one event loop; runs while somebody watches."""

    poll_seconds = 2.0
    issue_seconds = 0.5
    """At most so often issues are read again, however many hints come: a run may have twenty events a second."""
    issue_poll_seconds = 10.0

    def __init__(self) -> None:
        self._watches: defaultdict[UUID, set[RunWatch]] = defaultdict(set)
        self._numbers = itertools.count(1)
        self._versions: dict[UUID, int] = {}
        self._reads: dict[tuple[UUID, int, int], asyncio.Task[Batch]] = {}
        self._hinted: set[UUID] = set()
        self._hint = asyncio.Event()
        self._issues = IssueReader()
        self._tasks: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()

    def watch(self, watch: RunWatch) -> None:
        self._watches[watch.run_id].add(watch)
        if watch.is_ended or watch.run_id not in self._versions:
            # Nobody polls for an ended run, so a read that others began before its end must not be the last one.
            self._versions[watch.run_id] = next(self._numbers)
        self._start()

    def unwatch(self, watch: RunWatch) -> None:
        watches = self._watches[watch.run_id]
        watches.discard(watch)
        if not watches:
            del self._watches[watch.run_id]
            self._versions.pop(watch.run_id, None)
        self._stop_if_idle()

    def follow(self, feed: IssueFeed) -> None:
        self._issues.add(feed)
        self._start()

    def unfollow(self, feed: IssueFeed) -> None:
        self._issues.discard(feed)
        self._stop_if_idle()

    @property
    def is_running(self) -> bool:
        """Whether it asks at all: not while nobody watches."""
        return bool(self._tasks)

    @property
    def watched(self) -> int:
        """How many sockets watch a run."""
        return sum(len(watches) for watches in self._watches.values())

    async def read(self, watch: RunWatch) -> Batch:
        """The next events after the watch's cursor. Sockets at the same place share one read.

        The version keeps a reader that was woken from sharing a read that began before its news.
        """
        key = (watch.run_id, watch.cursor, self._versions.get(watch.run_id, 0))
        task = self._reads.get(key)
        if task is None:
            task = self._reads[key] = asyncio.create_task(in_database(_read, watch.run_id, watch.cursor))
            task.add_done_callback(lambda _: self._reads.pop(key, None))
        return await asyncio.shield(task)

    def take_hints(self, hints: list[list[Any]]) -> None:
        """Notice what a message of the group says has news."""
        for run_id, issue_id, team_id in hints:
            self._issues.hint(UUID(issue_id), team_id)
            if run_id and UUID(run_id) in self._watches:
                self._hinted.add(UUID(run_id))
        if self._hinted:
            self._hint.set()

    async def close(self) -> None:
        """End the tasks; sockets that are still open get no more news."""
        tasks, self._tasks = self._tasks, []
        await _end(tasks)
        await asyncio.gather(*self._ending)

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._forever(work)) for work in (self._listen, self._poll_runs, self._poll_issues)
            ]

    async def _forever(self, work: Callable[[], Awaitable[None]]) -> None:
        """The boundary of the poller's tasks: whatever one stumbles over, the sockets of the process need it again."""
        while True:
            try:
                await work()
            except Exception:
                log.exception("the poller's %s failed and begins again", work.__name__)
            await asyncio.sleep(self.poll_seconds)

    def _stop_if_idle(self) -> None:
        if not self._watches and not self._issues.has_feeds():
            ending = asyncio.create_task(_end(self._tasks))
            self._tasks = []
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _listen(self) -> None:
        """Hear the group. While Redis/Valkey is away, readers live on polls and this tries again, ever more slowly."""
        pause = 1.0
        while True:
            layer = get_channel_layer()
            channel = ""
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    message = await layer.receive(channel)
                    pause = 1.0
                    self.take_hints(message["hints"])
                    # A process of the version before this one sends none.
                    seats().look_again(message.get("users", ()))
            except (RedisError, OSError) as error:
                log.warning("no live hints, polling instead: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 15.0)

    async def _poll_runs(self) -> None:
        loop = asyncio.get_running_loop()
        next_full = loop.time() + self.poll_seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_full):
                    await self._hint.wait()
            # A hint follows a commit, so its readers look at once: to ask first would be one more query for each.
            for run_id in self._hinted & self._watches.keys():
                self._wake(run_id, self._watches[run_id])
            self._hint.clear()
            self._hinted.clear()
            if loop.time() < next_full:
                continue
            next_full = loop.time() + self.poll_seconds
            runs = {run_id for run_id, watches in self._watches.items() if not all(watch.is_ended for watch in watches)}
            try:
                await self._wake_moved(runs)
            except DatabaseError as error:
                log.warning("watched runs could not be asked for: %s", error)
                await asyncio.sleep(self.poll_seconds)

    async def _wake_moved(self, runs: set[UUID]) -> None:
        cursors: dict[UUID, int] = {}
        for run_id in runs:
            reading = {watch for watch in self._watches[run_id] if watch.is_reading}
            if reading:
                # What was committed since they began is found by reading once more.
                self._wake(run_id, reading)
            if idle := self._watches[run_id] - reading:
                cursors[run_id] = min(watch.cursor for watch in idle)
        if cursors:
            for run_id in await in_database(selectors.moved_runs, cursors):
                self._wake(run_id, {watch for watch in self._watches.get(run_id, ()) if not watch.is_reading})

    def _wake(self, run_id: UUID, watches: set[RunWatch]) -> None:
        if watches:
            self._versions[run_id] = next(self._numbers)
        for watch in watches:
            watch.news.set()

    async def _poll_issues(self) -> None:
        loop = asyncio.get_running_loop()
        next_full = loop.time() + self.issue_poll_seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_full):
                    await self._issues.news.wait()
            is_full = loop.time() >= next_full
            if is_full:
                next_full = loop.time() + self.issue_poll_seconds
            try:
                await self._issues.read(is_full=is_full)
            except DatabaseError as error:
                log.warning("watched issues could not be read: %s", error)
                await asyncio.sleep(self.poll_seconds)
            await asyncio.sleep(self.issue_seconds)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until they have ended: a cancellation that meets the layer while it connects can be lost there."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


def _read(run_id: UUID, after: int) -> Batch:
    return encode(selectors.read_events(run_id, after, BATCH_EVENTS), after)


def encode(events: list[Event], after: int) -> Batch:
    """One frame of events. `after` is the last number where there are none."""
    body = ",".join(event.model_dump_json() for event in events)
    return Batch(
        frame=f'{{"type":"events","events":[{body}]}}',
        count=len(events),
        last_seq=events[-1].seq if events else after,
        is_end=any(event.payload.kind in TERMINAL_KINDS for event in events),
    )


poller = PerLoop(Poller)
"""The poller of the running event loop: one a process, since a server process runs one loop."""
