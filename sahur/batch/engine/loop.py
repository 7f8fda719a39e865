"""One event loop per worker process, in a thread started after the fork.

Model and gateway clients keep their connections on it, so it must live as long as the process; Celery has no tasks that
are coroutines.
"""

from __future__ import annotations

import asyncio
import os
import threading

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_pid = 0


def event_loop() -> asyncio.AbstractEventLoop:
    """This process's loop, started by its first caller."""
    global _loop, _pid
    with _lock:
        if _loop is None or os.getpid() != _pid:
            _loop, _pid = asyncio.new_event_loop(), os.getpid()
            threading.Thread(target=_loop.run_forever, name="event-loop", daemon=True).start()
        return _loop


def _forget_lock_of_parent() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_lock_of_parent)
