"""The gateway's client: a `ToolBox` for one attempt.

The protocol of 2026-07-28 has no sessions, so every exchange stands alone: it runs in a task of its own with its own
scopes, over connections that all toolboxes of an event loop share. The SDK tears down its client, and cancels the task
that holds it, when a connection drops (python-sdk issue 3522); here that costs the one exchange and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import httpx2
import mcp.types as types
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CONNECTION_CLOSED, REQUEST_TIMEOUT

from sahur_core.errors import GatewayUnavailable, ToolError
from sahur_core.issues import ToolResultStatus
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.tools.wire import (
    LIST_PARAMETER,
    META_DURATION,
    META_HOSTS,
    META_ORIGIN,
    META_RECEIPT,
    META_RECEIPT_OF,
    META_STATUS,
    META_UNAVAILABLE,
    ORIGIN_OWN,
)
from sahur_core.trace import current_trace_id, traceparent

logger = logging.getLogger(__name__)

PROTOCOL = "2026-07-28"
CALL_SECONDS = 150.0
LIST_SECONDS = 20.0
CONNECT_SECONDS = 5.0
# The gateway sends a sign of life every few seconds; without any for this long the connection is dead.
SILENCE_SECONDS = 60.0
RETRY_PAUSE_SECONDS = 0.3
MAX_CONNECTIONS = 64
MAX_ANSWER_BYTES = 4_000_000

T = TypeVar("T")

_transports: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncHTTPTransport] = weakref.WeakKeyDictionary()


def shared_transport() -> httpx2.AsyncHTTPTransport:
    """The connections of the running loop: making the SSL context costs 30 ms, and sockets belong to one loop."""
    loop = asyncio.get_running_loop()
    transport = _transports.get(loop)
    if transport is None:
        limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS // 4)
        transport = _transports[loop] = httpx2.AsyncHTTPTransport(limits=limits, trust_env=False)
    return transport


async def close_shared_transport() -> None:
    """Close the running loop's connections; for the end of a process or a test."""
    transport = _transports.pop(asyncio.get_running_loop(), None)
    if transport is not None:
        await transport.aclose()


class _Borrowed(httpx2.AsyncBaseTransport):
    """The shared transport, in the hands of a client that closes what it holds."""

    def __init__(self, transport: httpx2.AsyncHTTPTransport, trouble: _Trouble) -> None:
        self._transport = transport
        self._trouble = trouble

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        was_sent, self._trouble.is_sent = self._trouble.is_sent, True
        try:
            return await self._transport.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            self._trouble.is_sent = was_sent
            raise


@dataclass
class _Trouble:
    """What went wrong below the SDK, which reports it only as a closed connection."""

    status: int = 0
    is_sent: bool = False
    """Whether anything of the exchange may have reached the gateway."""


@dataclass
class _Bearer(httpx2.Auth):
    """Reads the token for each request, so that a renewed one is used at once; keeps what the gateway refused."""

    token: Callable[[], str]
    trouble: _Trouble = field(default_factory=_Trouble)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.token()}"
        response = yield request
        self.trouble.status = response.status_code if response.status_code >= 400 else 0


class _ExchangeFailed(Exception):
    """No answer came, or half of one. `is_retryable`: the gateway did not refuse, it was not there.

    `is_sent`: the gateway may have begun the call.
    """

    def __init__(self, message: str, *, is_retryable: bool = True, is_sent: bool = True) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable
        self.is_sent = is_sent


