"""The published conformance suites: a server scores the same behind the gateway as without it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sahur_mcp.app import create_app
from tests.fakes.everything import server
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.mcp.conformance.suite import Line, Score, expected_failures, run
from tests.mcp.conftest import GatewayMaker, claims, gateway_maker
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[3]
LINES = [
    Line("conformance-stable", "2025-06-18", 26),
    Line("conformance-stable", "2025-11-25", 44),
    Line("conformance-next", "2025-06-18", 56),
    Line("conformance-next", "2025-11-25", 84),
    Line("conformance-next", "2026-07-28", 152),
]
OLDER, MODERN = LINES[3], LINES[4]
# Everything is let through at once: what asks for a person's consent is tested elsewhere.
ENTRY: dict[str, Any] = {"session": "client", "risk": {"*": "read"}}
# The suites for older clients ask for what the newest protocol no longer recommends.
pytestmark = pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")


class WithToken:
    """Adds the bearer token that the suite's client cannot send."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._header = (b"authorization", f"Bearer {token}".encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [*scope["headers"], self._header]
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def everything() -> Iterator[str]:
    # The faster parser leaves white space at the end of a header's value, and the SDK's server does not expect it.
    with serve(Everything().app(), http="h11") as url:
        yield f"{url}/mcp"


@pytest.fixture(scope="module")
def gateways_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayMaker]:
    with gateway_maker(tmp_path_factory.mktemp("conformance")) as maker:
        yield maker


@pytest.fixture(scope="module")
def gateway(gateways_here: GatewayMaker, everything: str) -> str:
    """A gateway before the same server, over HTTP and over stdio."""
    command = {"command": sys.executable, "args": ["-W", "ignore", "-m", server.__name__, "stdio"], "cwd": str(ROOT)}
    config = gateways_here.config({"http": {"url": everything} | ENTRY, "stdio": command | ENTRY})
    token = jwt.encode(claims(exp=4_000_000_000), gateways_here.keys.private, algorithm="EdDSA")
    url = gateways_here.stack.enter_context(serve(WithToken(create_app(config), token)))
    wait_for(lambda: {"http", "stdio"} <= ready_upstreams(url), what="both upstreams")
    return f"{url}/mcp"


def ready_upstreams(url: str) -> set[str]:
    states = httpx2.get(f"{url}/health/ready", trust_env=False).json()["upstreams"]
    return {name for name, found in states.items() if found["state"] == "ready"}


@pytest.fixture(scope="module")
def direct(everything: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Line], Score]:
    """What the server scores by itself."""
    return cache(lambda line: run(line, everything, tmp_path_factory.mktemp(f"direct-{line.id}")))


@pytest.mark.full
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_the_server_itself_passes_every_check(line: Line, direct: Callable[[Line], Score]) -> None:
    score = direct(line)
    assert (score.total, score.failures) == (line.checks, {})


@pytest.mark.full
@pytest.mark.parametrize("upstream", ["http", "stdio"])
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_the_gateway_passes_whatever_the_server_passes(
    line: Line, upstream: str, direct: Callable[[Line], Score], gateway: str, tmp_path: Path
) -> None:
    alone, behind, expected = direct(line), run(line, f"{gateway}/{upstream}", tmp_path), expected_failures(line)
    missing = set(alone.passed - behind.passed)
    assert {check: behind.others.get(check, "not made") for check in missing - expected} == {}, "new failures"
    assert expected - missing == set(), "these pass now: take them out of the list"
    assert behind.others.keys() - alone.others.keys() - expected == set(), "new failures"


@pytest.mark.parametrize("line", [OLDER, MODERN], ids=lambda line: line.id)
def test_the_gateway_passes_the_newest_suite_in_both_protocols(line: Line, gateway: str, tmp_path: Path) -> None:
    score = run(line, f"{gateway}/http", tmp_path)
    assert (score.failures, score.total) == ({}, line.checks - len(expected_failures(line)))
