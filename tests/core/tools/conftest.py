"""The client is tested against the real gateway, over a proxy that breaks connections on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from sahur_core.tools.gateway import close_shared_transport
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker, gateways

__all__ = ["gateways"]


class FlakyProxy:
    """Passes TCP through to the gateway. `drop_requests` connections are cut once a request has come in; `drop_answers`
    once the answer begins, so that the call took effect."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self.drop_requests = 0
        self.drop_answers = 0
        self.connections = 0

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/mcp"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._port)
        there = asyncio.create_task(self._pass(reader, upstream_writer, is_answer=False))
        back = asyncio.create_task(self._pass(upstream_reader, writer, is_answer=True))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, upstream_writer):
            end.close()
        for task in (there, back):
            task.cancel()
        await asyncio.gather(there, back, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        while data := await reader.read(65536):
            if is_answer and self.drop_answers:
                self.drop_answers -= 1
                return
            if not is_answer and self.drop_requests:
                self.drop_requests -= 1
                return
            writer.write(data)
            await writer.drain()


@pytest.fixture
def foreign() -> ForeignServer:
    return ForeignServer()


@pytest.fixture
def gateway(gateways: GatewayMaker, foreign: ForeignServer) -> Iterator[Gateway]:
    """A gateway with an upstream `tickets`."""
    with ExitStack() as stack:
        url = stack.enter_context(serve(foreign.app()))
        gateway = gateways.start({"tickets": {"url": f"{url}/mcp"}}, stack)
        gateway.wait_for_state("tickets", "ready")
        yield gateway


@pytest.fixture
async def proxy(gateway: Gateway) -> AsyncIterator[FlakyProxy]:
    proxy = FlakyProxy(int(gateway.url.rpartition(":")[2]))
    yield proxy
    await close_shared_transport()
