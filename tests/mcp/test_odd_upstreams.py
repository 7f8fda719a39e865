"""Upstreams that break the protocol harm themselves at most: never the gateway, and never a neighbor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from mcp.client import session

from sahur_mcp.proxy.upstreams import remote, shared_session
from sahur_mcp.proxy.upstreams.breaker import Breaker
from tests.fakes import odd_upstream
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker
from tests.mcp.test_upstreams import status_of, text_of

NEIGHBOR = "tickets__get_echo"


def odd(way: str, **more: Any) -> dict[str, Any]:
    return {"command": sys.executable, "args": ["-IS", str(Path(odd_upstream.__file__)), way]} | more


@pytest.fixture(scope="module")
def neighborhood(shared_gateways: GatewayMaker) -> Iterator[Gateway]:
    """All odd upstreams at once, and a healthy one beside them."""
    with ExitStack() as stack:
        url = stack.enter_context(serve(ForeignServer().app()))
        entries: dict[str, Any] = {way: odd(way, timeout=20) for way in odd_upstream.WAYS if way not in ("silent", "hangs")}
        gateway = shared_gateways.start(entries | {"tickets": {"url": f"{url}/mcp"}}, stack)
        for name in (*entries, "tickets"):
            gateway.wait_for_state(name, "ready")
        yield gateway
        answer = gateway.post(gateway.token())
        assert answer.status_code in (200, 400), "the gateway no longer answers"


@pytest.mark.parametrize(
    "way",
    [
        "garbage",
        "wrong-id",
        pytest.param("floods-notifications", marks=pytest.mark.full),
        pytest.param("floods-stderr", marks=pytest.mark.full),
    ],
)
async def test_noise_around_an_answer_is_no_harm(neighborhood: Gateway, way: str) -> None:
    for words in ("first", "second"):
        result = await neighborhood.call(f"{way}__get_echo", {"text": words})
        assert (status_of(result), text_of(result)) == ("ok", words)


async def test_an_answer_that_is_none_is_told_as_the_upstreams_fault(neighborhood: Gateway) -> None:
    for _ in range(8):
        result = await neighborhood.call("no-result__get_echo", {"text": "x"})
        assert status_of(result) == "error"
        assert "no-result" in text_of(result)
    assert neighborhood.ready()["upstreams"]["no-result"]["breaker"] == "closed"


@pytest.mark.full
async def test_a_big_result_is_cut_and_its_session_lives_on(neighborhood: Gateway) -> None:
    before = neighborhood.wait_for_state("big", "ready")
    result = await neighborhood.call("big__get_big")
    assert status_of(result) == "ok"
    assert len(text_of(result)) < 110_000
    assert text_of(await neighborhood.call("big__get_echo", {"text": "x"})) == "small"
    assert neighborhood.wait_for_state("big", "ready") == before


@pytest.mark.full
async def test_a_line_without_an_end_costs_that_upstream_its_session(neighborhood: Gateway) -> None:
    gateway_memory = psutil.Process().memory_info().rss
    result = await neighborhood.call("endless-line__get_endless")
    assert status_of(result) == "error"
    neighborhood.wait_for_state("endless-line", "ready")
    assert text_of(await neighborhood.call("endless-line__get_echo", {"text": "back"})) == "back"
    assert psutil.Process().memory_info().rss - gateway_memory < 8 * odd_upstream.ENDLESS


@pytest.mark.full
async def test_a_server_that_no_longer_reads_is_started_again(neighborhood: Gateway) -> None:
    assert text_of(await neighborhood.call("closes-stdin__get_echo", {"text": "once"})) == "once"
    result = await neighborhood.call("closes-stdin__get_echo", {"text": "twice"})
    if status_of(result) != "ok":
        neighborhood.wait_for_state("closes-stdin", "ready")
        result = await neighborhood.call("closes-stdin__get_echo", {"text": "twice"})
    assert text_of(result) == "twice"


@pytest.mark.full
async def test_a_child_that_hangs_is_started_again(gateways: GatewayMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "Breaker", partial(Breaker, rest_seconds=0.5))
    gateway = gateways.start({"hangs": odd("hangs", timeout=1.0)})
    gateway.wait_for_state("hangs", "ready")
    assert text_of(await gateway.call("hangs__get_echo", {"text": "first"})) == "first"
    for _ in range(5):
        assert "did not answer" in text_of(await gateway.call("hangs__get_echo", {"text": "lost"}))
    gateway.wait_for(lambda: gateway.ready()["upstreams"]["hangs"]["breaker"] == "half_open")
    gateway.wait_for_state("hangs", "ready")
    assert text_of(await gateway.call("hangs__get_echo", {"text": "back"})) == "back"


async def test_of_ten_thousand_tools_a_bounded_number_is_taken(neighborhood: Gateway) -> None:
    assert 100 <= neighborhood.ready()["upstreams"]["many-tools"]["tools"] <= 1000
    result = await neighborhood.call("many-tools__get_echo", {"text": "still there"})
    assert text_of(result) == "still there"


async def test_tools_with_unusable_names_are_left_out_alone(neighborhood: Gateway) -> None:
    assert neighborhood.ready()["upstreams"]["odd-names"]["tools"] == 2
    assert text_of(await neighborhood.call("odd-names__get_twice")) == ""
    unknown = await neighborhood.call("odd-names__get_" + "x" * 200)
    assert "There is no tool" in text_of(unknown)


async def test_a_description_is_bounded(neighborhood: Gateway) -> None:
    found = await neighborhood.call("catalog__search_tools", {"query": "wordy"})
    assert "wordy__get_wordy" in text_of(found)
    assert len(text_of(found)) < 20_000


@pytest.mark.parametrize("name", ["get_cycle", "get_far", "get_hopeless"])
async def test_a_schema_that_cannot_be_used_blocks_neither_its_tool_nor_the_gateway(neighborhood: Gateway, name: str) -> None:
    result = await neighborhood.call(f"odd-schemas__{name}", {"x": "y"})
    assert status_of(result) in ("ok", "no_data")
    assert text_of(await neighborhood.call(NEIGHBOR, {"text": "neighbor"})) == "neighbor"


async def test_a_tool_whose_schema_is_huge_is_left_out_alone(neighborhood: Gateway) -> None:
    assert neighborhood.ready()["upstreams"]["odd-schemas"]["tools"] == 4
    assert "There is no tool" in text_of(await neighborhood.call("odd-schemas__get_deep", {"x": "y"}))


@pytest.mark.full
async def test_a_server_that_never_greets_is_down_and_in_nobodys_way(
    gateways: GatewayMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_session, "HANDSHAKE_SECONDS", 0.5)
    monkeypatch.setattr(session, "DISCOVER_TIMEOUT_SECONDS", 0.5)
    with ExitStack() as stack:
        url = stack.enter_context(serve(ForeignServer().app()))
        gateway = gateways.start({"silent": odd("silent", timeout=0.5), "tickets": {"url": f"{url}/mcp"}}, stack)
        gateway.wait_for_state("tickets", "ready")
        assert text_of(await gateway.call(NEIGHBOR, {"text": "quick"})) == "quick"
        assert "does not answer" in gateway.wait_for_state("silent", "down")["problem"]
        assert status_of(await gateway.call("silent__get_echo", {"text": "x"})) == "error"
