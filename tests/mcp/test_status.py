"""What the gateway tells the server of itself: to nobody else, whole, and without secrets."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx2

from sahur_core.tools.gateway_status import GatewayStatus
from tests.fakes import upstream as fake
from tests.fakes.internal import TOKEN
from tests.mcp.conftest import Gateway, GatewayMaker

SECRET = "credential-of-the-upstream"
RULES = {"tools": {"allow": ["*"], "deny": ["get_error"]}, "timeout": 7}
STDIO = {"command": sys.executable, "args": [str(Path(fake.__file__)), "stdio"], "env": {"API_TOKEN": SECRET}} | RULES


def ask(gateway: Gateway, authorization: str, query: str = "") -> httpx2.Response:
    return httpx2.get(f"{gateway.url}/status{query}", headers={"Authorization": authorization}, trust_env=False)


def told(gateway: Gateway, query: str = "") -> GatewayStatus:
    return GatewayStatus.model_validate_json(ask(gateway, f"Bearer {TOKEN}", query).content)


async def test_the_server_reads_states_rules_and_tools_and_nobody_else_does(gateways: GatewayMaker) -> None:
    gateway = gateways.start({"tickets": STDIO, "dead": {"url": "http://127.0.0.1:9/mcp"}, "off": {"url": "x", "disabled": True}})
    gateway.wait_for_state("tickets", "ready")
    gateway.wait_for_state("dead", "down")
    for refused in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {gateway.token()}"):
        assert ask(gateway, refused).status_code == 401
    states = {each.name: each for each in told(gateway).upstreams}
    assert {name: states[name].state for name in ("code", "tickets", "dead", "off")} == {
        "code": "ready",
        "tickets": "ready",
        "dead": "down",
        "off": "disabled",
    }
    assert [states[name].is_well for name in ("code", "tickets", "dead", "off")] == [True, True, False, True]
    assert (states["tickets"].policy.deny, states["tickets"].policy.timeout_seconds) == (("get_error",), 7)
    assert "Nothing listens" in states["dead"].problem
    assert states["tickets"].tools == ()

    answer = ask(gateway, f"Bearer {TOKEN}", "?tools=true")
    listed = {each.name: each for each in GatewayStatus.model_validate_json(answer.content).upstreams}
    tools = {each.name: (each.risk, each.permission) for each in listed["tickets"].tools}
    assert (tools["get_error"], tools["get_echo"]) == (("read", "deny"), ("read", "allow"))
    assert states["tickets"].tool_count == len(tools)
    assert SECRET not in answer.text


async def test_the_last_failure_is_told_also_when_it_is_over(gateways: GatewayMaker) -> None:
    gateway = gateways.start({"tickets": STDIO})
    gateway.wait_for_state("tickets", "ready")
    await gateway.call("tickets__get_death", {})
    gateway.wait_for_state("tickets", "ready")
    state = next(each for each in told(gateway).upstreams if each.name == "tickets")
    assert state.last_failed_at is not None
    assert "The connection to it broke" in state.last_failure
