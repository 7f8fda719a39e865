"""All open sockets of a process: how many a person has, a ping for each, and who may stay.

One task does this for all, with four queries a round: timers and queries of its own for each of a thousand idle sockets
cost a tenth of a core. Each socket's turns begin at a moment of chance, so that those that came back together after a
restart do not stay together.
"""

from __future__ import annotations

import asyncio
import logging
import random
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection
from typing import Protocol

from django.db import Error as DatabaseError

from sahur.accounts.actor import Actor
from sahur.websockets import sign_in
from sahur.websockets.database import in_database
from sahur.websockets.per_loop import PerLoop
from sahur.websockets.sign_in import SignIn
from sahur_core.errors import TooManyRequests

log = logging.getLogger(__name__)


class Seated(Protocol):
    """A socket, as this module sees it."""

    who: SignIn

    @abstractmethod
    def ping(self) -> None:
        """Begin to send a ping. Does not wait for the client."""

    @abstractmethod
    def stay_as(self, actor: Actor | None) -> None:
        """Who it is now, with the memberships of this moment; None must leave. Does not wait for the client."""


class Seat:
    """When it is a socket's turn, on the clock of the loop."""

    def __init__(self, socket: Seated, ping_at: float, review_at: float) -> None:
        self.socket = socket
        self.ping_at = ping_at
        self.review_at = review_at


class Seats:
    """Lives in one event loop; runs while somebody is there."""

    ping_seconds = 15.0
    """Clients call a connection dead after 45 s of silence."""
    review_seconds = 60.0
    """A hint that a person's rights have changed makes it sooner (`sahur.websockets.broadcast`)."""
    again_seconds = 5.0
    """When the database was away at the review."""
    tick_seconds = 1.0
    per_user = 50
    """Sockets of one person in one process: many open tabs, but no flood."""

    def __init__(self) -> None:
        self._seats: dict[Seated, Seat] = {}
        self._by_user: Counter[int] = Counter()
        self._hint = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._seats)

    def take(self, socket: Seated) -> None:
        """Give a socket its seat. Raises `TooManyRequests` if its person has too many."""
        user_id = socket.who.user.pk
        if self._by_user[user_id] >= self.per_user:
            raise TooManyRequests(
                f"You have {self.per_user} live connections open already.",
                next_step="Close other tabs or clients, then try again.",
            )
        self._by_user[user_id] += 1
        now, chance = asyncio.get_running_loop().time(), random.random()  # noqa: S311 - only spreads work over time
        self._seats[socket] = Seat(socket, now + self.ping_seconds * chance, now + self.review_seconds * chance)
        if self._task is None:
            self._task = asyncio.create_task(self._forever())

    def leave(self, socket: Seated) -> None:
        """Give the seat back; a socket that has none is no error."""
        if self._seats.pop(socket, None) is None:
            return
        user_id = socket.who.user.pk
        self._by_user[user_id] -= 1
        if not self._by_user[user_id]:
            del self._by_user[user_id]
        if not self._seats and self._task is not None:
            self._task.cancel()
            self._task = None

    def look_again(self, user_ids: Collection[int]) -> None:
        """The rights of these people may have changed: their turn is now."""
        for seat in self._seats.values():
            if seat.socket.who.user.pk in user_ids:
                seat.review_at = 0.0
                self._hint.set()

    async def close(self) -> None:
        """End the task; sockets that are still open are neither pinged nor reviewed any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _forever(self) -> None:
        """The boundary of the task: whatever it stumbles over, the sockets of the process need it again."""
        while True:
            try:
                await self._tick()
            except DatabaseError as error:
                log.warning("who may stay could not be asked for, it is next time: %s", error)
            except Exception:
                log.exception("the round over all sockets failed and begins again")

    async def _tick(self) -> None:
        try:
            async with asyncio.timeout(min(self.tick_seconds, self.ping_seconds / 2, self.review_seconds / 2)):
                await self._hint.wait()
        except TimeoutError:
            pass
        self._hint.clear()
        now = asyncio.get_running_loop().time()
        due: list[Seat] = []
        for seat in self._seats.values():
            if seat.ping_at <= now:
                seat.ping_at = now + self.ping_seconds
                seat.socket.ping()
            if seat.review_at <= now:
                seat.review_at = now + self.review_seconds
                due.append(seat)
        if due:
            await self._review_or_soon(due, now + min(self.again_seconds, self.review_seconds))

    async def _review_or_soon(self, due: list[Seat], again_at: float) -> None:
        """Review them; while the database is away, again soon: a hint may be behind it."""
        try:
            await self._review([seat.socket for seat in due])
        except DatabaseError:
            for seat in due:
                seat.review_at = min(seat.review_at, again_at)
            raise

    async def _review(self, sockets: list[Seated]) -> None:
        actors = await in_database(sign_in.review, [socket.who for socket in sockets])
        for socket, actor in zip(sockets, actors, strict=True):
            if socket in self._seats:
                socket.stay_as(actor)


seats = PerLoop(Seats)
"""The seats of the running event loop: one a process, since a server process runs one loop."""
