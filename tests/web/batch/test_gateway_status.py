"""The gateway's status, asked of a real gateway: whole, kept for a while, and with words where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from sahur.batch import gateway_status
from sahur_core.errors import GatewayUnavailable
from sahur_mcp.app import create_app
from sahur_mcp.config import Config
from tests.fakes.internal import serve
from tests.services import free_port

TOKEN = "token-of-server-and-gateway"


@pytest.fixture(autouse=True)
def nothing_kept(settings) -> None:
    cache.clear()
    settings.INTERNAL_TOKEN = TOKEN


@pytest.fixture
def gateway(tmp_path: Path, settings) -> Iterator[str]:
    config = Config(internal_token=TOKEN, repository_dir=tmp_path, spool_dir=tmp_path / "spool")
    with serve(create_app(config)) as url:
        settings.MCP_URL = f"{url}/mcp"
        yield url


def test_upstreams_are_told_and_tools_only_where_they_are_asked_for(gateway: str) -> None:
    short = {each.name: each for each in gateway_status.read_status().upstreams}
    assert (short["code"].state, short["code"].tools) == ("ready", ())
    whole = {each.name: each for each in gateway_status.read_status(with_tools=True).upstreams}
    assert short["code"].tool_count == len(whole["code"].tools) > 5


def test_an_answer_is_kept_for_a_while(gateway: str, settings) -> None:
    first = gateway_status.read_status()
    settings.MCP_URL = f"http://127.0.0.1:{free_port()}/mcp"
    assert gateway_status.read_status() == first


def test_no_answer_and_a_wrong_token_are_told_apart(gateway: str, settings) -> None:
    settings.INTERNAL_TOKEN = "another"
    with pytest.raises(GatewayUnavailable, match="not the same on both sides"):
        gateway_status.read_status()
    cache.clear()
    settings.MCP_URL = f"http://127.0.0.1:{free_port()}/mcp"
    with pytest.raises(GatewayUnavailable, match="does not answer"):
        gateway_status.read_status()


def test_something_else_at_the_address_is_no_gateway(gateway: str, settings) -> None:
    settings.MCP_URL = f"{gateway}/elsewhere/mcp"
    with pytest.raises(GatewayUnavailable, match="no gateway of this version"):
        gateway_status.read_status()
