"""A caller cannot widen what the operator lets a server see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.mcp.real.entries import Programs
from tests.mcp.real.process import RealGateway, running
from tests.mcp.test_upstreams import text_of

pytestmark = [pytest.mark.xdist_group("real"), pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")]


@pytest.fixture
def gateway(programs: Programs, tmp_path: Path) -> Iterator[RealGateway]:
    """Every client has its own session with the server; the server takes a client's roots in place of its own."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside.txt").write_text("not for tools\n")
    with running(tmp_path, {"files": programs.filesystem(root) | {"session": "client"}}) as gateway:
        gateway.wait_for_state("files", "ready")
        yield gateway


async def test_a_clients_roots_do_not_open_further_folders(gateway: RealGateway, tmp_path: Path) -> None:
    asked: list[Any] = []

    async def everything(context: Any) -> types.ListRootsResult:
        asked.append(context)
        return types.ListRootsResult(roots=[types.Root(uri=tmp_path.as_uri())])  # type: ignore[arg-type]

    async with gateway.http(gateway.token(), {}) as http:
        transport = streamable_http_client(f"{gateway.url}/mcp", http_client=http)
        async with Client(transport, mode="legacy", cache=None, list_roots_callback=everything) as client:
            allowed = await client.call_tool("files__list_allowed_directories", {})
            read = await client.call_tool("files__read_text_file", {"path": str(tmp_path / "outside.txt")})
    assert text_of(allowed).splitlines()[1:] == [str(tmp_path / "root")]
    assert "not for tools" not in text_of(read)
    assert asked == []
