"""How many commands a person may send: by socket, and over all sockets of all processes."""

from __future__ import annotations

import logging
import time
from collections import deque

from django.core.cache import cache
from redis.exceptions import RedisError

from sahur_core.errors import TooManyRequests

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60


class Throttle:
    """Counts one socket's frames. `per_socket` and `per_user` are frames in any, and in each, minute."""

    def __init__(self, user_id: int, *, per_socket: int = 60, per_user: int = 180) -> None:
        self._user_id = user_id
        self._per_socket = per_socket
        self._per_user = per_user
        self._times: deque[float] = deque()

    def check(self) -> None:
        """Count a frame. Raises `TooManyRequests`. Talks to the cache: call it in a thread."""
        now = time.monotonic()
        while self._times and self._times[0] <= now - WINDOW_SECONDS:
            self._times.popleft()
        if len(self._times) >= self._per_socket or self._count_of_user() > self._per_user:
            raise TooManyRequests("Too many commands in one minute.", next_step="Wait a minute, then send it again.")
        self._times.append(now)

    def _count_of_user(self) -> int:
        key = f"socket-frames:{self._user_id}:{int(time.time()) // WINDOW_SECONDS}"
        try:
            cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
            return int(cache.incr(key))
        except (RedisError, OSError, ValueError) as error:
            # Without the cache the socket's own count is still a limit; commands must work while it is away.
            log.warning("commands are counted by socket only: %s", error)
            return 0
