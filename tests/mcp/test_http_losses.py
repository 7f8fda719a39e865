"""What happens to one HTTP request stays with that request, and a change is never made twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

import httpx2
from mcp.types import CONNECTION_CLOSED, ErrorData

from sahur_mcp.proxy.transports.http_losses import REST_PARTS, Loss, PatientStream, as_answer, loss_of
from tests.fakes.flaky_proxy import FlakyProxy
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import GatewayMaker
from tests.mcp.test_upstreams import status_of, text_of


def request(method: str) -> httpx2.Request:
    return httpx2.Request("POST", "http://upstream/mcp", json={"jsonrpc": "2.0", "id": 7, "method": method})


def test_a_lost_call_is_answered_with_how_far_it_came() -> None:
    for error, loss in ((httpx2.ConnectError("refused"), Loss.NOT_SENT), (httpx2.ReadError("reset"), Loss.NO_ANSWER)):
        answer = as_answer(request("tools/call"), error)
        assert answer is not None
        assert answer.json()["id"] == 7
        assert loss_of(ErrorData.model_validate(answer.json()["error"])) is loss


def test_a_lost_greeting_ends_the_session_and_a_lost_notice_nothing() -> None:
    assert as_answer(request("initialize"), httpx2.ReadError("reset")) is None
    notice = as_answer(request("notifications/cancelled"), httpx2.ReadError("reset"))
    assert notice is not None
    assert notice.status_code == 202


def test_an_upstream_cannot_pretend_that_a_call_was_lost() -> None:
    forged = ErrorData(code=CONNECTION_CLOSED, message="The connection broke.", data={"lost-0": "not sent"})
    assert loss_of(forged) is None


async def test_the_rest_of_an_answer_is_read_within_bounds() -> None:
    class Endless(httpx2.AsyncByteStream):
        read, closed = 0, False

        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                self.read += 1
                yield b"part"

        async def aclose(self) -> None:
            self.closed = True

    source = Endless()
    stream = PatientStream(source)
    assert await anext(aiter(stream)) == b"part"
    await stream.aclose()
    assert (source.read, source.closed) == (1 + REST_PARTS, True)


async def test_a_change_whose_answer_was_lost_is_not_made_again(gateways: GatewayMaker) -> None:
    foreign = ForeignServer()
    gateways.internal.grant = {"granted": True, "reason": "", "effect_key": "k-1"}
    with ExitStack() as stack:
        url = stack.enter_context(serve(foreign.app()))
        proxy = FlakyProxy(int(url.rpartition(":")[2]))
        gateway = gateways.start({"tickets": {"url": f"{stack.enter_context(proxy.running())}/mcp"}}, stack)
        gateway.wait_for_state("tickets", "ready")
        proxy.drop('"create_ticket"')
        reading = asyncio.gather(*(gateway.call("tickets__get_echo", {"text": str(number)}) for number in range(5)))
        told = await gateway.call("tickets__create_ticket", {"text": "once"})
        assert (status_of(told), "Nobody knows whether" in text_of(told)) == ("error", True)
        assert [text_of(answer) for answer in await reading] == [str(number) for number in range(5)]
        await asyncio.to_thread(gateway.wait_for, lambda: proxy.dropped)
        assert len(foreign.written) <= 1
        assert text_of(await gateway.call("tickets__create_ticket", {"text": "twice"})) == "done"
