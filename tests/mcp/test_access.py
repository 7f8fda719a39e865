"""Who gets in: only bearers of tokens that we signed or the server knows, for this gateway, in time, by its own name."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import jwt
import pytest

from sahur_mcp.proxy import guard
from tests.fakes import upstream
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker, claims, make_keys

USER = "sahur_" + "k" * 40
ADA = {"active": True, "team_ids": [7], "user": "ada", "role": "viewer", "tools": ["*"], "token": "t-1"}


@pytest.fixture(scope="module")
def running(shared_gateways: GatewayMaker) -> Gateway:
    return shared_gateways.start()


@pytest.fixture
def gateway(running: Gateway) -> Iterator[Gateway]:
    yield running
    running.internal.is_down = False
    running.internal.users.clear()


async def test_a_token_that_the_server_signed_lists_the_code_tools(gateway: Gateway) -> None:
    tools = await gateway.list_tools()
    assert {"code__locate", "code__read", "code__search"} <= set(tools)
    reading = [tool.annotations and tool.annotations.read_only_hint for name, tool in tools.items() if name.startswith("code__")]
    assert all(reading)


async def test_clients_of_the_older_protocol_are_served_too(gateway: Gateway) -> None:
    assert "code__locate" in await gateway.list_tools(mode="legacy")


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("expired", {"exp": 1}),
        ("for another audience", {"aud": "somebody-else"}),
        ("without end", {"exp": None}),
        ("without team", {"team": None}),
        ("with a team that is no number", {"team": "7"}),
        ("that names another run than its subject", {"sub": "run:other"}),
        ("with a glob instead of a list", {"tools": "*"}),
    ],
)
def test_a_signed_token_is_refused_if_it_is(gateway: Gateway, what: str, changes: dict[str, object]) -> None:
    answer = gateway.post(gateway.token(**changes))
    assert answer.status_code == 401, what
    assert answer.headers["www-authenticate"].startswith("Bearer error=")


def test_forged_tokens_are_refused(gateway: Gateway) -> None:
    other_key = jwt.encode(claims(), make_keys().private, algorithm="EdDSA")
    unsigned = jwt.encode(claims(), None, algorithm="none")  # type: ignore[arg-type]
    head, body, signature = gateway.token().split(".")
    changed = f"{head}.{jwt.encode(claims(team=8), 'k' * 40, algorithm='HS256').split('.')[1]}.{signature}"
    # The classic confusion: the public key used as the secret of a symmetric signature.
    confused = jwt.api_jws.encode(b"{}", b"k" * 40, algorithm="HS256")
    for token in (other_key, unsigned, changed, confused, f"{head}.{body}.", "x.y.z", "", "a" * 9000):
        assert gateway.post(token).status_code == 401


def test_a_basic_login_is_refused(gateway: Gateway) -> None:
    assert gateway.post(Authorization="Basic dXNlcjpwYXNz").status_code == 401


def test_other_host_names_are_refused(gateway: Gateway) -> None:
    assert gateway.post(gateway.token(), Host="evil.example:8100").status_code == 421


def test_a_host_name_may_be_allowed(gateways: GatewayMaker) -> None:
    gateway = gateways.start(SAHUR_MCP_ALLOWED_HOSTS="mcp:8100, other:1")
    assert gateway.post(gateway.token(), Host="mcp:8100").status_code != 421


def test_pages_of_other_origins_are_refused(gateway: Gateway) -> None:
    assert gateway.post(gateway.token(), Origin="https://evil.example").status_code == 403


async def test_a_users_token_opens_no_longer_once_it_is_revoked(gateway: Gateway) -> None:
    gateway.internal.users[USER] = ADA
    assert "code__locate" in await gateway.list_tools(USER)
    del gateway.internal.users[USER]
    assert gateway.post(USER).status_code == 401


async def test_a_lost_membership_counts_for_the_next_request(gateway: Gateway) -> None:
    gateway.internal.users[USER] = ADA
    assert gateway.post(USER).status_code != 401
    gateway.internal.users[USER] = ADA | {"team_ids": []}
    assert gateway.post(USER).status_code == 401


async def test_a_users_token_opens_the_tools_that_it_names(gateway: Gateway) -> None:
    gateway.internal.users[USER] = ADA | {"tools": ["code__re*", "issues__search"]}
    assert set(await gateway.list_tools(USER)) == {"code__read", "issues__search"}
    result = await gateway.call("code__log", token=USER)
    assert "There is no tool" in result.content[0].text
    gateway.internal.users[USER] = ADA | {"tools": []}
    assert await gateway.list_tools(USER) == {}


def test_an_endless_users_token_is_refused_without_asking(gateway: Gateway) -> None:
    before = gateway.internal.introspections
    assert gateway.post("sahur_" + "k" * 5000).status_code == 401
    assert gateway.internal.introspections == before


async def test_a_user_of_several_teams_names_one_of_them(gateways: GatewayMaker) -> None:
    gateway = gateways.start()
    gateway.internal.users[USER] = {"active": True, "team_ids": [7, 8], "user": "ada", "role": "viewer"}
    assert "X-Sahur-Team" in gateway.post(USER).json()["error_description"]
    assert gateway.post(USER, **{"X-Sahur-Team": "9"}).status_code == 401
    result = await gateway.call("code__list_files", token=USER, **{"X-Sahur-Team": "8"})
    assert gateway.receipt(result)["team"] == 8
    gateway.internal.users[USER] |= {"team_keys": {"SAH": 7, "OTH": 8}}
    assert "(SAH, OTH)" in gateway.post(USER).json()["error_description"]
    assert "Name one of SAH, OTH." in gateway.post(USER, **{"X-Sahur-Team": "NOT"}).json()["error_description"]
    result = await gateway.call("code__list_files", token=USER, **{"X-Sahur-Team": "oth"})
    assert gateway.receipt(result)["team"] == 8


def test_unknown_users_are_refused_and_a_silent_server_is_not_taken_for_a_no(gateway: Gateway) -> None:
    assert gateway.post("sahur_" + "u" * 40).status_code == 401
    gateway.internal.is_down = True
    assert gateway.post("sahur_" + "z" * 40).status_code == 503


async def test_globs_of_the_token_hide_and_close_tools(gateway: Gateway) -> None:
    token = gateway.token(tools=["code__re*", "code__log"])
    assert set(await gateway.list_tools(token)) == {"code__read", "code__log"}
    result = await gateway.call("code__grep", token=token)
    assert result.is_error
    assert "code__read" in result.content[0].text


def test_health_needs_no_token_and_shows_the_upstreams(gateway: Gateway) -> None:
    assert httpx2.get(f"{gateway.url}/health/live", trust_env=False).json() == {"status": "live"}
    assert gateway.ready()["upstreams"]["code"]["state"] == "ready"


def test_a_token_is_good_for_some_seconds_of_clock_skew(gateway: Gateway) -> None:
    assert gateway.post(gateway.token(exp=int(time.time()) - 2)).status_code != 401


async def test_one_caller_cannot_take_all_the_room(gateways: GatewayMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_OPEN_REQUESTS", 2)
    foreign = ForeignServer()
    url = gateways.stack.enter_context(serve(foreign.app()))
    gateway = gateways.start({"tickets": {"url": f"{url}/mcp"}})
    gateway.wait_for_state("tickets", "ready")
    slow = [asyncio.create_task(gateway.call("tickets__get_slow")) for _ in range(2)]
    while foreign.started < 2:
        await asyncio.sleep(0.02)
    refused, other = [await asyncio.to_thread(gateway.post, token) for token in (gateway.token(), gateway.token(team=8))]
    for task in slow:
        task.cancel()
    await asyncio.wait(slow)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert "under way" in refused.json()["error_description"]
    assert other.status_code != 429


async def test_who_calls_what_is_down_or_is_not_there_is_told_what_is_known(gateways: GatewayMaker) -> None:
    gateway = gateways.start({"dead": {"url": "http://127.0.0.1:9/mcp"}})
    gateway.wait_for_state("dead", "down")
    down, typo = await gateway.call("dead__get_echo"), await gateway.call("catalog__list_upstream")
    assert "connection refused" in down.content[0].text
    assert "catalog__list_upstreams" in typo.content[0].text


async def test_a_narrow_token_may_read_on_in_what_was_cut_for_it(gateway: Gateway) -> None:
    asked = {"receipt": str(uuid4())}
    narrow = await gateway.call("receipts__read", asked, token=gateway.token(tools=["code__list"]))
    closed = await gateway.call("receipts__read", asked, token=gateway.token(tools=[]))
    assert "no tool" not in narrow.content[0].text
    assert "no tool" in closed.content[0].text


async def test_a_call_waits_for_an_upstream_that_is_just_being_connected(gateways: GatewayMaker) -> None:
    slow = {"command": "sh", "args": ["-c", 'sleep 1; exec "$0" "$@"', sys.executable, str(Path(upstream.__file__)), "stdio"]}
    gateway = gateways.start({"late": slow})
    result = await gateway.call("late__get_echo", {"text": "hello"})
    assert result.content[0].text == "hello"
