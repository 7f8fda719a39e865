"""Puts the gateway together: one ASGI application with the MCP endpoint and its health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict

from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sahur_core import __version__
from sahur_core.tools.risk import Risk
from sahur_core.trace import LineFormatter, TraceFilter
from sahur_mcp.config import Config, UpstreamConfig, UpstreamRules, load_config
from sahur_mcp.proxy.calls import CallDesk
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.clients.downstreams import IDLE_SECONDS, Downstreams, SessionWatch
from sahur_mcp.proxy.clients.resumption import ResumableSessions
from sahur_mcp.proxy.guard import TokenGuard
from sahur_mcp.proxy.internal import InternalApi
from sahur_mcp.proxy.reads import ReadDesk
from sahur_mcp.proxy.records.books import Books
from sahur_mcp.proxy.records.kept import KeptResults
from sahur_mcp.proxy.records.receipts import ReceiptRecorder
from sahur_mcp.proxy.records.spool import Spool
from sahur_mcp.proxy.relay import Relay
from sahur_mcp.proxy.reload import ConfigWatch
from sahur_mcp.proxy.shortlist import Shelf
from sahur_mcp.proxy.status import StatusDoor
from sahur_mcp.proxy.subscriptions import Subscriptions
from sahur_mcp.proxy.tokens import TokenVerifier
from sahur_mcp.proxy.upstreams.fleet import Fleet
from sahur_mcp.proxy.upstreams.news import News, NewsBoard, NewsKind
from sahur_mcp.proxy.upstreams.remote import RemoteUpstream
from sahur_mcp.proxy.upstreams.upstream import OwnUpstream
from sahur_mcp.servers.bubblewrap import Bubblewrap
from sahur_mcp.servers.catalog import CatalogServer
from sahur_mcp.servers.code import CodeServer
from sahur_mcp.servers.issues import IssueServer
from sahur_mcp.servers.receipts import ReceiptServer
from sahur_mcp.servers.repositories import Repositories
from sahur_mcp.servers.runbooks import RunbookServer
from sahur_mcp.servers.sandbox import AT_ONCE, SandboxServer

logger = logging.getLogger(__name__)

SANDBOX_TIMEOUT = 145.0
"""Seconds, with the wait for a free sandbox; a worker waits a little longer."""
MAX_SESSIONS = 1000
"""Of clients of the older protocol, at once."""


def create_app(config: Config | None = None, load: Callable[[], Config] = load_config) -> Starlette:
    """The application (`uvicorn --factory sahur_mcp.app:create_app`). Raises `InputError` for a wrong configuration.

    `load` reads the configuration again when its file has changed; only what its file says can change then.
    """
    if config is None:
        config = load()
        configure_logging(config.log_level)
    return Gateway(config, load).app()


class Gateway:
    """All parts of one gateway, what starts and ends with it, and its health."""

    def __init__(self, config: Config, load: Callable[[], Config]) -> None:
        self._config = config
        self._api = InternalApi(config.server_url, config.internal_token)
        self._board = NewsBoard()
        kept = KeptResults(self._api)
        shelf = Shelf(lambda: self._catalog, config.list_limit)
        own = [OwnUpstream(CatalogServer(shelf)), *own_upstreams(config, self._api, kept)]
        self._fleet = Fleet(own, config.upstreams, self._remote)
        self._fleet.on_change = self._announce
        self._catalog = Catalog(self._fleet.upstreams, secrets=lambda: self._fleet.secrets)
        self._catalog.redact_by(config.redaction_patterns)
        self._watch = ConfigWatch(config.file, load, self._apply)
        self._recorder = ReceiptRecorder(Spool(config.spool_dir), self._api, max_bytes=config.spool_bytes)
        self._status = StatusDoor(config.internal_token, self._catalog, self._recorder, self._watch.health)
        self._downstreams = Downstreams()
        books = Books(self._recorder, kept)
        relay = Relay(
            self._catalog,
            shelf,
            CallDesk(self._catalog, self._api, books),
            ReadDesk(self._catalog, books),
            Subscriptions(self._catalog, self._board, self._downstreams),
            self._downstreams if config.has_sessions else None,
        )
        self._sessions = self._session_manager(relay)

    def app(self) -> Starlette:
        door = SessionWatch(StreamableHTTPASGIApp(self._sessions), self._downstreams)
        verifier = TokenVerifier(self._config.token_public_key, self._api.introspect)
        guard = TokenGuard(door, verifier, lambda name: name in self._catalog.upstreams)
        routes = [
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
            Route("/status", self._status.answer, methods=["GET"]),
            Route("/mcp", endpoint=guard),
            Route("/mcp/{upstream}", endpoint=guard),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await self._recorder.start()
        await asyncio.gather(self._fleet.start(), self._watch.start())
        try:
            await self._downstreams.start()
            async with self._sessions.run():
                yield
        finally:
            await self._downstreams.stop()
            await asyncio.gather(self._watch.stop(), self._fleet.stop())
            await self._recorder.stop()
            await self._api.close()

    async def _live(self, _request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def _ready(self, _request: Request) -> JSONResponse:
        """Ready even while an upstream is down, because the others work; but not where no receipt could be kept."""
        states = {upstream.name: asdict(upstream.status) for upstream in self._fleet.upstreams.values()}
        receipts = self._recorder.health()
        is_ready = not receipts["problem"]
        status = "ready" if is_ready else "unavailable"
        body = {"status": status, "upstreams": states, "configuration": self._watch.health(), "receipts": receipts}
        return JSONResponse(body, 200 if is_ready else 503)

    def _session_manager(self, relay: Relay) -> ResumableSessions:
        config = self._config
        return ResumableSessions(
            relay.server(__version__),
            on_dropped=self._downstreams.end,
            # Callers of the 2026-07-28 protocol have no session anyway.
            stateless=not config.has_sessions,
            session_idle_timeout=IDLE_SECONDS,
            max_sessions=MAX_SESSIONS,
            security_settings=TransportSecuritySettings(
                allowed_hosts=list(config.allowed_hosts), allowed_origins=list(config.allowed_origins)
            ),
        )

    def _remote(self, name: str, entry: UpstreamConfig) -> RemoteUpstream:
        return RemoteUpstream(name, entry, on_news=self._board.publish, redactor=lambda: self._catalog.redactor())

    async def _apply(self, config: Config) -> None:
        """Make what the file says now hold."""
        self._catalog.redact_by(config.redaction_patterns)
        await self._fleet.apply(config.upstreams)

    def _announce(self, upstreams: Iterable[str]) -> None:
        """Upstreams came or went: whatever a client has listed may have changed."""
        for name in upstreams:
            for kind in NewsKind.lists():
                self._board.publish(News(name, kind))


def own_upstreams(config: Config, api: InternalApi, kept: KeptResults) -> list[OwnUpstream]:
    """Our own servers but the catalog, which must know the others."""
    repositories = Repositories(config.repository_dir, api)
    bubblewrap = Bubblewrap(config.sandbox_seconds, config.sandbox_paths)
    # By its name it would have to be approved; it changes nothing outside of the sandbox, and only runs may call it.
    rules = UpstreamRules(risk={"test_patch": Risk.READ}, timeout_seconds=SANDBOX_TIMEOUT, max_concurrency=AT_ONCE)
    return [
        *([OwnUpstream(SandboxServer(repositories, bubblewrap), rules)] if config.has_sandbox else []),
        OwnUpstream(CodeServer(repositories), UpstreamRules(max_concurrency=32)),
        OwnUpstream(IssueServer(api)),
        OwnUpstream(RunbookServer(config.runbooks_dir, api, repositories)),
        OwnUpstream(ReceiptServer(kept)),
    ]


def configure_logging(level: str) -> None:
    """One line a record, with the trace id; libraries speak up only when something is wrong."""
    handler = logging.StreamHandler()
    handler.addFilter(TraceFilter())
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s [%(trace_id)s] %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("httpx2", "httpcore2", "mcp", "uvicorn.access", "watchfiles"):
        logging.getLogger(library).setLevel(logging.WARNING)
