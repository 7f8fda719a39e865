"""How a remote upstream is reached, with its own credentials and nothing of the caller's."""

from __future__ import annotations

import functools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

import anyio
import httpx2
from mcp import MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp.types import CLIENT_CAPABILITIES_META_KEY, INVALID_PARAMS
from pydantic_core import to_json

from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.transports.child_output import ChildOutput
from sahur_mcp.proxy.transports.http_answers import TellingClient
from sahur_mcp.proxy.transports.http_transport import upstream_transport
from sahur_mcp.proxy.transports.problems import Evidence
from sahur_mcp.proxy.transports.stdio import open_child

MAX_MESSAGE_BYTES = 16_000_000
"""The SDK's own limit of 1 MB breaks the connection; we would rather cut the result."""


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """One for the process: loading the certificates takes about 30 ms."""
    return ssl.create_default_context()


META_CLIENT = "sahur/client"
"""In the metadata of our own requests, on their way to the transport only: what the caller's client declared."""


class WatchedStream:
    """A read stream that tells when it ends: the SDK's session does not say that its connection is gone."""

    def __init__(self, stream: Any, on_end: Callable[[], None], on_noise: Callable[[Exception], None]) -> None:
        self._stream = stream
        self._on_end = on_end
        self._on_noise = on_noise

    @property
    def last_context(self) -> Any:
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        try:
            message: SessionMessage | Exception = await self._stream.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._on_end()
            raise
        if isinstance(message, Exception):
            self._on_noise(message)
        return message

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __aiter__(self) -> WatchedStream:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> WatchedStream:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        result: bool | None = await self._stream.__aexit__(kind, error, traceback)
        return result


class DeclaringStream:
    """A write stream that lets each request declare what its own client can do.

    Since 2026-07-28 a client declares its capabilities with every request. The SDK writes ours; an upstream must know
    those of the client behind us, because it is the one that will be asked. A child hears of no roots: it runs on our
    machine and may take them in place of the folders that its entry names.
    """

    def __init__(self, stream: Any, *, is_child: bool = False) -> None:
        self._stream = stream
        self._is_child = is_child

    async def send(self, message: SessionMessage) -> None:
        params = getattr(message.message, "params", None)
        meta = params.get("_meta") if isinstance(params, dict) else None
        if isinstance(meta, dict) and META_CLIENT in meta:
            declared = meta.pop(META_CLIENT)
            if self._is_child:
                declared = {name: capability for name, capability in declared.items() if name != "roots"}
            if CLIENT_CAPABILITIES_META_KEY in meta:
                meta[CLIENT_CAPABILITIES_META_KEY] = declared
        try:
            to_json(params)
        except ValueError as error:
            # Of this one request; the SDK would end the session of all of them.
            raise MCPError(code=INVALID_PARAMS, message=f"it cannot be written as JSON ({error})"[:200]) from error
        await self._stream.send(message)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> DeclaringStream:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        result: bool | None = await self._stream.__aexit__(kind, error, traceback)
        return result


@asynccontextmanager
async def open_transport(
    config: UpstreamConfig, on_end: Callable[[], None], evidence: Evidence | None = None
) -> AsyncIterator[tuple[Any, Any]]:
    """The streams of a connection to the upstream; `on_end` is called when it breaks from the other side.

    What it shows of itself beside the protocol goes into `evidence`.
    A stdio child gets its own variables and of ours only what the SDK deems safe (PATH, HOME and the like).
    """
    evidence = evidence or Evidence()
    if config.command:
        evidence.output = ChildOutput(evidence.upstream or config.command, config.secrets)
        command = [config.command, *config.args]
        async with evidence.output.pipe() as errors, open_child(command, dict(config.env), config.cwd, errors) as (read, write):
            errors.close()
            yield WatchedStream(read, on_end, evidence.saw_noise), DeclaringStream(write, is_child=True)
        return
    timeout = httpx2.Timeout(10.0, read=config.rules.timeout_seconds + 5)
    # Beside the calls: the stream of news, and what cancels a call.
    connections = config.rules.max_concurrency * 2 + 4
    async with (
        TellingClient(
            headers=dict(config.headers),
            timeout=timeout,
            # In case httpx2's own transport is used; the other one has its own.
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=config.rules.max_concurrency),
            verify=ssl_context(),
            transport=upstream_transport(verify=ssl_context(), max_connections=connections),
            event_hooks={"response": [evidence.saw_response]},
        ) as client,
        streamable_http_client(config.url, http_client=client, max_sse_event_size=MAX_MESSAGE_BYTES) as (read, write),
    ):
        yield WatchedStream(read, on_end, evidence.saw_noise), DeclaringStream(write)
