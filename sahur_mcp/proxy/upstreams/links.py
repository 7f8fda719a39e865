"""Connections to an upstream that serve one client's session alone (`session: client`).

Servers of the older protocol keep state per session (log level, subscriptions) and ask the client back over it. What
such a server asks, logs and announces goes to the one client, and nobody else's calls run on the same session.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import mcp.types as types
from mcp import Client
from mcp.client.session import ClientRequestContext, ClientSession

from sahur_core.errors import UpstreamUnavailable
from sahur_core.redaction.redactor import Redactor
from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.clients.client_side import ClientSide
from sahur_mcp.proxy.clients.downstreams import Downstream
from sahur_mcp.proxy.transports.problems import Evidence
from sahur_mcp.proxy.transports.streams import open_transport
from sahur_mcp.proxy.upstreams.news import News

logger = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
CLOSE_SECONDS = 8.0


class Link:
    """One such connection, in the same era of the protocol as the client's own. It lives in a task of its own."""

    def __init__(
        self,
        upstream: str,
        config: UpstreamConfig,
        downstream: Downstream,
        on_news: Callable[[News], None],
        redactor: Callable[[], Redactor],
    ) -> None:
        self._upstream = upstream
        self._config = config
        self._downstream = downstream
        self._on_news = on_news
        self._redactor = redactor
        self._ended = asyncio.Event()
        self._opened: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_usable(self) -> bool:
        return not self._ended.is_set()

    @property
    def is_in_use(self) -> bool:
        """Whether a request of its client is under way."""
        return bool(self._downstream.live)

    def open(self) -> None:
        """Begin to connect."""
        self._task = asyncio.create_task(self._hold(), name=f"link to {self._upstream}")

    async def session(self) -> ClientSession:
        """The session, once it stands. Raises `UpstreamUnavailable`."""
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                return (await asyncio.shield(self._opened)).session
        except (TimeoutError, UpstreamUnavailable) as error:
            self._ended.set()
            raise UpstreamUnavailable(
                f"No session of its own could be opened with {self._upstream}.", next_step="Go on without it, or try again later."
            ) from error

    def mark_broken(self) -> None:
        """The next request opens another link."""
        self._ended.set()

    async def close(self) -> None:
        self._ended.set()
        if self._task is not None:
            _, pending = await asyncio.wait({self._task}, timeout=CLOSE_SECONDS)
            if pending:
                self._task.cancel()
                await asyncio.wait({self._task})

    async def _hold(self) -> None:
        declared = self._downstream.capabilities
        sampling = declared.get("sampling")
        client = Client(
            open_transport(self._config, self._ended.set, Evidence(self._upstream)),
            mode="legacy",
            cache=None,
            read_timeout_seconds=HANDSHAKE_SECONDS,
            elicitation_callback=partial(self._ask, types.ElicitRequest) if "elicitation" in declared else None,
            sampling_callback=partial(self._ask, types.CreateMessageRequest) if sampling is not None else None,
            sampling_capabilities=types.SamplingCapability.model_validate(sampling) if sampling else None,
            # A child runs on our machine and may take a client's roots in place of the folders that its entry names.
            list_roots_callback=partial(self._ask, types.ListRootsRequest)
            if "roots" in declared and not self._config.command
            else None,
            logging_callback=self._log,
            message_handler=self._on_message,
        )
        try:
            async with client:
                client.session.validate_tool_result = _accept  # type: ignore[method-assign]
                self._opened.set_result(client)
                await self._ended.wait()
        except Exception as error:  # noqa: BLE001 (the boundary of the task: whatever a peer breaks ends this link only)
            logger.info("a link to %s ended: %s", self._upstream, type(error).__name__)
            if not self._opened.done():
                self._opened.set_exception(UpstreamUnavailable(f"{self._upstream} refused a session."))
        finally:
            self._ended.set()
            if self._opened.done() and not self._opened.cancelled():
                # Looked at, so that nobody is told of an error that no request waited for.
                self._opened.exception()

    async def _ask(
        self,
        kind: Callable[..., types.InputRequest],
        context: ClientRequestContext,  # noqa: ARG002 (the SDK's signature)
        params: types.RequestParams | None = None,
    ) -> Any:
        """Bring a question of the upstream to the client."""
        return await self._client_side().ask(self._upstream, kind(params=params))

    async def _log(self, params: types.LoggingMessageNotificationParams) -> None:
        client = self._client_side()
        if client.session is not None:
            told = params.model_copy(update={"data": self._redactor().value(params.data)})
            await client.session.send_notification(types.LoggingMessageNotification(params=told), client.request_id)

    async def _on_message(self, message: Any) -> None:
        news = News.of(self._upstream, message, self._downstream.id)
        if news is not None:
            self._on_news(news)

    def _client_side(self) -> ClientSide:
        return self._downstream.newest


async def _accept(name: str, result: types.CallToolResult) -> None:
    """Stands in for the SDK's check of results: we relay them, and the client judges."""
