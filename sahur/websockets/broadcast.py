"""Says "this has news" to every process, soon after the commit.

The receiver of `event_recorded` runs in the thread that committed: a worker's flush, a request. So it only puts the hint
into a bounded set, and a daemon thread with an event loop of its own sends what has gathered, at most one message a
time. A hint that is dropped or lost costs its readers one poll (`sahur.websockets.poller`), never an event.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from typing import Any, TypedDict
from uuid import UUID

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

GROUP = "news"
MAX_WAITING = 5_000
"""Hints kept while the layer is slow or away; more are dropped."""
MAX_PER_MESSAGE = 500
SEND_SECONDS = 2.0

Hint = tuple[str, str, int]
"""Run id or "", issue id, team id."""


class News(TypedDict):
    """The one message of the group. `hints` are lists because msgpack knows no tuples."""

    type: str
    hints: list[list[Any]]
    users: list[int]
    """Whose rights may have changed: they signed out, a token of theirs was revoked, they left a team."""


class Broadcaster:
    """The waiting hints of one process and the thread that sends them."""

    def __init__(self) -> None:
        self._waiting: dict[Hint | int, None] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_away = False

    def add(self, hint: Hint | int) -> None:
        """Remember a hint, or the id of a user; the same one again is no more work. Never blocks on I/O."""
        with self._changed:
            if len(self._waiting) >= MAX_WAITING and hint not in self._waiting:
                return
            self._waiting[hint] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sockets-broadcast", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _take(self) -> list[Hint | int]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            taken = list(self._waiting)[:MAX_PER_MESSAGE]
            for hint in taken:
                del self._waiting[hint]
            return taken

    def _run(self) -> None:
        # One loop for the life of the thread: the layer keeps a connection for each loop.
        with asyncio.Runner() as runner:
            while True:
                runner.run(self._send(self._take()))

    async def _send(self, taken: list[Hint | int]) -> None:
        message: News = {
            "type": "news",
            "hints": [list(hint) for hint in taken if not isinstance(hint, int)],
            "users": [user_id for user_id in taken if isinstance(user_id, int)],
        }
        try:
            await asyncio.wait_for(get_channel_layer().group_send(GROUP, message), timeout=SEND_SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            if not self._is_away:
                log.warning("live hints are not sent, readers poll instead: %s", error)
            self._is_away = True
        except Exception:
            # The boundary of the thread: without it one odd error would end all hints of this process.
            log.exception("a live hint was not sent, readers poll instead")
        else:
            if self._is_away:
                log.info("live hints are sent again")
            self._is_away = False


_by_process: dict[int, Broadcaster] = {}


def broadcaster() -> Broadcaster:
    """This process's own: a thread does not survive the fork of a pool child."""
    return _by_process.get(os.getpid()) or _by_process.setdefault(os.getpid(), Broadcaster())


def hint_news(*, run_id: UUID | None, issue_id: UUID, team_id: int, **_signal: Any) -> None:
    """Receiver of `sahur.issues.events.event_recorded`."""
    broadcaster().add((str(run_id or ""), str(issue_id), team_id))
