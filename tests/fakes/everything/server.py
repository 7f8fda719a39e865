"""The server: `python -m tests.fakes.everything.server stdio`, or `Everything().app()` over HTTP."""

from __future__ import annotations

import asyncio
import sys
import warnings
from typing import Any

import mcp.types as types
from mcp import MCPDeprecationWarning, MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, PromptsListChanged, ResourceUpdated, ToolsListChanged
from starlette.applications import Starlette

from tests.fakes.everything import content, reading, rounds, talk

Context = ServerRequestContext[Any, Any]
NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}
CHANGES = {
    "test_trigger_tool_change": ToolsListChanged(),
    "test_trigger_prompt_change": PromptsListChanged(),
    "test_trigger_resource_update": ResourceUpdated(uri=reading.WATCHED),
}
"""Tools that announce a change to those who listen (SEP-2575)."""


class KeptEvents(EventStore):
    """Messages of broken streams, for the client that comes back for them (SEP-1699)."""

    def __init__(self) -> None:
        self._events: list[tuple[str, types.JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        self._events.append((stream_id, message))
        return str(len(self._events))

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        last = int(last_event_id)
        if not 0 < last <= len(self._events):
            return None
        stream = self._events[last - 1][0]
        for number, (other, message) in enumerate(self._events[last:], last + 1):
            if other == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


class Everything:
    """One server; `subscribed` are the resources that clients of the older protocol watch."""

    def __init__(self) -> None:
        self.subscribed: list[str] = []
        self.levels: list[str] = []
        """Levels of messages that clients of the older protocol asked for."""
        self._bus = InMemorySubscriptionBus()

    def app(self) -> Starlette:
        return self.server().streamable_http_app(event_store=KeptEvents(), retry_interval=100)

    def server(self) -> Server[Any]:
        with warnings.catch_warnings():
            # Clients of the older protocol still use it, and so the suites for them ask for it.
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            server = Server(
                "everything",
                version="1",
                on_list_tools=self._list_tools,
                on_call_tool=self._call_tool,
                on_list_resources=self._list_resources,
                on_list_resource_templates=self._list_templates,
                on_read_resource=self._read,
                on_subscribe_resource=self._subscribe,
                on_unsubscribe_resource=self._unsubscribe,
                on_subscriptions_listen=ListenHandler(self._bus),
                on_list_prompts=self._list_prompts,
                on_get_prompt=self._get_prompt,
                on_completion=self._complete,
                on_set_logging_level=self._set_level,
            )
        server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience="everything"))
        return server

    async def _list_tools(self, _context: Context, _params: Any) -> types.ListToolsResult:
        names = [*content.ANSWERS, *talk.TALKS, *rounds.ROUNDS, *CHANGES]
        schemas = content.SCHEMAS | talk.SCHEMAS
        tools = [
            types.Tool(name=name, description=f"Fixture {name}", input_schema=schemas.get(name, NO_ARGUMENTS)) for name in names
        ]
        return types.ListToolsResult(tools=tools)

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        arguments = params.arguments or {}
        if params.name in content.ANSWERS:
            return content.ANSWERS[params.name](arguments)
        if params.name in talk.TALKS:
            return await talk.TALKS[params.name](context, arguments)
        if params.name in rounds.ROUNDS:
            return rounds.ROUNDS[params.name](_round(context, params))
        if params.name in CHANGES:
            return await self._announce(context, params.name)
        raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name}")

    async def _announce(self, context: Context, name: str) -> types.CallToolResult:
        await self._bus.publish(CHANGES[name])
        if name == "test_trigger_resource_update" and reading.WATCHED in self.subscribed:
            await context.session.send_resource_updated(reading.WATCHED)
        return content.answer(content.text("announced"))

    async def _list_resources(self, _context: Context, _params: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=reading.RESOURCES)

    async def _list_templates(self, _context: Context, _params: Any) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=reading.TEMPLATES)

    async def _read(self, _context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        return reading.read(str(params.uri))

    async def _subscribe(self, _context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        self.subscribed.append(str(params.uri))
        return types.EmptyResult()

    async def _unsubscribe(self, _context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        if str(params.uri) in self.subscribed:
            self.subscribed.remove(str(params.uri))
        return types.EmptyResult()

    async def _list_prompts(self, _context: Context, _params: Any) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=reading.PROMPTS)

    async def _get_prompt(
        self, context: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult | types.InputRequiredResult:
        return reading.get_prompt(params.name, params.arguments or {}, _round(context, params))

    async def _complete(self, _context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        values = [value for value in ("paris", "park", "party") if value.startswith(params.argument.value)]
        return types.CompleteResult(completion=types.Completion(values=values, total=len(values), has_more=False))

    async def _set_level(self, _context: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        self.levels.append(params.level)
        return types.EmptyResult()


def _round(context: Context, params: types.CallToolRequestParams | types.GetPromptRequestParams) -> rounds.Round:
    return rounds.Round(dict(params.input_responses or {}), params.request_state, context.session.client_capabilities)


async def _main() -> None:
    server = Everything().server()
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__" and sys.argv[1:] == ["stdio"]:
    asyncio.run(_main())
