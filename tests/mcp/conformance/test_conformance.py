"""The published conformance suites: a server scores the same behind the gateway as without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sahur_mcp.app import create_app
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.mcp.conformance.suite import Line, expected_failures, run
from tests.mcp.conftest import GatewayMaker, claims, gateway_maker

LINES = [
    Line("conformance-stable", "2025-06-18", 26),
    Line("conformance-stable", "2025-11-25", 44),
    Line("conformance-next", "2025-06-18", 56),
    Line("conformance-next", "2025-11-25", 84),
    Line("conformance-next", "2026-07-28", 152),
]
OLDER, MODERN = LINES[3], LINES[4]
QUICK = [
    (OLDER, "tools-call-mixed-content"),
    (OLDER, "tools-call-elicitation"),
    (OLDER, "resources-subscribe"),
    (MODERN, "tools-call-mixed-content"),
    (MODERN, "input-required-result-multi-round"),
    (MODERN, "server-stateless"),
]
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
def transparent(gateways_here: GatewayMaker, everything: str) -> str:
    """The address of the same server behind a gateway."""
    config = gateways_here.config({"everything": {"url": everything} | ENTRY})
    token = jwt.encode(claims(exp=4_000_000_000), gateways_here.keys.private, algorithm="EdDSA")
    url = gateways_here.stack.enter_context(serve(WithToken(create_app(config), token)))
    return f"{url}/mcp/everything"


@pytest.mark.full
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_the_server_itself_passes_every_check(line: Line, everything: str, tmp_path: Path) -> None:
    score = run(line, everything, tmp_path)
    assert (score.passed, score.failures) == (line.checks, {})


@pytest.mark.full
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_the_gateway_fails_in_nothing_but_what_is_argued_for(line: Line, transparent: str, tmp_path: Path) -> None:
    score = run(line, transparent, tmp_path)
    expected = expected_failures(line)
    new = {check: said for check, said in score.failures.items() if check not in expected}
    assert new == {}, "new failures"
    assert expected - set(score.failures) == set(), "these pass now: take them out of the list"
    assert score.passed == line.checks - len(expected), "some checks were not made"


@pytest.mark.parametrize(("line", "scenario"), QUICK, ids=lambda value: value.id if isinstance(value, Line) else value)
def test_the_gateway_passes_a_few_scenarios_of_both_protocols(
    line: Line, scenario: str, transparent: str, tmp_path: Path
) -> None:
    score = run(line, transparent, tmp_path, scenario)
    assert score.failures == {}
    assert score.passed
