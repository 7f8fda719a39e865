"""A caller cannot widen what the operator lets a server see."""

from __future__ import annotations

from typing import Any

import mcp.types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.mcp.real.conftest import Local
from tests.mcp.test_upstreams import text_of

pytestmark = [pytest.mark.xdist_group("real"), pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")]


async def test_a_clients_roots_open_no_further_folders(local: Local) -> None:
    """The server takes the roots of a client that has some in place of its own folders."""
    gateway, asked = local.gateway, []

    async def everything(context: Any) -> types.ListRootsResult:
        asked.append(context)
        return types.ListRootsResult(roots=[types.Root(uri=local.outside.parent.as_uri())])  # type: ignore[arg-type]

    async with gateway.http(gateway.token(), {}) as http:
        transport = streamable_http_client(f"{gateway.url}/mcp", http_client=http)
        async with Client(transport, mode="legacy", cache=None, list_roots_callback=everything) as client:
            allowed = await client.call_tool("own-files__list_allowed_directories", {})
            read = await client.call_tool("own-files__read_text_file", {"path": str(local.outside)})
    assert text_of(allowed).splitlines()[1:] == [str(local.root)]
    assert "outside allowed directories" in text_of(read)
    assert asked == []
