"""A TCP proxy that hangs up when it is told to, as load balancers and networks do."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class FlakyProxy:
    """Passes bytes on to a port; see `drop` and `hang_up`."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.dropped = 0
        self._target = port
        self._marker = b""
        self._to_drop = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()

    def drop(self, marker: str, times: int = 1) -> None:
        """Hang up on the next requests that contain the marker: they reach the server, no answer comes back."""
        self._marker, self._to_drop = marker.encode(), times

    def hang_up(self) -> None:
        """Break every connection there is."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in list(self._writers)])

    @contextmanager
    def running(self) -> Iterator[str]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        thread.start()
        assert self._started.wait(60), "the proxy did not start"
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._ending.set)
            thread.join(60)

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._ending.wait()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, far_writer}
        self._writers |= pair
        await asyncio.gather(self._pass(reader, far_writer, writer), self._pass(far_reader, writer, None))
        self._writers -= pair

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter | None) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                if back is not None and self._to_drop and self._marker in data:
                    self._to_drop -= 1
                    self.dropped += 1
                    back.transport.abort()
                    break
                await writer.drain()
        writer.close()
