"""The MCP server that callers see: takes each request apart and hands it to whom it concerns."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import mcp.types as types
from mcp import MCPError
from mcp.server import NotificationOptions, Server, ServerRequestContext
from mcp.server.context import CallNext, HandlerResult
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from starlette.requests import Request

from sahur_core.errors import InputError, NotFound, SahurError
from sahur_core.trace import parse_traceparent, trace
from sahur_mcp.proxy.calls import CallDesk
from sahur_mcp.proxy.catalog import LIST_SETTLE_SECONDS, MERGED, Catalog
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.clients.client_side import ClientSide
from sahur_mcp.proxy.clients.downstreams import Downstream, Downstreams
from sahur_mcp.proxy.exchange import Exchange
from sahur_mcp.proxy.guard import Admission, admission_of, current_admission
from sahur_mcp.proxy.reads import ReadDesk
from sahur_mcp.proxy.shortlist import DATA_RULE, Shelf, list_mode, unwrap_call
from sahur_mcp.proxy.subscriptions import Subscriptions
from sahur_mcp.proxy.upstreams.upstream import ToolAnswer, Upstream

Context = ServerRequestContext[dict[str, Any], Any]
T = TypeVar("T")

PAGE_ITEMS = 250
"""Tools, resources or prompts in one answer."""
MAX_PROGRESS_CHARS = 1000


class GatewayServer(Server[dict[str, Any]]):
    """The SDK's server, which tells clients of the older protocol too that its lists may change."""

    def get_capabilities(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
        *,
        protocol_version: str | None = None,
    ) -> types.ServerCapabilities:
        options = notification_options or NotificationOptions(True, True, True)
        return super().get_capabilities(options, experimental_capabilities, extensions, protocol_version=protocol_version)