class GatewayToolBox:
    """The tools of one attempt. Cheap to make; calls may run side by side.

    `token` gives the attempt's current token. Reading calls are tried once more when the connection breaks; others are
    not, because nobody can know whether they took effect. A canceled call is canceled in the gateway too.
    """

    def __init__(self, url: str, token: Callable[[], str], *, trace_id: str = "", call_seconds: float = CALL_SECONDS) -> None:
        # All tools are wanted, however many: which of them a model is handed is decided here, not there.
        self._url = str(httpx2.URL(url).copy_set_param(LIST_PARAMETER, "all"))
        self._token = token
        self._trace_id = trace_id
        self._call_seconds = call_seconds
        self._running: set[asyncio.Task[Any]] = set()
        self._specs: dict[str, ToolSpec] = {}
        self._unavailable: dict[str, str] = {}
        self._is_closed = False

    async def close(self) -> None:
        """Cancel what still runs. The shared connections stay open for others."""
        self._is_closed = True
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def list_tools(self) -> Sequence[ToolSpec]:
        """What the token may call. Raises `GatewayUnavailable`."""
        specs, self._unavailable = await self._with_retry(_list_all, LIST_SECONDS, _always)
        self._specs = {spec.name: spec for spec in specs}
        return specs

    def unavailable(self) -> Mapping[str, str]:
        """Upstreams that offered nothing when the tools were listed last, each with the reason."""
        return self._unavailable

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome:
        """Call a tool (`upstream__tool`). What the tool or the gateway's policy says is an outcome.

        Raises `GatewayUnavailable` if no answer came and the call may be made again, and `ToolError` if it may not: the
        gateway does not understand it, or nobody knows whether it took effect.
        """
        trace = traceparent(self._trace_id or current_trace_id())
        meta = cast(types.RequestParamsMeta, {"traceparent": trace, "sahur/tool_call": tool_call_id})

        async def exchange(client: Client) -> types.CallToolResult:
            # The gateway's own results need no second check, for which the SDK would list all tools first.
            client.session.validate_tool_result = _accept  # type: ignore[method-assign]
            return await client.session.call_tool(tool, arguments, meta=meta)

        return _outcome(await self._with_retry(exchange, self._call_seconds, lambda: self._is_read(tool)))

    async def _is_read(self, tool: str) -> bool:
        """Whether the gateway lists the tool as one that only reads."""
        if not self._specs:
            try:
                await self.list_tools()
            except GatewayUnavailable:
                return False
        spec = self._specs.get(tool)
        return spec is not None and spec.read_only

    async def _with_retry(
        self, exchange: Callable[[Client], Awaitable[T]], seconds: float, is_read: Callable[[], Awaitable[bool]]
    ) -> T:
        try:
            return await self._in_own_task(exchange, seconds)
        except _ExchangeFailed as error:
            if not error.is_retryable:
                raise GatewayUnavailable(f"The gateway refused: {error}.", next_step="Its log says why.") from error
            logger.warning("the gateway did not answer: %s", error)
            was_sent = error.is_sent
        await asyncio.sleep(RETRY_PAUSE_SECONDS)
        if was_sent and not await is_read():
            # Not `GatewayUnavailable`, after which the call would be made again.
            raise ToolError(
                "The connection to the gateway broke during the call.",
                next_step="Nobody knows whether the call took effect: look before you repeat it.",
            )
        try:
            return await self._in_own_task(exchange, seconds)
        except _ExchangeFailed as error:
            raise GatewayUnavailable(
                f"The gateway did not answer: {error}.",
                next_step="Check that it runs (sahur-mcp serve); `sahur-mcp check` shows its upstreams.",
            ) from error

    async def _in_own_task(self, exchange: Callable[[Client], Awaitable[T]], seconds: float) -> T:
        if self._is_closed:
            raise GatewayUnavailable("This attempt's toolbox is closed.")
        task = asyncio.create_task(self._exchange(exchange, seconds), name="gateway exchange")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            # We are canceled: end the exchange first, so that the gateway hears of it before we go on.
            task.cancel()
            await asyncio.wait({task})
            raise
        if task.cancelled():
            raise GatewayUnavailable("The call was canceled because the attempt ended.")
        return task.result()

    async def _exchange(self, exchange: Callable[[Client], Awaitable[T]], seconds: float) -> T:
        bearer = _Bearer(self._token)
        timeout = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        answers: list[T] = []
        try:
            async with (
                asyncio.timeout(seconds + CONNECT_SECONDS),
                httpx2.AsyncClient(
                    transport=_Borrowed(shared_transport(), bearer.trouble), auth=bearer, timeout=timeout, trust_env=False
                ) as http,
                Client(
                    streamable_http_client(self._url, http_client=http, max_sse_event_size=MAX_ANSWER_BYTES),
                    mode=PROTOCOL,
                    cache=None,
                    read_timeout_seconds=seconds,
                ) as client,
            ):
                answers.append(await exchange(client))
        except Exception as error:
            # What breaks while the answer is already here (closing the streams) does not matter any more.
            if not answers:
                raise _failure(error, bearer.trouble) from error
        return answers[0]


