"""Puts the gateway together: one ASGI application with the MCP endpoint and its health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sahur_core.trace import LineFormatter, TraceFilter
from sahur_mcp.config import BrokenUpstream, Config, DisabledUpstream, UpstreamRules, load_config
from sahur_mcp.proxy.books import Books
from sahur_mcp.proxy.calls import CallDesk
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.downstreams import IDLE_SECONDS, Downstreams, SessionWatch
from sahur_mcp.proxy.guard import TokenGuard
from sahur_mcp.proxy.internal import InternalApi
from sahur_mcp.proxy.kept import KeptResults
from sahur_mcp.proxy.news import News, NewsBoard
from sahur_mcp.proxy.reads import ReadDesk
from sahur_mcp.proxy.receipts import ReceiptRecorder
from sahur_mcp.proxy.relay import Relay
from sahur_mcp.proxy.remote import RemoteUpstream
from sahur_mcp.proxy.shortlist import Shelf
from sahur_mcp.proxy.spool import Spool
from sahur_mcp.proxy.subscriptions import Subscriptions
from sahur_mcp.proxy.tokens import TokenVerifier
from sahur_mcp.proxy.upstreams import BrokenEntry, OwnUpstream, Upstream
from sahur_mcp.servers.catalog import CatalogServer
from sahur_mcp.servers.code import CodeServer
from sahur_mcp.servers.issues import IssueServer
from sahur_mcp.servers.receipts import ReceiptServer
from sahur_mcp.servers.repositories import Repositories

logger = logging.getLogger(__name__)

MAX_SESSIONS = 1000
"""Of clients of the older protocol, at once."""


def create_app(config: Config | None = None) -> Starlette:
    """The application (`uvicorn --factory sahur_mcp.app:create_app`). Raises `InputError` for a wrong configuration."""
    if config is None:
        config = load_config()
        configure_logging(config.log_level)
    api = InternalApi(config.server_url, config.internal_token)
    kept = KeptResults(api)
    shelf = Shelf(lambda: catalog, config.list_limit)
    board = NewsBoard()
    upstreams = [OwnUpstream(CatalogServer(shelf)), *build_upstreams(config, api, kept, board)]
    recorder = ReceiptRecorder(Spool(config.spool_dir), api, max_bytes=config.spool_bytes)
    catalog = Catalog(upstreams)
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
    manager = StreamableHTTPSessionManager(
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
        await asyncio.gather(*(upstream.start() for upstream in upstreams))
        try:
            await downstreams.start()
            async with manager.run():
                yield
        finally:
            await downstreams.stop()
            await asyncio.gather(*(upstream.stop() for upstream in upstreams))
            await recorder.stop()
            await api.close()

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> JSONResponse:
        """Ready even while an upstream is down, because the others work; but not where no receipt could be kept."""
        states = {upstream.name: asdict(upstream.status) for upstream in upstreams}
        receipts = recorder.health()
        is_ready = not receipts["problem"]
        body = {"status": "ready" if is_ready else "unavailable", "upstreams": states, "receipts": receipts}
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


def build_upstreams(
    config: Config, api: InternalApi, kept: KeptResults | None = None, board: NewsBoard | None = None
) -> list[Upstream]:
    """Our own servers first, then those of the configuration; unusable entries too, so that their state is seen."""
    code = CodeServer(Repositories(config.repository_dir, api))
    upstreams: list[Upstream] = [
        OwnUpstream(code, UpstreamRules(max_concurrency=32)),
        OwnUpstream(IssueServer(api)),
        OwnUpstream(ReceiptServer(kept or KeptResults(api))),
    ]
    for name, entry in config.upstreams.items():
        if isinstance(entry, BrokenUpstream):
            logger.error("upstream %s cannot be used: %s", name, entry.problem)
            upstreams.append(BrokenEntry(name, entry.problem))
        elif isinstance(entry, DisabledUpstream):
            upstreams.append(BrokenEntry(name, "switched off in the configuration", state="disabled"))
        else:
            upstreams.append(RemoteUpstream(name, entry, on_news=board.publish if board else _ignore))
    return upstreams


def _ignore(_news: News) -> None:
    """Nobody listens."""


def configure_logging(level: str) -> None:
    """One line a record, with the trace id; libraries speak up only when something is wrong."""
    handler = logging.StreamHandler()
    handler.addFilter(TraceFilter())
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s [%(trace_id)s] %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("httpx2", "httpcore2", "mcp", "uvicorn.access"):
        logging.getLogger(library).setLevel(logging.WARNING)


def _version() -> str:
    try:
        return version("sahur")
    except PackageNotFoundError:
        return "0"
