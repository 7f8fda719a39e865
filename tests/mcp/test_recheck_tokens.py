"""The token for one call that is made again: it reads, past the cache, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from sahur_core.issues import ToolResultStatus
from sahur_core.tools.receipts import Receipt
from sahur_mcp.proxy.records.kept import KeptResult, KeptResults
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import RUN, TEAM, Gateway, GatewayMaker, claims, gateway_maker

OLD = str(uuid4())
ECHO = {"text": "once"}


@pytest.fixture(scope="module")
def foreign() -> ForeignServer:
    return ForeignServer()


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayMaker]:
    with gateway_maker(tmp_path_factory.mktemp("gateway")) as maker:
        yield maker


@pytest.fixture(scope="module")
def gateway(gateways: GatewayMaker, foreign: ForeignServer) -> Iterator[Gateway]:
    with serve(foreign.app()) as url:
        running = gateways.start({"foreign": {"url": f"{url}/mcp", "cache": 300}})
        running.wait_for_state("foreign", "ready")
        yield running


def token(gateway: Gateway, **changes: Any) -> str:
    """As the server signs it for a call of `get_echo`."""
    said = {"sub": f"recheck:{OLD}", "asked_by": "Rita", "tools": ["foreign__get_echo"], "attempt": None, "repositories": None}
    return jwt.encode(claims() | said | changes, gateway.keys.private, algorithm="EdDSA")


async def test_a_cached_answer_is_not_given_again(gateway: Gateway, foreign: ForeignServer) -> None:
    for _ in range(2):
        cached = gateway.receipt(await gateway.call("foreign__get_echo", ECHO))
    assert cached["is_cached"] is True
    before = foreign.started
    again = gateway.receipt(await gateway.call("foreign__get_echo", ECHO, token=token(gateway)))
    assert (foreign.started, again["is_cached"], again["repeats"]) == (before + 1, False, OLD)
    assert (again["caller"], again["run"], again["attempt"]) == (f"recheck:{OLD} by Rita", RUN, None)


async def test_a_call_without_a_run_stays_without(gateway: Gateway) -> None:
    again = gateway.receipt(await gateway.call("foreign__get_echo", ECHO, token=token(gateway, run="")))
    assert (again["run"], again["team"], again["status"]) == (None, TEAM, "ok")


@pytest.mark.parametrize("tools", [["foreign__create_ticket"], ["*"]])
async def test_nothing_that_changes_is_called_even_if_a_grant_could_be_had(
    gateway: Gateway, foreign: ForeignServer, tools: list[str]
) -> None:
    gateway.internal.grant = {"granted": True, "reason": "", "effect_key": "k"}
    denied = await gateway.call("foreign__create_ticket", ECHO, token=token(gateway, tools=tools))
    assert (denied.meta or {})["sahur/status"] == "denied"
    assert (foreign.written, gateway.internal.grants_asked) == ([], [])


async def test_other_tools_do_not_exist_for_it(gateway: Gateway) -> None:
    refused = await gateway.call("code__read", {"path": "x"}, token=token(gateway))
    assert "There is no tool" in refused.content[0].text
    assert set(await gateway.list_tools(token(gateway))) == {"foreign__get_echo"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "recheck:x"},
        {"sub": "recheck:"},
        {"sub": f"other:{OLD}"},
        {"attempt": 3},
        {"run": "not an id"},
        {"sub": f"run:{RUN}"},
        {"sub": f"run:{RUN}", "attempt": 3},
        {"sub": f"run:{uuid4()}", "attempt": 3, "repositories": []},
        {"sub": "run:", "run": "", "attempt": 3, "repositories": []},
    ],
)
def test_a_token_that_contradicts_itself_is_refused(gateway: Gateway, changes: dict[str, Any]) -> None:
    assert gateway.post(token(gateway, **changes)).status_code == 401


class NoServer:
    """Has nothing, and counts how often it was asked."""

    asked = 0

    async def kept_result(self, receipt_id: str, team: int, run: str) -> KeptResult | None:
        self.asked += 1
        return None


def receipt_of(text: str) -> Receipt:
    facts = {"team": TEAM, "run": UUID(RUN), "caller": "x", "upstream": "x", "tool": "x", "status": ToolResultStatus.OK}
    return Receipt(id=uuid4(), result=text, called_at=datetime.now(UTC), **facts)


async def test_the_newest_large_results_are_at_hand_within_a_bound() -> None:
    server = NoServer()
    kept = KeptResults(server, max_bytes=100_000)
    small, large = receipt_of("short"), [receipt_of(f"{number}" * 40_000) for number in range(3)]
    for receipt in (*large, small, receipt_of("x" * 200_000)):
        kept.put(receipt)
    found = [await kept.find(receipt.id, TEAM, RUN) for receipt in large]
    assert [each.text[0] if each else None for each in found] == [None, "1", "2"]
    assert server.asked == 1
    assert await kept.find(small.id, TEAM, RUN) is None
    assert await kept.find(large[2].id, TEAM + 1, "") is None
    assert server.asked == 2
    assert await kept.find(large[2].id, TEAM, str(uuid4())) is None
    assert server.asked == 3, "whether that run goes on from this one only the server knows"
