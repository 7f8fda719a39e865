"""Clients that others wrote, on other SDKs, use the gateway with an API token as people would."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sahur_core.tools.wire import LIST_PARAMETER
from tests import node_packages, python_packages
from tests.fakes.everything.server import Everything
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import Gateway, GatewayMaker
from tests.mcp.test_access import ADA, USER

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
CLIENTS = Path(__file__).parent / "clients"
ERAS = ["modern", "legacy", "auto"]
# These clients cannot search for tools; they want to see all.
ALL = f"/mcp?{LIST_PARAMETER}=all"


@pytest.fixture(scope="module")
def gateway(shared_gateways: GatewayMaker) -> Iterator[Gateway]:
    with ExitStack() as stack:
        tickets = stack.enter_context(serve(ForeignServer().app()))
        everything = stack.enter_context(serve(Everything().app()))
        entries = {"tickets": {"url": f"{tickets}/mcp"}, "everything": {"url": f"{everything}/mcp", "risk": {"*": "read"}}}
        gateway = shared_gateways.start(entries, stack)
        for name in entries:
            gateway.wait_for_state(name, "ready")
        gateway.internal.users[USER] = ADA
        yield gateway


def inspector(gateway: Gateway, *options: str, token: str = USER, path: str = ALL) -> subprocess.CompletedProcess[str]:
    """The Inspector's command line (TypeScript SDK)."""
    modules = node_packages.install(CLIENTS)
    node = node_packages.node(node_packages.install(CLIENTS.with_name("conformance")))
    program = modules / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    command = [node, str(program), "--cli", gateway.url + path, "--transport", "http"]
    return subprocess.run(
        [*command, "--header", f"Authorization: Bearer {token}", *options], capture_output=True, text=True, timeout=120
    )


def answer_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr[-1000:]
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_finds_nothing_wrong_with_the_tools(gateway: Gateway, era: str) -> None:
    listed = answer_of(inspector(gateway, "--protocol-era", era, "--method", "tools/list", "--strict"))
    assert {"tickets__get_echo", "code__read"} <= {tool["name"] for tool in listed["tools"]}


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_calls_and_reads(gateway: Gateway, era: str) -> None:
    call = ["--method", "tools/call", "--tool-name", "tickets__get_echo", "--tool-arg", "text=hello"]
    called = answer_of(inspector(gateway, "--protocol-era", era, *call))
    assert (called["content"][0]["text"], called["structuredContent"]) == ("hello", {"said": "hello"})
    read = ["--method", "resources/read", "--uri", "test://static-text"]
    resource = answer_of(inspector(gateway, "--protocol-era", era, *read, path="/mcp/everything"))
    assert resource["contents"][0]["text"] == "This is the content of the static text resource."


def test_the_inspector_calls_many_times_at_once(gateway: Gateway) -> None:
    call = ["--method", "tools/call", "--tool-name", "tickets__get_echo", "--tool-arg", "text=hello"]
    load = answer_of(inspector(gateway, *call, "--load", "--load-concurrency", "10", "--load-requests", "200"))
    assert (load["ok"], load["errors"], load["toolErrors"]) == (200, 0, 0)


def test_the_inspector_is_told_that_a_token_does_not_count(gateway: Gateway) -> None:
    done = inspector(gateway, "--method", "tools/list", token="sahur_" + "x" * 40)
    assert (done.returncode, "auth_required" in done.stderr) == (3, True)


@pytest.mark.parametrize(("name", "answers"), [("langchain_native", ["from an agent"]), ("langchain_adapters", ["one", "two"])])
def test_an_agent_of_langchain_calls(gateway: Gateway, name: str, answers: list[str]) -> None:
    python = python_packages.environment(CLIENTS / f"{name}.txt")
    command = [str(python), "-W", "ignore", str(CLIENTS / f"{name}.py"), gateway.url + ALL, USER]
    seen = answer_of(subprocess.run(command, capture_output=True, text=True, timeout=120))
    assert {"tickets__get_echo", "code__read"} <= set(seen["tools"])
    assert seen["answers"] == answers
