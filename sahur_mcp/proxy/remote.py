"""A remote upstream: one supervised session, shared by all callers.

The session lives in a task of its own (its scopes must be left in the task that entered them, and the SDK cancels that
task when a connection drops: python-sdk issue 3522). The task reconnects with growing pauses for as long as it lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Mapping
from typing import Any

import anyio
import mcp.types as types
from mcp import Client, MCPError
from mcp.types import CONNECTION_CLOSED, REQUEST_TIMEOUT

from sahur_core.errors import ToolError, UpstreamUnavailable
from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.breaker import Breaker
from sahur_mcp.proxy.transports import open_transport
from sahur_mcp.proxy.upstreams import SEPARATOR, UpstreamCall, UpstreamStatus

logger = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
REFRESH_SECONDS = 300.0
RECONNECT_WAIT_SECONDS = 3.0
FIRST_PAUSE_SECONDS = 0.2
MAX_PAUSE_SECONDS = 30.0
STOP_SECONDS = 8.0
MAX_TOOLS = 500
MAX_DESCRIPTION_CHARS = 4000
# How servers of the older protocol say, each in its own words and with its own code, that they forgot our session.
_NO_SESSION = re.compile(r"session (id )?(was )?(terminated|not found|expired|unknown)|(no valid|unknown|invalid) session", re.I)
_TOOL_NAME = re.compile(r"^[A-Za-z0-9_-]+$")


class RemoteUpstream:
    """An MCP server of somebody else, over stdio or streamable HTTP."""

    is_trusted = False

    def __init__(self, name: str, config: UpstreamConfig, *, breaker: Breaker | None = None) -> None:
        self.name = name
        self.rules = config.rules
        self._config = config
        self._breaker = breaker or Breaker()
        self._slots = asyncio.Semaphore(config.rules.max_concurrency)
        self._client: Client | None = None
        self._tools: dict[str, types.Tool] = {}
        self._problem = ""
        self._is_connecting = True
        self._up, self._wake, self._stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._is_broken = self._was_up = False
        self._task: asyncio.Task[None] | None = None

    @property
    def tools(self) -> Mapping[str, types.Tool]:
        return self._tools

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._config.secrets

    @property
    def status(self) -> UpstreamStatus:
        state = "ready" if self._up.is_set() else "connecting" if self._is_connecting else "down"
        protocol = self._client.protocol_version if self._client is not None and self._up.is_set() else ""
        kind = "stdio" if self._config.command else "http"
        return UpstreamStatus(kind, state, len(self._tools), protocol, self._breaker.state, self._problem)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._supervise(), name=f"upstream {self.name}")

    async def wait_until_tried(self, seconds: float) -> None:
        """Wait until the first connection stands or has failed, at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._is_connecting and not self._up.is_set():
                    await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Close the session, so that a child process ends in order; cancel what does not end in time."""
        self._stopping.set()
        self._wake.set()
        if self._task is None:
            return
        _, pending = await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        if pending:
            self._task.cancel()
            await asyncio.wait({self._task})

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        """We cannot know what a foreign server's answers depend on."""
        return ""

    async def call(self, call: UpstreamCall) -> types.CallToolResult:
        try:
            return await self._call_once(call)
        except _ConnectionLostError as error:
            if not call.is_read:
                raise UpstreamUnavailable(
                    f"The connection to {self.name} broke during the call.",
                    next_step="Nobody knows whether the call took effect. Look before you repeat it.",
                ) from error
        try:
            return await self._call_once(call)
        except _ConnectionLostError as error:
            raise UpstreamUnavailable(f"The connection to {self.name} broke, twice.", next_step="Try again later.") from error

    async def _call_once(self, call: UpstreamCall) -> types.CallToolResult:
        if not self._breaker.admits():
            raise self._unavailable("is left alone for some seconds after several errors in a row")
        has_outcome = False
        try:
            async with self._slots:
                client = await self._connected()
                result = await client.session.call_tool(
                    call.tool,
                    call.arguments,
                    self.rules.timeout_seconds,
                    call.progress,
                    meta=types.RequestParamsMeta(**dict(call.meta)),  # type: ignore[typeddict-item]
                    allow_input_required=True,
                )
            self._breaker.succeeded()
            has_outcome = True
        except MCPError as error:
            has_outcome = True
            raise self._judge(error, call) from error
        except (anyio.ClosedResourceError, anyio.BrokenResourceError, _ConnectionLostError) as error:
            has_outcome = True
            raise self._lost() from error
        finally:
            if not has_outcome:
                self._breaker.abandoned()
        if isinstance(result, types.InputRequiredResult):
            raise ToolError(f"{self.name}{SEPARATOR}{call.tool} asks for input that only a person at a screen can give.")
        return result

    async def _connected(self) -> Client:
        """The client, if need be after a short wait for the connection that is just being made."""
        if not self._up.is_set() and self._is_connecting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._up.wait(), RECONNECT_WAIT_SECONDS)
        client = self._client
        if client is None or not self._up.is_set():
            self._breaker.failed()
            raise self._unavailable(f"is not connected ({self._problem or 'still connecting'})")
        return client

    def _judge(self, error: MCPError, call: UpstreamCall) -> Exception:
        """What an error of the protocol means; only those of the transport count against the upstream."""
        if error.code == REQUEST_TIMEOUT:
            self._breaker.failed()
            return self._unavailable(f"did not answer {call.tool} in {self.rules.timeout_seconds:g} s")
        if error.code == CONNECTION_CLOSED or _NO_SESSION.search(error.message):
            return self._lost()
        self._breaker.succeeded()
        return ToolError(f"{self.name} refused the call: {error.message[:2000]} (code {error.code}).")

    def _lost(self) -> Exception:
        self._breaker.failed()
        self._mark_broken()
        return _ConnectionLostError(self.name)

    def _unavailable(self, what: str) -> UpstreamUnavailable:
        return UpstreamUnavailable(f"The upstream {self.name} {what}.", next_step="Go on without it, or try again later.")

    def _mark_broken(self) -> None:
        self._is_broken = True
        self._up.clear()
        self._wake.set()

    async def _supervise(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            self._is_broken = self._was_up = False
            self._wake.clear()
            try:
                await self._hold_session()
                pause = FIRST_PAUSE_SECONDS
            except Exception as error:  # noqa: BLE001 (the boundary of the task: whatever a peer breaks, we reconnect)
                pause = FIRST_PAUSE_SECONDS if self._was_up else min(pause * 2, MAX_PAUSE_SECONDS)
                self._problem = _name_of(error)
                logger.warning("upstream %s: %s; next try in %.1f s", self.name, self._problem, pause)
            # Callers wait a moment for a connection that just broke, but not for one that cannot be made.
            self._is_connecting = self._was_up
            self._up.clear()
            self._client = None
            if not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)

    async def _hold_session(self) -> None:
        """Connect, list the tools, and keep the session until it breaks or we stop."""
        client = Client(
            open_transport(self._config, self._mark_broken),
            mode="auto",
            cache=None,
            read_timeout_seconds=HANDSHAKE_SECONDS,
            message_handler=self._on_message,
        )
        async with client:
            # We relay results; judging them by the upstream's own schema would list its tools again for each call.
            client.session.validate_tool_result = _accept  # type: ignore[method-assign]
            await self._list_tools(client)
            self._client, self._problem, self._was_up = client, "", True
            if not self._is_broken:
                self._up.set()
                logger.info("upstream %s: connected, %d tools", self.name, len(self._tools))
            while not self._stopping.is_set() and not self._is_broken:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), REFRESH_SECONDS)
                if not self._stopping.is_set() and not self._is_broken:
                    self._wake.clear()
                    await self._list_tools(client)

    async def _on_message(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._wake.set()

    async def _list_tools(self, client: Client) -> None:
        tools: dict[str, types.Tool] = {}
        cursor: str | None = None
        while len(tools) < MAX_TOOLS:
            page = await client.list_tools(cursor=cursor, cache_mode="bypass")
            tools |= {tool.name: tool for tool in page.tools if self._is_usable(tool)}
            cursor = page.next_cursor
            if not cursor:
                break
        self._tools = tools

    def _is_usable(self, tool: types.Tool) -> bool:
        """Model vendors take names of at most 64 letters, digits, `_` and `-`; other tools cannot be offered."""
        is_usable = bool(_TOOL_NAME.match(tool.name)) and len(self.name) + len(SEPARATOR) + len(tool.name) <= 64
        if not is_usable:
            logger.warning("upstream %s: its tool %r cannot be offered because of its name", self.name, tool.name[:100])
        if tool.description and len(tool.description) > MAX_DESCRIPTION_CHARS:
            tool.description = tool.description[:MAX_DESCRIPTION_CHARS] + "…"
        return is_usable


class _ConnectionLostError(Exception):
    """The transport broke; whether the call reached the other side is unknown."""


async def _accept(name: str, result: types.CallToolResult) -> None:
    """Stands in for the SDK's check of results."""


def _name_of(error: BaseException) -> str:
    """The innermost cause of a group, in a few words that hold no secret."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, MCPError):
        return f"{error.message[:200]} (code {error.code})"
    return f"{type(error).__name__}: {error}"[:200] if isinstance(error, OSError) else type(error).__name__
