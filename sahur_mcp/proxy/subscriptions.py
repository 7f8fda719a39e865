"""News for callers: over a stream that they opened (`subscriptions/listen`), or over the session of an older client."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import anyio
import mcp.types as types
from mcp import MCPError
from mcp.server import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ServerEvent
from mcp.shared.subscriptions import PromptsListChanged, ResourcesListChanged, ResourceUpdated, ToolsListChanged
from mcp.types import INTERNAL_ERROR

from sahur_core.errors import SahurError
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.clients.downstreams import Downstream, Downstreams
from sahur_mcp.proxy.exchange import Exchange
from sahur_mcp.proxy.upstreams.news import News, NewsBoard, NewsKind
from sahur_mcp.proxy.upstreams.upstream import Upstream

logger = logging.getLogger(__name__)

MAX_STREAMS = 1000
UNWATCH_SECONDS = 5.0
MAX_WATCHED = 100
"""Resources that one stream, or one session, may watch."""


class Subscriptions:
    """Who wants to hear what."""

    def __init__(self, catalog: Catalog, board: NewsBoard, downstreams: Downstreams) -> None:
        self._catalog = catalog
        self._board = board
        self._downstreams = downstreams
        self._streams = 0
        self._telling: dict[tuple[str, News], asyncio.Task[None]] = {}
        board.listen(self._tell_sessions)

    async def listen(
        self, exchange: Exchange, context: ServerRequestContext[Any, Any], params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Serve one stream until its client goes. Addresses that the caller may not read are not acknowledged."""
        if self._streams >= MAX_STREAMS:
            raise MCPError(code=INTERNAL_ERROR, message=f"{MAX_STREAMS} streams of news are open already.")
        asked = params.notifications.resource_subscriptions or []
        found = [each for uri in asked[:MAX_WATCHED] if (each := self._find(exchange, uri)) is not None]
        uris = [exchange.namespace.uri(upstream.name, inner) for upstream, inner in found]
        wanted = params.notifications.model_copy(update={"resource_subscriptions": uris or None})
        self._streams += 1
        try:
            async with contextlib.AsyncExitStack() as stack:
                for upstream, inner in found:
                    await stack.enter_async_context(_watched(upstream, inner))
                handler = ListenHandler(_StreamBus(self._board, exchange))
                return await handler(context, params.model_copy(update={"notifications": wanted}))
        finally:
            self._streams -= 1

    async def subscribe(self, exchange: Exchange, downstream: Downstream, uri: str) -> None:
        """Tell an older client's session of changes of a resource. Raises `SahurError`."""
        name = f"the subscription to {uri}"
        if name in downstream.endings:
            return
        if sum(each.startswith("the subscription to ") for each in downstream.endings) >= MAX_WATCHED:
            raise MCPError(code=INTERNAL_ERROR, message=f"A session may watch {MAX_WATCHED} resources.")
        upstream, inner = self._catalog.find_resource(uri, exchange.caller, exchange.namespace)
        await upstream.watch(inner, downstream)
        downstream.watched[(upstream.name, inner)] = uri
        downstream.endings[name] = partial(self._unsubscribe, downstream, upstream, inner)

    async def unsubscribe(self, downstream: Downstream, uri: str) -> None:
        ending = downstream.endings.pop(f"the subscription to {uri}", None)
        if ending is not None:
            await ending()

    @staticmethod
    async def _unsubscribe(downstream: Downstream, upstream: Upstream, inner: str) -> None:
        downstream.watched.pop((upstream.name, inner), None)
        await upstream.unwatch(inner, downstream)

    def _find(self, exchange: Exchange, uri: str) -> tuple[Upstream, str] | None:
        try:
            return self._catalog.find_resource(uri, exchange.caller, exchange.namespace)
        except SahurError:
            return None

    def _tell_sessions(self, news: News) -> None:
        for downstream in self._downstreams.all():
            key = (downstream.id, news)
            # Who is just being told need not be told twice, however often an upstream says it.
            if key in self._telling or not _concerns(downstream, news):
                continue
            task = self._telling[key] = asyncio.create_task(_tell(downstream, news), name="telling news")
            task.add_done_callback(partial(self._told, key))

    def _told(self, key: tuple[str, News], _task: asyncio.Task[None]) -> None:
        self._telling.pop(key, None)


def _concerns(downstream: Downstream, news: News) -> bool:
    is_watched = news.kind is not NewsKind.RESOURCE or (news.upstream, news.uri) in downstream.watched
    return downstream.session is not None and news.is_for(downstream.id) and is_watched


async def _tell(downstream: Downstream, news: News) -> None:
    """Best effort, as the protocol has it: a session that cannot be told asks again when it needs to know."""
    session = downstream.session
    if session is None:
        return
    if news.kind is NewsKind.RESOURCE:
        uri = downstream.watched.get((news.upstream, news.uri))
        if uri is not None:
            await session.send_resource_updated(uri)
    elif news.kind is NewsKind.TOOLS:
        await session.send_tool_list_changed()
    elif news.kind is NewsKind.PROMPTS:
        await session.send_prompt_list_changed()
    else:
        await session.send_resource_list_changed()


@contextlib.asynccontextmanager
async def _watched(upstream: Upstream, uri: str) -> AsyncIterator[None]:
    await upstream.watch(uri)
    try:
        yield
    finally:
        # The stream ends by being canceled; its upstream must hear of it all the same.
        with anyio.move_on_after(UNWATCH_SECONDS, shield=True):
            await upstream.unwatch(uri)


class _StreamBus(InMemorySubscriptionBus):
    """A bus of the SDK whose listeners also hear what the board tells, in the names of the stream's caller."""

    def __init__(self, board: NewsBoard, exchange: Exchange) -> None:
        super().__init__()
        self._board = board
        self._exchange = exchange

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        def hear(news: News) -> None:
            if self._exchange.namespace.shows(news.upstream) and not news.downstream:
                listener(self._event(news))

        endings = contextlib.ExitStack()
        endings.callback(super().subscribe(listener))
        endings.callback(self._board.listen(hear))
        return endings.close

    def _event(self, news: News) -> ServerEvent:
        if news.kind is NewsKind.RESOURCE:
            return ResourceUpdated(uri=self._exchange.namespace.uri(news.upstream, news.uri))
        return _EVENTS[news.kind]()


_EVENTS: dict[NewsKind, Callable[[], ServerEvent]] = {
    NewsKind.TOOLS: ToolsListChanged,
    NewsKind.PROMPTS: PromptsListChanged,
    NewsKind.RESOURCES: ResourcesListChanged,
}
