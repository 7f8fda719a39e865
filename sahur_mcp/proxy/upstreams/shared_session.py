"""The session with an upstream that all callers share, kept alive.

It lives in a task of its own: its scopes must be left in the task that entered them, and the SDK cancels that task when
a connection drops (python-sdk issue 3522). The task reconnects with growing pauses for as long as it lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

import mcp.types as types
from mcp import Client, MCPError
from mcp.client.session import ClientSession
from mcp.types import REQUEST_TIMEOUT

from sahur_core.errors import UpstreamUnavailable
from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.transports.problems import Evidence, problem_of
from sahur_mcp.proxy.transports.streams import open_transport
from sahur_mcp.proxy.upstreams.hygiene import Intake
from sahur_mcp.proxy.upstreams.news import News, NewsKind
from sahur_mcp.proxy.upstreams.offers import Offer, list_offer, relist
from sahur_mcp.proxy.upstreams.watching import Watcher

logger = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
REFRESH_SECONDS = 300.0
RECONNECT_WAIT_SECONDS = 3.0
"""How long a call waits for a connection that just broke, however often making it anew fails meanwhile."""
START_WAIT_SECONDS = 10.0
"""How long it waits while the first try has not failed: a child written for Node takes 1 to 5 s to start."""
POLL_SECONDS = 0.02
FIRST_PAUSE_SECONDS = 0.2
MAX_PAUSE_SECONDS = 30.0
TELL_AGAIN_SECONDS = 600.0
"""How often the log repeats why an upstream cannot be reached, while the reason stays the same."""
FIRST_REST_SECONDS = 1.0
MAX_REST_SECONDS = 60.0
FREE_LISTS = 5
"""Between two lists of a server that says all the time, or whenever it is asked for them, that they have changed. So many
in a row are listed at once: several lists may change together, and clients wait to hear of it."""
STOP_SECONDS = 8.0


class NotConnected(UpstreamUnavailable):
    """There is no connection now; the text says why."""


class SharedSession:
    """Connects, lists what is offered, and does so again when the connection breaks or a list changes."""

    def __init__(self, upstream: str, config: UpstreamConfig, on_news: Callable[[News], None]) -> None:
        self.offer = Offer()
        self.problem = ""
        self.watcher = Watcher(upstream, self._take_news)
        self._upstream = upstream
        self._config = config
        self._on_news = on_news
        self._intake = Intake(upstream, config.secrets)
        self._client: Client | None = None
        self._to_list: set[NewsKind] = set()
        self._up, self._wake, self._stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._is_connecting, self._is_broken, self._was_up = True, False, False
        self._task: asyncio.Task[None] | None = None
        self._listed_at, self._rest_seconds, self._listed_soon = float("-inf"), FIRST_REST_SECONDS, 0
        self._evidence = Evidence(upstream)
        self._told, self._told_at = "", float("-inf")

    @property
    def state(self) -> str:
        return "ready" if self._up.is_set() else "connecting" if self._is_connecting else "down"

    @property
    def protocol(self) -> str:
        return self._client.protocol_version if self._client is not None and self._up.is_set() else ""

    @property
    def problem_so_far(self) -> str:
        """What can be said already of a server that has not answered yet; empty if it just may take longer."""
        if not self._evidence.noise:
            return self.problem
        return problem_of(MCPError(code=REQUEST_TIMEOUT, message=""), self._config, self._evidence)

    @property
    def changed_tools(self) -> tuple[str, ...]:
        return self._intake.changed

    async def start(self) -> None:
        self._task = asyncio.create_task(self._supervise(), name=f"upstream {self._upstream}")

    async def wait_until_tried(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._is_connecting and not self._up.is_set():
                    await asyncio.sleep(POLL_SECONDS)

    async def stop(self) -> None:
        """Close the session in order; cancel what does not end in time."""
        self._stopping.set()
        self._wake.set()
        if self._task is None:
            return
        if not self._was_up:
            # Nobody uses a connection that is only being made, and making it may take long.
            self._task.cancel()
        _, pending = await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        if pending:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def session(self) -> ClientSession:
        """The session; waits a moment for a connection that is being made again. Raises `NotConnected`."""
        if not self._up.is_set() and (self._is_connecting or self._was_up):
            started = time.monotonic()
            while not self._up.is_set():
                waited = time.monotonic() - started
                if waited > (START_WAIT_SECONDS if self._is_connecting else RECONNECT_WAIT_SECONDS):
                    break
                await asyncio.sleep(POLL_SECONDS)
        if self._client is None or not self._up.is_set():
            raise NotConnected(self.problem or "still connecting")
        return self._client.session

    def mark_broken(self) -> None:
        """Somebody saw the connection fail: it is made anew."""
        self._is_broken = True
        self._up.clear()
        self._wake.set()

    async def _supervise(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            self._is_broken = self._was_up = False
            self._evidence = Evidence(self._upstream)
            self._wake.clear()
            try:
                await self._hold()
                pause = FIRST_PAUSE_SECONDS
            except Exception as error:  # noqa: BLE001 (the boundary of the task: whatever a peer breaks, we reconnect)
                pause = FIRST_PAUSE_SECONDS if self._was_up else min(pause * 2, MAX_PAUSE_SECONDS)
                self.problem = problem_of(error, self._config, self._evidence)
                self._tell(pause)
            # Callers wait a moment for a connection that just broke, but not for one that cannot be made.
            self._is_connecting = self._was_up
            self._up.clear()
            self._client = None
            await self.watcher.detach()
            if not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)

    def _tell(self, pause: float) -> None:
        """A warning where it is news; what fails as before would drown everything else."""
        is_known = not self._was_up and self.problem == self._told and time.monotonic() - self._told_at < TELL_AGAIN_SECONDS
        if not is_known:
            self._told, self._told_at = self.problem, time.monotonic()
        level = logging.DEBUG if is_known else logging.WARNING
        logger.log(level, "upstream %s: %s; next try in %.1f s", self._upstream, self.problem, pause)

    async def _hold(self) -> None:
        """Connect, list what is offered, and keep the session until it breaks or we stop."""
        client = Client(
            open_transport(self._config, self.mark_broken, self._evidence),
            mode="auto",
            cache=None,
            read_timeout_seconds=max(HANDSHAKE_SECONDS, self._config.rules.timeout_seconds),
            message_handler=self._on_message,
        )
        async with client:
            # We relay results; judging them by the upstream's own schema would list its tools again for each call.
            client.session.validate_tool_result = _accept  # type: ignore[method-assign]
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                self.offer = await list_offer(client, self._intake)
                await self.watcher.attach(client)
            self._client, self.problem, self._was_up = client, "", True
            if not self._is_broken:
                self._up.set()
                logger.info("upstream %s: connected, %d tools", self._upstream, len(self.offer.tools))
                self._announce(*NewsKind.lists())
            while not self._stopping.is_set() and not self._is_broken:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), REFRESH_SECONDS)
                if not self._stopping.is_set() and not self._is_broken:
                    await self._refresh(client)

    async def _rest(self) -> None:
        """Before a list is listed anew: at once, unless that was so several times just now; longer with each time after."""
        loop = asyncio.get_running_loop()
        self._listed_soon = self._listed_soon + 1 if loop.time() - self._listed_at < self._rest_seconds else 0
        is_soon = self._listed_soon > FREE_LISTS
        self._rest_seconds = min(self._rest_seconds * 2, MAX_REST_SECONDS) if is_soon else FIRST_REST_SECONDS
        until = self._listed_at + self._rest_seconds
        while is_soon and loop.time() < until and not self._stopping.is_set() and not self._is_broken:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), until - loop.time())
        self._listed_at = loop.time()

    async def _refresh(self, client: Client) -> None:
        """List anew what has changed, or everything if nobody said what."""
        await self._rest()
        if self._stopping.is_set() or self._is_broken:
            return
        self._wake.clear()
        kinds, self._to_list = self._to_list, set()
        before = self.offer
        if kinds:
            for kind in kinds:
                self.offer = await relist(client, self._intake, self.offer, kind)
            self._announce(*kinds)
        else:
            self.offer = await list_offer(client, self._intake)
            if self.offer != before:
                self._announce(*NewsKind.lists())

    async def _on_message(self, message: Any) -> None:
        news = News.of(self._upstream, message)
        if news is not None:
            self._take_news(news)

    def _take_news(self, news: News) -> None:
        if news.kind is NewsKind.RESOURCE:
            self._on_news(news)
        else:
            # Told to others once we have the new list ourselves.
            self._to_list.add(news.kind)
            self._wake.set()

    def _announce(self, *kinds: NewsKind) -> None:
        for kind in kinds:
            self._on_news(News(self._upstream, kind))


async def _accept(name: str, result: types.CallToolResult) -> None:
    """Stands in for the SDK's check of results."""
