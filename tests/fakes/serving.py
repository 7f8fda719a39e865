"""uvicorn in a thread that ends when it is told to: hundreds of tests have a server each."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import uvicorn

PAUSE_SECONDS = 0.005
PAUSES = 20


class PromptServer(uvicorn.Server):
    """uvicorn looks ten times a second whether it should end, and then pauses for a tenth of one in any case."""

    _loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Tell it from another thread. What is under way is finished as uvicorn finishes it."""
        self.should_exit = True
        if self._loop is not None:
            # A server that has ended by itself has closed its loop.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        if not self.should_exit:
            await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(PAUSES):
            if not self.server_state.connections and not self.server_state.tasks:
                return await self.lifespan.shutdown()
            await asyncio.sleep(PAUSE_SECONDS)
        await super().shutdown(sockets)
        return None
