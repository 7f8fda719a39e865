"""Puts the gateway together: one ASGI application with the MCP endpoint and its health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sahur_core.trace import LineFormatter, TraceFilter
from sahur_mcp.config import Config, UpstreamConfig, UpstreamRules, load_config
from sahur_mcp.proxy.books import Books
from sahur_mcp.proxy.calls import CallDesk
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.downstreams import IDLE_SECONDS, Downstreams, SessionWatch
from sahur_mcp.proxy.fleet import Fleet
from sahur_mcp.proxy.guard import TokenGuard
from sahur_mcp.proxy.internal import InternalApi
from sahur_mcp.proxy.kept import KeptResults
from sahur_mcp.proxy.news import News, NewsBoard, NewsKind
from sahur_mcp.proxy.reads import ReadDesk
from sahur_mcp.proxy.receipts import ReceiptRecorder
from sahur_mcp.proxy.redaction import Redactor
from sahur_mcp.proxy.relay import Relay
from sahur_mcp.proxy.reload import ConfigWatch
from sahur_mcp.proxy.remote import RemoteUpstream
from sahur_mcp.proxy.resumption import ResumableSessions
from sahur_mcp.proxy.shortlist import Shelf
from sahur_mcp.proxy.spool import Spool
from sahur_mcp.proxy.subscriptions import Subscriptions
from sahur_mcp.proxy.tokens import TokenVerifier
from sahur_mcp.proxy.upstreams import OwnUpstream
from sahur_mcp.servers.catalog import CatalogServer
from sahur_mcp.servers.code import CodeServer
from sahur_mcp.servers.issues import IssueServer
from sahur_mcp.servers.receipts import ReceiptServer
from sahur_mcp.servers.repositories import Repositories
from sahur_mcp.servers.runbooks import RunbookServer

logger = logging.getLogger(__name__)

MAX_SESSIONS = 1000
"""Of clients of the older protocol, at once."""


def create_app(config: Config | None = None, load: Callable[[], Config] = load_config) -> Starlette:
    """The application (`uvicorn --factory sahur_mcp.app:create_app`). Raises `InputError` for a wrong configuration.

    `load` reads the configuration again when its file has changed; only what its file says can change then.
    """
    if config is None:
        config = load()
        configure_logging(config.log_level)
    api = InternalApi(config.server_url, config.internal_token)
    kept = KeptResults(api)
    shelf = Shelf(lambda: catalog, config.list_limit)
    board = NewsBoard()
    own = [OwnUpstream(CatalogServer(shelf)), *own_upstreams(config, api, kept)]
    fleet = Fleet(own, config.upstreams, partial(_remote, board, lambda: catalog.redactor()))
    fleet.on_change = partial(_announce, board)
    watch = ConfigWatch(config.file, load, lambda changed: _apply(changed, catalog, fleet))
    recorder = ReceiptRecorder(Spool(config.spool_dir), api, max_bytes=config.spool_bytes)
    catalog: Catalog = Catalog(fleet.upstreams, secrets=lambda: fleet.secrets)
    catalog.redact_by(config.redaction_patterns)
    books = Books(recorder, kept)
    downstreams = Downstreams()
    relay = Relay(
        catalog,
        shelf,
        CallDesk(catalog, api, books),
        ReadDesk(catalog, books),
        Subscriptions(catalog, board, downstreams),
        downstreams if config.has_sessions else None,
    )
    manager = ResumableSessions(
        relay.server(_version()),
        # Callers of the 2026-07-28 protocol have no session anyway.
        stateless=not config.has_sessions,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MAX_SESSIONS,
        security_settings=TransportSecuritySettings(
            allowed_hosts=list(config.allowed_hosts), allowed_origins=list(config.allowed_origins)
        ),
    )
    door = SessionWatch(StreamableHTTPASGIApp(manager), downstreams)
    guard = TokenGuard(door, TokenVerifier(config.token_public_key, api.introspect), lambda name: name in catalog.upstreams)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await recorder.start()
        await asyncio.gather(fleet.start(), watch.start())
        try:
            await downstreams.start()
            async with manager.run():
                yield
        finally:
            await downstreams.stop()
            await asyncio.gather(watch.stop(), fleet.stop())
            await recorder.stop()
            await api.close()

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> JSONResponse:
        """Ready even while an upstream is down, because the others work; but not where no receipt could be kept."""
        states = {upstream.name: asdict(upstream.status) for upstream in fleet.upstreams.values()}
        receipts = recorder.health()
        is_ready = not receipts["problem"]
        status = "ready" if is_ready else "unavailable"
        body = {"status": status, "upstreams": states, "configuration": watch.health(), "receipts": receipts}
        return JSONResponse(body, 200 if is_ready else 503)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/mcp", endpoint=guard),
            Route("/mcp/{upstream}", endpoint=guard),
        ],
        lifespan=lifespan,
    )


def own_upstreams(config: Config, api: InternalApi, kept: KeptResults) -> list[OwnUpstream]:
    """Our own servers but the catalog, which must know the others."""
    repositories = Repositories(config.repository_dir, api)
    return [
        OwnUpstream(CodeServer(repositories), UpstreamRules(max_concurrency=32)),
        OwnUpstream(IssueServer(api)),
        OwnUpstream(RunbookServer(config.runbooks_dir, api, repositories)),
        OwnUpstream(ReceiptServer(kept)),
    ]


def _remote(board: NewsBoard, redactor: Callable[[], Redactor], name: str, entry: UpstreamConfig) -> RemoteUpstream:
    return RemoteUpstream(name, entry, on_news=board.publish, redactor=redactor)


async def _apply(config: Config, catalog: Catalog, fleet: Fleet) -> None:
    """Make what the file says now hold."""
    catalog.redact_by(config.redaction_patterns)
    await fleet.apply(config.upstreams)


def _announce(board: NewsBoard, upstreams: Iterable[str]) -> None:
    """Upstreams came or went: whatever a client has listed may have changed."""
    for name in upstreams:
        for kind in NewsKind.lists():
            board.publish(News(name, kind))


def configure_logging(level: str) -> None:
    """One line a record, with the trace id; libraries speak up only when something is wrong."""
    handler = logging.StreamHandler()
    handler.addFilter(TraceFilter())
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s [%(trace_id)s] %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("httpx2", "httpcore2", "mcp", "uvicorn.access", "watchfiles"):
        logging.getLogger(library).setLevel(logging.WARNING)


def _version() -> str:
    try:
        return version("sahur")
    except PackageNotFoundError:
        return "0"
