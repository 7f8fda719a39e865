"""Keeps us told of an upstream's news over the session that all callers share."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

import mcp.types as types
from mcp import Client, MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp.shared.subscriptions import PromptsListChanged, ResourcesListChanged, ResourceUpdated, ServerEvent, ToolsListChanged
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from sahur_mcp.proxy.upstreams.news import News, NewsKind

logger = logging.getLogger(__name__)

RELISTEN_SECONDS = 2.0


class Watcher:
    """Which resources somebody watches, and the subscription to them.

    Since 2026-07-28 there is one stream for all (`subscriptions/listen`), opened anew when the set changes; the new one
    stands before the old one ends, so that nothing is missed. Before, each resource is subscribed to by itself.
    """

    def __init__(self, upstream: str, on_news: Callable[[News], None]) -> None:
        self._upstream = upstream
        self._on_news = on_news
        self._watched: Counter[str] = Counter()
        self._client: Client | None = None
        self._stream: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._successor: Watcher | None = None

    def succeed(self, before: Watcher) -> None:
        """Watch what another one watches, and answer from now on to those who hold on to that one."""
        self._watched = before._watched
        before._successor = self

    async def attach(self, client: Client) -> None:
        """Subscribe over a new connection to all that is watched."""
        async with self._changing:
            self._client = client
            if self._is_modern:
                await self._restart()
            else:
                for uri in self._watched:
                    await self._subscribe(uri, types.SubscribeRequest(params=types.SubscribeRequestParams(uri=uri)))

    async def detach(self) -> None:
        self._client = None
        await self._end(self._stream)
        self._stream = None

    async def watch(self, uri: str) -> None:
        """Count one more who wants to know of this resource."""
        if self._successor is not None:
            await self._successor.watch(uri)
            return
        async with self._changing:
            self._watched[uri] += 1
            if self._watched[uri] == 1 and self._client is not None:
                if self._is_modern:
                    await self._restart()
                else:
                    await self._subscribe(uri, types.SubscribeRequest(params=types.SubscribeRequestParams(uri=uri)))

    async def unwatch(self, uri: str) -> None:
        if self._successor is not None:
            await self._successor.unwatch(uri)
            return
        async with self._changing:
            self._watched[uri] -= 1
            if self._watched[uri] > 0:
                return
            del self._watched[uri]
            if self._client is not None:
                if self._is_modern:
                    await self._restart()
                else:
                    await self._subscribe(uri, types.UnsubscribeRequest(params=types.UnsubscribeRequestParams(uri=uri)))

    @property
    def _is_modern(self) -> bool:
        return self._client is not None and self._client.protocol_version in MODERN_PROTOCOL_VERSIONS

    async def _subscribe(self, uri: str, request: types.SubscribeRequest | types.UnsubscribeRequest) -> None:
        if self._client is None:
            return
        try:
            await self._client.session.send_request(request, types.EmptyResult)
        except MCPError as error:
            # Many servers take no subscriptions: their resources just never change for anybody.
            logger.info("upstream %s: no news of %s: %s", self._upstream, uri[:200], error.message[:200])

    async def _restart(self) -> None:
        """Open a stream for the set as it is now, then end the one before."""
        client, before = self._client, self._stream
        if client is None or not self._wants(client):
            self._stream = None
            await self._end(before)
            return
        acknowledged = asyncio.Event()
        self._stream = asyncio.create_task(self._follow(client, tuple(self._watched), acknowledged), name="news")
        waiting = asyncio.create_task(acknowledged.wait())
        await asyncio.wait({waiting, self._stream}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await self._end(before)

    def _wants(self, client: Client) -> bool:
        return bool(self._watched) or any(self._lists(client))

    @staticmethod
    def _lists(client: Client) -> tuple[bool, bool, bool]:
        """Of tools, prompts and resources: which lists the server says that it tells changes of."""
        declared = client.server_capabilities
        kinds = (declared.tools, declared.prompts, declared.resources)
        tools, prompts, resources = (bool(kind and kind.list_changed) for kind in kinds)
        return tools, prompts, resources

    async def _follow(self, client: Client, uris: tuple[str, ...], acknowledged: asyncio.Event) -> None:
        tools, prompts, resources = self._lists(client)
        while True:
            try:
                async with client.listen(
                    tools_list_changed=tools,
                    prompts_list_changed=prompts,
                    resources_list_changed=resources,
                    resource_subscriptions=uris,
                ) as subscription:
                    acknowledged.set()
                    async for event in subscription:
                        self._on_news(_news_of(self._upstream, event))
            except (MCPError, SubscriptionLost, TimeoutError) as error:
                logger.info("upstream %s: its stream of news ended: %s", self._upstream, type(error).__name__)
            # Whoever waits for the first acknowledgment goes on without news; a server may have none to tell.
            acknowledged.set()
            await asyncio.sleep(RELISTEN_SECONDS)

    @staticmethod
    async def _end(task: asyncio.Task[None] | None) -> None:
        if task is not None:
            task.cancel()
            await asyncio.wait({task})


def _news_of(upstream: str, event: ServerEvent) -> News:
    if isinstance(event, ResourceUpdated):
        return News(upstream, NewsKind.RESOURCE, event.uri)
    return News(upstream, _KINDS[type(event)])


_KINDS: dict[type, NewsKind] = {
    ToolsListChanged: NewsKind.TOOLS,
    PromptsListChanged: NewsKind.PROMPTS,
    ResourcesListChanged: NewsKind.RESOURCES,
}
