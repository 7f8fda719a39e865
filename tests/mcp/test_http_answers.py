"""What upstreams say over HTTP reaches the caller, also where they do not keep to the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker
from tests.mcp.test_upstreams import status_of, text_of

ECHO = {"text": "hello"}
LIMITED = PlainTextResponse("slow down", 429, {"Retry-After": "30"})
# Word for word what @modelcontextprotocol/server-everything answers: there is no `id`.
FORGOTTEN = JSONResponse(
    {"jsonrpc": "2.0", "error": {"code": -32000, "message": "Bad Request: No valid session ID provided"}}, 400
)


class Refusal:
    """An error of the protocol, in answer to whatever is asked."""

    def __init__(self, message: str) -> None:
        self._message = message

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await Request(scope, receive).json()
        error = {"code": -32000, "message": self._message}
        await JSONResponse({"jsonrpc": "2.0", "id": asked["id"], "error": error})(scope, receive, send)


class Grumbling:
    """Answers the next requests over HTTP before the application behind it sees them."""

    def __init__(self, server: ForeignServer) -> None:
        self.server = server
        self._app: ASGIApp = server.older_app()
        self.answers: list[ASGIApp] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and self.answers:
            await self.answers.pop(0)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@pytest.fixture
def grumbling() -> Grumbling:
    return Grumbling(ForeignServer())


@pytest.fixture
def gateway_before(gateways: GatewayMaker, grumbling: Grumbling) -> Iterator[Gateway]:
    with ExitStack() as stack:
        url = stack.enter_context(serve(grumbling))
        gateway = gateways.start({"tickets": {"url": f"{url}/mcp"}}, stack)
        gateway.wait_for_state("tickets", "ready")
        yield gateway


async def test_a_session_that_was_forgotten_without_saying_whose_is_made_anew(
    gateway_before: Gateway, grumbling: Grumbling
) -> None:
    grumbling.answers = [FORGOTTEN]
    assert text_of(await gateway_before.call("tickets__get_echo", ECHO)) == "hello"
    assert grumbling.answers == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (LIMITED, "HTTP 429 (Too Many Requests), try again in 30 s: slow down"),
        (JSONResponse({"detail": "no access to shop"}, 403), 'HTTP 403 (Forbidden): {"detail": "no access to shop"}'),
        (Response("<html>long page</html>", 503, media_type="text/html"), "HTTP 503 (Service Unavailable)"),
    ],
)
async def test_an_error_of_http_is_told_to_the_caller(
    gateway_before: Gateway, grumbling: Grumbling, answer: Response, told: str
) -> None:
    grumbling.answers = [answer]
    result = await gateway_before.call("tickets__get_echo", ECHO)
    assert status_of(result) == "error"
    assert told in text_of(result)
    assert "<html>" not in text_of(result)
    assert status_of(await gateway_before.call("tickets__get_echo", ECHO)) == "ok"


async def test_a_read_that_a_proxy_lost_is_made_again(gateway_before: Gateway, grumbling: Grumbling) -> None:
    grumbling.answers = [Response("<html>bad gateway</html>", 502, media_type="text/html")]
    assert text_of(await gateway_before.call("tickets__get_echo", ECHO)) == "hello"


@pytest.mark.parametrize("status", [502, 504])
async def test_a_change_that_a_proxy_lost_is_not_made_again_and_may_have_taken_effect(
    gateway_before: Gateway, grumbling: Grumbling, status: int
) -> None:
    gateway_before.internal.grant = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
    grumbling.answers = [PlainTextResponse("no answer", status)]
    result = await gateway_before.call("tickets__create_ticket", ECHO)
    assert status_of(result) == "error"
    assert "Nobody knows whether the call took effect" in text_of(result)
    assert grumbling.server.written == []


async def test_an_answer_that_is_too_long_is_refused_and_the_session_goes_on(
    gateway_before: Gateway, grumbling: Grumbling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sahur_mcp.proxy.transports.http_answers.MAX_ANSWER_BYTES", 100_000)
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "x" * 200_000}]}}
    grumbling.answers = [JSONResponse(answer)]
    result = await gateway_before.call("tickets__get_echo", ECHO)
    assert (status_of(result), "longer than" in text_of(result)) == ("error", True)
    assert status_of(await gateway_before.call("tickets__get_echo", ECHO)) == "ok"


async def test_an_error_that_is_nested_without_end_ends_no_session(gateway_before: Gateway, grumbling: Grumbling) -> None:
    grumbling.answers = [Response("[" * 60_000, 500, media_type="application/json")]
    assert "HTTP 500" in text_of(await gateway_before.call("tickets__get_echo", ECHO))


async def test_a_servers_own_error_is_no_lost_connection(gateway_before: Gateway, grumbling: Grumbling) -> None:
    """Many servers use -32000 for whatever goes wrong; the SDK uses it for connections that were closed."""
    grumbling.answers = [Refusal("the index is being built")]
    assert "the index is being built" in text_of(await gateway_before.call("tickets__get_echo", ECHO))
    assert grumbling.answers == []


async def test_a_change_is_not_made_again_because_the_servers_error_speaks_of_a_session(
    gateway_before: Gateway, grumbling: Grumbling
) -> None:
    gateway_before.internal.grant = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
    grumbling.answers = [Refusal("invalid session id: the page has crashed")]
    result = await gateway_before.call("tickets__create_ticket", ECHO)
    assert "Nobody knows whether the call took effect" in text_of(result)
    assert grumbling.server.written == []


async def test_a_body_without_end_is_not_read_to_its_end(gateway_before: Gateway, grumbling: Grumbling) -> None:
    grumbling.answers = [PlainTextResponse("x" * 10_000_000, 500)]
    result = await gateway_before.call("tickets__get_echo", ECHO)
    assert "HTTP 500" in text_of(result)
    assert len(text_of(result)) < 1000
