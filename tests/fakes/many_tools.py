"""A foreign MCP server with as many tools as a test wants; each answers with its name and what it was given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import mcp.types as types
from mcp.server import Server
from starlette.applications import Starlette

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}


class ManyTools:
    """`tools` may be changed while it runs; the gateway sees that when it lists them again."""

    def __init__(self, names: Iterable[str]) -> None:
        self.tools = [described(name) for name in names]
        self.called: list[str] = []

    def app(self) -> Starlette:
        return Server("many", on_list_tools=self._list, on_call_tool=self._call).streamable_http_app(stateless_http=True)

    async def _list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self.tools)

    async def _call(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        self.called.append(params.name)
        text = f"{params.name} got {json.dumps(params.arguments)}"
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)])


def described(name: str, description: str = "") -> types.Tool:
    """A tool that is read only exactly if its name begins as one."""
    is_read = name.startswith(("get", "list", "search", "find", "read"))
    return types.Tool(
        name=name,
        description=description or f"Does {name.replace('_', ' ')}",
        input_schema=SCHEMA,
        annotations=types.ToolAnnotations(read_only_hint=is_read),
    )
