"""Which tools a run gets, and which of them a model is handed at once."""

from __future__ import annotations

import pytest

from sahur_core.errors import ToolDenied
from sahur_core.protocols import ToolSpec
from sahur_core.tools.gateway import GatewayToolBox, close_shared_transport
from sahur_core.tools.policy import Permission
from sahur_core.tools.registry import MIN_FOUND, ToolRegistry
from tests.core.tools.tool_names import TOOL_NAMES
from tests.fakes.internal import serve
from tests.fakes.many_tools import ManyTools
from tests.mcp.conftest import GatewayMaker
from tests.services import free_port


def spec(name: str, *, is_own: bool = False) -> ToolSpec:
    return ToolSpec(name=name, description="", input_schema={}, read_only=True, is_own=is_own)


OWN = [spec(f"code__tool{number}", is_own=True) for number in range(10)]
FOREIGN = [spec(f"github__tool{number}") for number in range(100)]


def test_all_tools_are_offered_where_there_is_room() -> None:
    assert ToolRegistry(OWN + FOREIGN[:10]).offered([], 20) == OWN + FOREIGN[:10]


def test_else_our_own_and_the_latest_found() -> None:
    registry = ToolRegistry(FOREIGN + OWN)
    assert registry.offered([], 30) == OWN
    found = [tool.name for tool in FOREIGN[:40]]
    assert registry.offered(found, 30) == OWN + FOREIGN[20:40]
    assert registry.offered(["github__gone", "code__tool1", "github__tool5"], 30) == [*OWN, FOREIGN[5]]


def test_what_was_found_is_offered_even_where_our_own_fill_the_limit() -> None:
    registry = ToolRegistry(OWN + FOREIGN)
    assert registry.offered([tool.name for tool in FOREIGN], 5) == OWN + FOREIGN[-MIN_FOUND:]


def test_the_detours_of_the_catalog_are_no_tools_of_a_run() -> None:
    registry = ToolRegistry([spec("catalog__call_tool"), spec("catalog__search_tools"), spec("catalog__list_upstreams")])
    assert [tool.name for tool in registry] == ["catalog__list_upstreams"]
    assert registry.permission("catalog__call_tool") is Permission.DENY
    with pytest.raises(ToolDenied, match="There is no tool"):
        registry.get("catalog__call_tool")


async def test_a_run_lists_every_tool_and_hears_what_is_missing(gateways: GatewayMaker) -> None:
    names = [name.partition("__")[2] for name in TOOL_NAMES if name.startswith("github__")]
    with serve(ManyTools(names).app()) as url:
        gateway = gateways.start({"github": {"url": f"{url}/mcp"}, "sentry": {"url": f"http://127.0.0.1:{free_port()}/mcp"}})
        gateway.wait_for_state("github", "ready")
        gateway.wait_for_state("sentry", "down")
        toolbox = GatewayToolBox(f"{gateway.url}/mcp", gateway.token)
        specs = {tool.name: tool for tool in await toolbox.list_tools()}
        await close_shared_transport()
    assert {f"github__{name}" for name in names} <= set(specs)
    assert specs["code__read"].is_own
    assert not specs["github__get_me"].is_own
    assert set(toolbox.unavailable()) == {"sentry"}
    assert toolbox.unavailable()["sentry"].startswith("down: ")
