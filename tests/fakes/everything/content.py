"""Tools that answer at once, with each kind of content there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mcp.types as types

RED_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
"""A picture (PNG) of one pixel."""
SILENCE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA=="
"""A sound (WAV) of one sample."""

SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
"""All keywords of JSON Schema 2020-12 that the suites look for (SEP-1613, SEP-2106)."""

REGION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"region": {"type": "string", "default": "none", "x-mcp-header": "Region"}},
}
"""A client must repeat the argument in the header `Mcp-Param-Region` (SEP-2243)."""


def text(words: str) -> types.TextContent:
    return types.TextContent(type="text", text=words)


def image() -> types.ImageContent:
    return types.ImageContent(type="image", data=RED_DOT, mime_type="image/png")


def embedded(uri: str, mime_type: str, words: str) -> types.EmbeddedResource:
    contents = types.TextResourceContents(uri=uri, mime_type=mime_type, text=words)
    return types.EmbeddedResource(type="resource", resource=contents)


def answer(*blocks: types.ContentBlock, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=list(blocks), is_error=is_error)


ANSWERS: dict[str, Callable[[dict[str, Any]], types.CallToolResult]] = {
    "test_simple_text": lambda _: answer(text("This is a simple text response for testing.")),
    "test_image_content": lambda _: answer(image()),
    "test_audio_content": lambda _: answer(types.AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")),
    "test_embedded_resource": lambda _: answer(
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    ),
    "test_multiple_content_types": lambda _: answer(
        text("Multiple content types test:"),
        image(),
        embedded("test://mixed-content-resource", "application/json", '{"test": "data", "value": 123}'),
    ),
    "test_error_handling": lambda _: answer(text("This tool intentionally returns an error for testing"), is_error=True),
    "test_x_mcp_header": lambda arguments: answer(text(f"region={arguments.get('region', 'none')}")),
    "json_schema_2020_12_tool": lambda arguments: answer(text(f"{len(arguments)} arguments")),
}
SCHEMAS = {"json_schema_2020_12_tool": SCHEMA_2020_12, "test_x_mcp_header": REGION_SCHEMA}
