"""Halves of surrogate pairs, which a server may send where it splits a character: nothing after us can store them."""

from __future__ import annotations

import re
from typing import Any

from langchain_core.messages import AIMessageChunk

_HALF = re.compile("[\ud800-\udfff]")
# In JSON text: an escaped backslash and a whole pair are passed over; what is left of the second kind is half a pair.
_ESCAPED = re.compile(r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})")


def whole_characters(text: str) -> str:
    """The text with the halves that belong together joined, and the others replaced (U+FFFD)."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _HALF.search(text) else text


def with_whole_characters(streamed: AIMessageChunk) -> AIMessageChunk:
    """The streamed message, in its text and in the calls of tools."""
    calls = [{**call, "name": _mended(call["name"]), "args": _escapes_mended(call["args"])} for call in streamed.tool_call_chunks]
    content = _mended(streamed.content)
    if calls == streamed.tool_call_chunks and content == streamed.content:
        return streamed
    # Made anew: the calls are parsed from their pieces.
    kept = streamed.model_dump(exclude={"type", "content", "tool_calls", "invalid_tool_calls", "tool_call_chunks"})
    return AIMessageChunk(content=content, tool_call_chunks=calls, **kept)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, list):
        return [_mended(inner) for inner in value]
    return {name: _mended(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _escapes_mended(arguments: str | None) -> str | None:
    return _ESCAPED.sub(_unless_half, whole_characters(arguments)) if arguments else arguments


def _unless_half(match: re.Match[str]) -> str:
    return "\\ufffd" if match[1] else match[0]
