"""The MCP server that callers see: lists the catalog and hands calls to the desk."""

from __future__ import annotations

from typing import Any

import mcp.types as types
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from starlette.requests import Request

from sahur_core.errors import InputError
from sahur_core.trace import parse_traceparent, trace
from sahur_mcp.proxy.callers import Caller
from sahur_mcp.proxy.calls import CallDesk
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.guard import caller_of
from sahur_mcp.proxy.shortlist import INSTRUCTIONS, Shelf, list_mode, unwrap_call

Context = ServerRequestContext[dict[str, Any], Any]


def build_server(catalog: Catalog, desk: CallDesk, shelf: Shelf, version: str) -> Server[dict[str, Any]]:
    """The low-level server; it holds no state between requests."""

    async def list_tools(context: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        caller = _caller(context)
        try:
            mode = list_mode(_request(context).query_params)
        except InputError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from error
        tools, meta = shelf.shorten(catalog.list_tools(caller), caller, mode)
        return types.ListToolsResult(tools=tools, _meta=meta)

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        caller = _caller(context)
        with trace(_trace_id(context, caller)):
            name, arguments = unwrap_call(params.name, params.arguments or {})
            return await desk.call(caller, name, arguments, context.session.report_progress)

    return Server(
        "sahur-mcp",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        # The desk checks arguments itself; without this the SDK would list all tools again before each call.
        get_tool_input_schema=lambda _name: None,
    )


def _caller(context: Context) -> Caller:
    return caller_of(_request(context).scope)


def _request(context: Context) -> Request:
    request = context.request
    if not isinstance(request, Request):
        raise TypeError("the gateway answers HTTP requests only")
    return request


def _trace_id(context: Context, caller: Caller) -> str:
    """From the request's metadata, else its header, else the token; empty for a new one."""
    meta: dict[str, Any] = dict(context.meta or {})
    header = _request(context).headers.get("traceparent")
    return parse_traceparent(str(meta.get("traceparent", ""))) or parse_traceparent(header) or caller.trace_id
