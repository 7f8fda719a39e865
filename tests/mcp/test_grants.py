"""Nothing is changed without a grant for exactly that call; silence is a no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sahur_core.tools.policy import arguments_hash
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import RUN, Gateway, GatewayMaker
from tests.mcp.test_upstreams import status_of, text_of

ARGUMENTS = {"text": "The shop is down"}


@pytest.fixture
def foreign() -> ForeignServer:
    return ForeignServer()


@pytest.fixture
def tickets(gateways: GatewayMaker, foreign: ForeignServer) -> Iterator[Gateway]:
    with ExitStack() as stack:
        url = stack.enter_context(serve(foreign.app()))
        gateway = gateways.start({"tickets": {"url": f"{url}/mcp"}}, stack)
        gateway.wait_for_state("tickets", "ready")
        yield gateway


async def test_a_granted_call_is_made_once_with_the_key_of_its_effect(tickets: Gateway, foreign: ForeignServer) -> None:
    tickets.internal.grant = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
    assert status_of(await tickets.call("tickets__create_ticket", ARGUMENTS)) == "ok"
    asked = tickets.internal.grants_asked
    assert [(ask["run"], ask["attempt"], ask["tool"]) for ask in asked] == [(RUN, 3, "tickets__create_ticket")]
    assert asked[0]["arguments_hash"] == arguments_hash(ARGUMENTS)
    assert [call["meta"]["sahur/effect"] for call in foreign.written] == ["tool.call:1"]


async def test_a_fenced_attempt_changes_nothing(tickets: Gateway, foreign: ForeignServer) -> None:
    tickets.internal.grant = {"granted": False, "reason": "Attempt 3 does not own the run.", "effect_key": ""}
    result = await tickets.call("tickets__create_ticket", ARGUMENTS)
    assert status_of(result) == "denied"
    assert "does not own the run" in text_of(result)
    assert tickets.receipt(result)["status"] == "denied"
    assert foreign.written == []


@pytest.mark.parametrize("is_down", [True, False])
async def test_no_answer_is_a_no(tickets: Gateway, foreign: ForeignServer, is_down: bool) -> None:
    tickets.internal.is_down = is_down
    assert status_of(await tickets.call("tickets__create_ticket", ARGUMENTS)) == "denied"
    assert foreign.written == []


async def test_a_tool_that_calls_itself_harmless_is_asked_for_all_the_same(tickets: Gateway, foreign: ForeignServer) -> None:
    assert status_of(await tickets.call("tickets__delete_everything")) == "denied"
    assert len(tickets.internal.grants_asked) == 1
    assert foreign.written == []


async def test_what_a_user_may_change_is_the_servers_to_say(tickets: Gateway, foreign: ForeignServer) -> None:
    token = "sahur_" + "k" * 40
    tickets.internal.users[token] = {"active": True, "team_ids": [7], "user": "ada", "role": "admin", "token": "t-1"}
    tickets.internal.grant = {"granted": False, "reason": "Only a run may do that, with a person's approval."}
    result = await tickets.call("tickets__create_ticket", ARGUMENTS, token=token)
    assert (status_of(result), "Only a run may do that" in text_of(result)) == ("denied", True)
    (asked,) = tickets.internal.grants_asked
    assert (asked["token"], asked["team"], asked["tool"], "run" in asked) == ("t-1", 7, "tickets__create_ticket", False)
    tickets.internal.grant = None
    assert status_of(await tickets.call("tickets__create_ticket", ARGUMENTS, token=token)) == "denied"
    assert foreign.written == []


async def test_a_user_whose_token_the_server_does_not_name_changes_nothing(tickets: Gateway, foreign: ForeignServer) -> None:
    token = "sahur_" + "k" * 40
    tickets.internal.users[token] = {"active": True, "team_ids": [7], "user": "ada", "role": "admin"}
    tickets.internal.grant = {"granted": True, "reason": "", "effect_key": "x"}
    assert status_of(await tickets.call("tickets__create_ticket", ARGUMENTS, token=token)) == "denied"
    assert (foreign.written, tickets.internal.grants_asked) == ([], [])


async def test_the_operator_may_declare_a_tool_harmless(gateways: GatewayMaker, foreign: ForeignServer) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serve(foreign.app()))
        gateway = gateways.start({"tickets": {"url": f"{url}/mcp", "risk": {"create_ticket": "read"}}}, stack)
        gateway.wait_for_state("tickets", "ready")
        assert status_of(await gateway.call("tickets__create_ticket", ARGUMENTS)) == "ok"
        assert gateway.internal.grants_asked == []
