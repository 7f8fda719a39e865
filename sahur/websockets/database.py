"""Database work of sockets, off the event loop.

All sockets of a process share a few threads, each with one connection: a thousand open sockets hold no more than that.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="sockets-database")


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in one of the threads. Connections that went stale are replaced before and dropped after."""
    run = database_sync_to_async(function, thread_sensitive=False, executor=_threads)
    return cast(T, await run(*args, **kwargs))
