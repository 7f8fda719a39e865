"""Tools that talk to the client while they run: messages, progress, questions to its model and its person (older protocol)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp.types as types
from mcp import MCPError
from mcp.server import ServerRequestContext

from tests.fakes.everything.content import answer, text

Context = ServerRequestContext[Any, Any]
PAUSE_SECONDS = 0.05


async def log(context: Context, words: str) -> None:
    await context.session.send_log_message("info", words, related_request_id=context.request_id)


async def logging(context: Context, _arguments: dict[str, Any]) -> types.CallToolResult:
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await log(context, words)
        await anyio.sleep(PAUSE_SECONDS)
    return answer(text("Tool with logging executed successfully"))


async def progress(context: Context, _arguments: dict[str, Any]) -> types.CallToolResult:
    for done in (0, 50, 100):
        await context.session.report_progress(done, 100, f"Completed step {done} of 100")
        await anyio.sleep(PAUSE_SECONDS)
    return answer(text(str((context.meta or {}).get("progress_token", 0))))


async def sampling(context: Context, arguments: dict[str, Any]) -> types.CallToolResult:
    messages = [types.SamplingMessage(role="user", content=text(arguments["prompt"]))]
    told = await context.session.create_message(messages, max_tokens=100, related_request_id=context.request_id)
    return answer(text(f"LLM response: {told.content.text if isinstance(told.content, types.TextContent) else 'none'}"))


def elicitation(message: str, schema: dict[str, Any]) -> Callable[[Context, dict[str, Any]], Awaitable[types.CallToolResult]]:
    """A tool that asks the person at the client to fill in a form."""

    async def ask(context: Context, arguments: dict[str, Any]) -> types.CallToolResult:
        words = arguments.get("message", message)
        told = await context.session.elicit_form(words, schema, related_request_id=context.request_id)
        return answer(text(f"User response: action={told.action}, content={json.dumps(told.content or {})}"))

    return ask


async def reconnection(context: Context, _arguments: dict[str, Any]) -> types.CallToolResult:
    """Hangs up in the middle of the call; the client has to come back for the answer (SEP-1699)."""
    await log(context, "Before disconnect")
    if context.close_sse_stream is not None:
        await context.close_sse_stream()
    await anyio.sleep(4 * PAUSE_SECONDS)
    await log(context, "After reconnect")
    return answer(text("Reconnection test completed"))


async def needs_sampling(context: Context, _arguments: dict[str, Any]) -> types.CallToolResult:
    """Refuses a client that has not declared that it can ask a model (an error of the protocol, not of the tool)."""
    declared = context.session.client_capabilities
    if declared is None or declared.sampling is None:
        needed = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, "This tool needs the client's capability 'sampling'", needed)
    return answer(text("The client can ask a model."))


def form(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


DEFAULTS = form(
    name={"type": "string", "default": "John Doe"},
    age={"type": "integer", "default": 30},
    score={"type": "number", "default": 95.5},
    status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    verified={"type": "boolean", "default": True},
)
_LEVELS = [{"const": level.lower(), "title": f"{level} Priority"} for level in ("Low", "Medium", "High")]
_TOPICS = [{"const": name, "title": title} for name, title in (("feature", "Feature"), ("bug", "Bug"), ("docs", "Documents"))]
ENUMS = form(
    untitledSingle={"type": "string", "enum": ["active", "inactive", "pending"]},
    titledSingle={"type": "string", "oneOf": _LEVELS},
    untitledMulti={"type": "array", "items": {"type": "string", "enum": ["read", "write", "execute"]}},
    titledMulti={"type": "array", "items": {"anyOf": _TOPICS}},
    legacyEnum={"type": "string", "enum": ["small", "large"], "enumNames": ["Small Size", "Large Size"]},
)

TALKS: dict[str, Callable[[Context, dict[str, Any]], Awaitable[types.CallToolResult]]] = {
    "test_tool_with_logging": logging,
    "test_logging_tool": logging,
    "test_tool_with_progress": progress,
    "test_sampling": sampling,
    "test_elicitation": elicitation("Please answer", form(response={"type": "string"})),
    "test_elicitation_sep1034_defaults": elicitation("Please provide user information", DEFAULTS),
    "test_elicitation_sep1330_enums": elicitation("Please select values", ENUMS),
    "test_reconnection": reconnection,
    "test_missing_capability": needs_sampling,
}
SCHEMAS = {"test_sampling": form(prompt={"type": "string"}), "test_elicitation": form(message={"type": "string"})}