@dataclass(frozen=True)
class Relay:
    """The handlers of the protocol's methods."""

    catalog: Catalog
    shelf: Shelf
    calls: CallDesk
    reads: ReadDesk
    subscriptions: Subscriptions
    downstreams: Downstreams | None
    """None where clients of the older protocol get no sessions."""

    def server(self, version: str) -> GatewayServer:
        """The low-level server; it holds no state between requests."""
        server = GatewayServer(
            "sahur-mcp",
            version=version,
            instructions=DATA_RULE,
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_resources,
            on_list_resource_templates=self.list_templates,
            on_read_resource=self.read_resource,
            on_list_prompts=self.list_prompts,
            on_get_prompt=self.get_prompt,
            on_completion=self.complete,
            on_subscriptions_listen=self.listen,
            # Without this the SDK would list all tools again before each call.
            get_tool_input_schema=self._schema_of,
        )
        # In place of the SDK's spans, which cost a tenth of a call and go nowhere: receipts and trace ids trace the calls.
        server.middleware = [self.instruct]
        if self.downstreams is not None:
            server.add_request_handler("resources/subscribe", types.SubscribeRequestParams, self.subscribe)
            server.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, self.unsubscribe)
            server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, self.set_log_level)
        return server

    async def instruct(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """Tell a client that connects what there is for it; the SDK knows one text for all."""
        result = await call_next(ctx)
        if ctx.method in ("initialize", "server/discover") and isinstance(result, dict):
            admission = _admission(ctx)
            if not admission.namespace.only:
                result["instructions"] = self.shelf.instructions_for(admission.caller)
        return result

    async def list_tools(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        admission = await self._settled(context)
        tools, meta = self.catalog.list_tools(admission.caller, admission.namespace), None
        if not admission.namespace.only:
            with _errors_told():
                mode = list_mode(_request(context).query_params)
            tools, meta = self.shelf.shorten(tools, admission.caller, mode)
        page, cursor = _page(tools, params)
        return types.ListToolsResult(tools=page, next_cursor=cursor, _meta=meta or None)

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> ToolAnswer:
        only = _admission(context).namespace.only
        outer = MERGED.name(only, params.name) if only else params.name
        name, arguments = unwrap_call(outer, params.arguments or {})
        with self._exchange(context, params) as exchange:
            if name == outer:
                return await self.calls.call(exchange, params.name, arguments)
            # What `call_tool` names is a full name, at any address.
            return await self.calls.call(replace(exchange, namespace=MERGED), name, arguments)

    async def list_resources(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        admission = await self._settled(context)
        page, cursor = _page(self.catalog.list_resources(admission.caller, admission.namespace), params)
        return types.ListResourcesResult(resources=page, next_cursor=cursor)

    async def list_templates(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        admission = await self._settled(context)
        page, cursor = _page(self.catalog.list_templates(admission.caller, admission.namespace), params)
        return types.ListResourceTemplatesResult(resource_templates=page, next_cursor=cursor)

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        with self._exchange(context, params) as exchange:
            return await self.reads.read_resource(exchange, params.uri)

    async def list_prompts(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        admission = await self._settled(context)
        page, cursor = _page(self.catalog.list_prompts(admission.caller, admission.namespace), params)
        return types.ListPromptsResult(prompts=page, next_cursor=cursor)

    async def get_prompt(
        self, context: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult | types.InputRequiredResult:
        with self._exchange(context, params) as exchange:
            return await self.reads.get_prompt(exchange, params.name, params.arguments)

    async def complete(self, context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        with self._exchange(context, params) as exchange:
            return await self.reads.complete(exchange, params)

    async def listen(self, context: Context, params: types.SubscriptionsListenRequestParams) -> types.SubscriptionsListenResult:
        with self._exchange(context, params) as exchange:
            return await self.subscriptions.listen(exchange, context, params)

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        with self._exchange(context, params) as exchange, _errors_told():
            await self.subscriptions.subscribe(exchange, _session(exchange), params.uri)
        return types.EmptyResult()

    async def unsubscribe(self, context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        with self._exchange(context, params) as exchange, _errors_told():
            await self.subscriptions.unsubscribe(_session(exchange), params.uri)
        return types.EmptyResult()

    async def set_log_level(self, context: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        """Logs reach a client from those upstreams with which it has a session of its own."""
        with self._exchange(context, params) as exchange, _errors_told():
            for upstream in self._seen_by(exchange):
                await upstream.set_log_level(_session(exchange), params.level)
        return types.EmptyResult()

    async def _settled(self, context: Context) -> Admission:
        """The admission, once what it may list has been connected, or has failed, or takes too long."""
        admission = _admission(context)
        only = admission.namespace.only
        await self.catalog.settled([only] if only else list(self.catalog.upstreams), LIST_SETTLE_SECONDS)
        return admission

    def _seen_by(self, exchange: Exchange) -> list[Upstream]:
        """Those that the caller may call anything of: for the others nothing is opened."""
        shown = [each for each in self.catalog.upstreams.values() if exchange.namespace.shows(each.name)]
        return [each for each in shown if any(exchange.caller.may_see(MERGED.name(each.name, tool)) for tool in each.tools)]

    @contextlib.contextmanager
    def _exchange(self, context: Context, params: Any) -> Iterator[Exchange]:
        """The request as others get to know it, for as long as it is under way."""
        admission = _admission(context)
        is_modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
        declared = context.session.client_capabilities
        client = ClientSide(
            session=context.session,
            request_id=context.request_id,
            is_modern=is_modern,
            capabilities=declared.model_dump(mode="json", by_alias=True, exclude_none=True) if declared else {},
            input_responses=getattr(params, "input_responses", None),
            request_state=getattr(params, "request_state", None),
            names_upstreams=not admission.namespace.only,
        )
        downstream = None if is_modern else self._downstream(context, client)
        progress = partial(self._tell_progress, context)
        exchange = Exchange(admission.caller, admission.namespace, client, downstream, progress)
        token = object()
        try:
            if downstream is not None:
                downstream.live[token] = client
            with trace(_trace_id(context, admission.caller)):
                yield exchange
        finally:
            if downstream is not None:
                downstream.live.pop(token, None)

    async def _tell_progress(self, context: Context, progress: float, total: float | None, message: str | None) -> None:
        """What an upstream says on the way is as little to be trusted with secrets as what it says in the end."""
        told = self.catalog.redactor().text(message[:MAX_PROGRESS_CHARS]) if message else message
        await context.session.report_progress(progress, total, told)

    def _downstream(self, context: Context, client: ClientSide) -> Downstream | None:
        session_id = _request(context).headers.get(MCP_SESSION_ID_HEADER, "")
        if self.downstreams is None or not session_id:
            return None
        downstream = self.downstreams.of(session_id)
        downstream.session, downstream.capabilities = context.session, client.capabilities
        return downstream

    def _schema_of(self, name: str) -> Mapping[str, Any] | None:
        """For the check of headers that repeat arguments (`Mcp-Param-…`), which comes before any handler."""
        admission = current_admission()
        if admission is None:
            return None
        try:
            _, tool = self.catalog.find(name, admission.caller, admission.namespace)
        except SahurError:
            return None
        return tool.input_schema


def _session(exchange: Exchange) -> Downstream:
    if exchange.downstream is None:
        raise MCPError(code=INVALID_PARAMS, message="This needs a session; since 2026-07-28 use subscriptions/listen.")
    return exchange.downstream


def _page(items: Sequence[T], params: types.PaginatedRequestParams | None) -> tuple[list[T], str | None]:
    """One page, and the cursor of the next. Raises `MCPError` for a cursor that is none of ours."""
    cursor = (params.cursor if params else None) or "0"
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise MCPError(code=INVALID_PARAMS, message="This cursor is not one of this server. List from the beginning.")
    start = int(cursor)
    page = list(items[start : start + PAGE_ITEMS])
    return page, str(start + PAGE_ITEMS) if start + PAGE_ITEMS < len(items) else None


@contextlib.contextmanager
def _errors_told() -> Iterator[None]:
    """Errors of ours as errors of the protocol."""
    try:
        yield
    except SahurError as error:
        code = INVALID_PARAMS if isinstance(error, InputError | NotFound) else INTERNAL_ERROR
        raise MCPError(code=code, message=str(error)) from error


def _admission(context: Context) -> Admission:
    return admission_of(_request(context).scope)


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
