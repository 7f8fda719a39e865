"""The sockets: one run, one issue, the list of issues."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import parse_qs

from channels.security.websocket import WebsocketDenier
from django.db import Error as DatabaseError

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.issues import selectors
from sahur.websockets.commands import Subject
from sahur.websockets.connection import Connection
from sahur.websockets.database import in_database
from sahur.websockets.feed import IssueFeed
from sahur.websockets.poller import BATCH_EVENTS, Batch, RunWatch, poller
from sahur_core.errors import InputError
from sahur_core.issues import RunStatus

log = logging.getLogger(__name__)

MAX_SEQ = 2**62
"""As over REST: PostgreSQL counts on from a cursor, and one overflow would spoil the poll for all sockets."""


class RunConnection(Connection):
    """`/ws/runs/<id>/?after=<seq>`: the events after that number, then live; commands are about this run.

    After the last event the socket stays open, since a message may still be sent, but it is no longer polled for.
    """

    watch: RunWatch | None = None
    team_id = 0

    async def open(self, actor: Actor) -> None:
        run_id, after = self.scope["url_route"]["kwargs"]["run_id"], _after(self.scope["query_string"])
        run = await in_database(selectors.get_run, actor, run_id)
        self.subject = Subject(run_id=str(run.id), issue_key=run.issue.key)
        self.team_id = run.issue.team_id
        self.watch = RunWatch(run.id, after, is_ended=RunStatus(run.status).is_terminal)
        poller().watch(self.watch)

    def recheck(self, actor: Actor) -> None:
        actor.require(self.team_id, MemberRole.VIEWER)

    async def relay(self) -> None:
        watch = self.watch
        if watch is None:
            return
        is_replaying = True
        while True:
            watch.news.clear()
            watch.is_reading = True
            batch = await self._next_batch(watch)
            if batch.count:
                await self.send_frame(batch.frame)
                watch.cursor = batch.last_seq
                watch.is_ended = watch.is_ended or batch.is_end
            if batch.count == BATCH_EVENTS:
                continue
            if is_replaying:
                is_replaying = False
                await self.send_frame({"type": "replay.done", "last_seq": watch.cursor})
            watch.is_reading = False
            await watch.news.wait()

    async def _next_batch(self, watch: RunWatch) -> Batch:
        """Read on; while PostgreSQL is away the socket stays open and waits for it."""
        pause = 0.5
        while True:
            try:
                return await poller().read(watch)
            except DatabaseError as error:
                log.warning("events of run %s could not be read: %s", watch.run_id, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 8.0)

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.watch is not None:
            poller().unwatch(self.watch)
            self.watch = None


class IssueListConnection(Connection):
    """`/ws/issues/`: the newest issues of the actor's teams, then each one that changes."""

    feed: IssueFeed | None = None

    async def open(self, actor: Actor) -> None:
        self._follow(IssueFeed(frozenset(actor.roles)))

    def _follow(self, feed: IssueFeed) -> None:
        self.feed = feed
        poller().follow(feed)

    def recheck(self, actor: Actor) -> None:
        if self.feed is not None:
            self.feed.team_ids = frozenset(actor.roles)

    async def relay(self) -> None:
        feed = self.feed
        if feed is None:
            return
        while True:
            await feed.news.wait()
            await self.send_frame({"type": "issues.changed", "issues": feed.take()})

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.feed is not None:
            poller().unfollow(self.feed)
            self.feed = None


class IssueConnection(IssueListConnection):
    """`/ws/issues/<key>/`: the state of one issue, now and whenever it changes; commands are about this issue."""

    team_id = 0

    async def open(self, actor: Actor) -> None:
        issue = await in_database(selectors.get_issue, actor, self.scope["url_route"]["kwargs"]["key"])
        self.subject = Subject(issue_key=issue.key)
        self.team_id = issue.team_id
        self._follow(IssueFeed(frozenset({issue.team_id}), issue_id=issue.id))

    def recheck(self, actor: Actor) -> None:
        actor.require(self.team_id, MemberRole.VIEWER)


class NoSuchAddress(WebsocketDenier):  # type: ignore[misc]
    """Any other address: a plain refusal instead of a traceback in the log of the server."""

    channel_layer_alias = Connection.channel_layer_alias


def _after(query_string: bytes) -> int:
    """The cursor in the address, 0 without one. Raises `InputError`."""
    value = parse_qs(query_string.decode("latin-1")).get("after", ["0"])[-1]
    # isascii: `int` would also take the digits of other scripts; len: it refuses thousands of them.
    if not (value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= MAX_SEQ):
        raise InputError(
            "after is not the number of an event.", next_step="Give the last seq you have, or nothing.", field="after"
        )
    return int(value)