def _failure(error: BaseException, trouble: _Trouble) -> Exception:
    """What a failed exchange means: `_ExchangeFailed`, or `ToolError` for an error of the protocol."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if trouble.status in (401, 403):
        return _ExchangeFailed("it does not accept the token of this attempt", is_retryable=False)
    if trouble.status == 421:
        return _ExchangeFailed("it does not know the host name it was called by (SAHUR_MCP_ALLOWED_HOSTS)", is_retryable=False)
    if trouble.status >= 500:
        return _ExchangeFailed(f"it answered with status {trouble.status}", is_sent=trouble.is_sent)
    if isinstance(error, MCPError) and error.code not in (CONNECTION_CLOSED, REQUEST_TIMEOUT):
        return ToolError(f"The gateway does not understand the call: {error.message} (code {error.code}).")
    if isinstance(error, TimeoutError) or (isinstance(error, MCPError) and error.code == REQUEST_TIMEOUT):
        return _ExchangeFailed("no answer in time", is_sent=trouble.is_sent)
    return _ExchangeFailed(str(error) or type(error).__name__, is_sent=trouble.is_sent)


async def _list_all(client: Client) -> tuple[list[ToolSpec], dict[str, str]]:
    """All pages of the list, and which upstreams are missing from it."""
    specs: list[ToolSpec] = []
    unavailable: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = await client.list_tools(cursor=cursor)
        specs += [_spec(tool) for tool in page.tools]
        told = (page.meta or {}).get(META_UNAVAILABLE)
        if isinstance(told, dict):
            unavailable |= {str(name): str(why) for name, why in told.items()}
        cursor = page.next_cursor
        if not cursor:
            return specs, unavailable


def _spec(tool: types.Tool) -> ToolSpec:
    hints = tool.annotations
    return ToolSpec(
        name=tool.name,
        description=tool.description or "",
        input_schema=tool.input_schema,
        read_only=bool(hints and hints.read_only_hint),
        is_destructive=bool(hints and hints.destructive_hint),
        is_own=(tool.meta or {}).get(META_ORIGIN) == ORIGIN_OWN,
        hosts=tuple(map(str, (tool.meta or {}).get(META_HOSTS) or ())),
    )


def _outcome(result: types.CallToolResult) -> ToolOutcome:
    meta = result.meta or {}
    status = meta.get(META_STATUS) or (ToolResultStatus.ERROR if result.is_error else ToolResultStatus.OK)
    structured = result.structured_content
    return ToolOutcome(
        status=ToolResultStatus(str(status)),
        text="\n".join(block.text for block in result.content if isinstance(block, types.TextContent)),
        structured=structured if isinstance(structured, dict) else None,
        # Of a page of an earlier result the earlier receipt is the one to cite: it holds the whole.
        receipt_id=str(meta.get(META_RECEIPT_OF) or meta.get(META_RECEIPT, "")),
        duration_ms=int(meta.get(META_DURATION, 0)),
    )


async def _accept(name: str, result: types.CallToolResult) -> None:
    """Stands in for the SDK's check of results."""


async def _always() -> bool:
    return True
