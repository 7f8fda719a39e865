"""One object for each event loop: a server process runs one loop, a test process many, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Call it inside a loop to get that loop's object."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self.by_loop: dict[asyncio.AbstractEventLoop, T] = {}

    def __call__(self) -> T:
        loop = asyncio.get_running_loop()
        if loop not in self.by_loop:
            for closed in [known for known in self.by_loop if known.is_closed()]:
                del self.by_loop[closed]
            self.by_loop[loop] = self._make()
        return self.by_loop[loop]
