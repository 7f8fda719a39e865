"""A server that speaks Anthropic's Messages API: streaming, tool use, usage, errors.

Form: https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.fakes.llm_server import LlmServer, Say, Script, pieces
from tests.fakes.prompt_caches import MOST_BREAKPOINTS, AnthropicCache, Counted, anthropic_blocks, tokens_in

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class AnthropicServer(LlmServer):
    """`base_url` is what `SAHUR_MODEL_BASE_URL` would be."""

    path = "/v1/messages"

    def __init__(self, script: Script, **options: Any) -> None:
        super().__init__(script, **options)
        self._cache = AnthropicCache()

    @property
    def base_url(self) -> str:
        return self.origin

    def key_of(self, request: Request) -> str:
        # Version 2 of the client sends a bearer token, version 1 a header of its own.
        return request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")

    def problem_with(self, body: dict[str, Any]) -> str:
        if not body.get("max_tokens"):
            return "max_tokens: field required"
        marks = [block for block in anthropic_blocks(body) if "cache_control" in block]
        if len(marks) > MOST_BREAKPOINTS:
            return f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. Found {len(marks)}."
        awaited: set[str] = set()
        for message in body["messages"]:
            blocks = message["content"] if isinstance(message["content"], list) else []
            results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
            if results != awaited:
                return f"tool_use ids were found without tool_result blocks immediately after: {sorted(awaited ^ results)}"
            awaited = {block["id"] for block in blocks if block["type"] == "tool_use"}
            if any(block["type"] == "text" and not block["text"] for block in blocks):
                return "text content blocks must be non-empty"
        return f"tool_use ids were found without tool_result blocks: {sorted(awaited)}" if awaited else ""

    def error(self, status: int, message: str, headers: dict[str, str], code: str = "") -> JSONResponse:
        error = {"type": code or ERROR_TYPES.get(status, "api_error"), "message": message}
        return JSONResponse({"type": "error", "error": error}, status_code=status, headers=headers)

    def error_event(self, kind: str) -> str:
        told = {"type": "error", "error": {"type": kind, "message": "scripted error"}}
        return f"event: error\ndata: {json.dumps(told)}\n\n"

    def too_long(self, size: int, limit: int) -> JSONResponse:
        return self.error(400, f"prompt is too long: {size} tokens > {limit} maximum", {})

    def size_of(self, body: dict[str, Any]) -> int:
        return tokens_in(anthropic_blocks(body))

    def count(self, body: dict[str, Any]) -> Counted:
        return self._cache.count(body)

    def events(self, say: Say, counted: Counted, body: dict[str, Any]) -> list[str]:
        # Anthropic counts what was read from the cache, or written to it, apart from the rest.
        usage = {
            "input_tokens": counted.total - counted.read - counted.written,
            "cache_read_input_tokens": counted.read,
            "cache_creation_input_tokens": counted.written,
        }
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {**usage, "output_tokens": 1},
        }
        events: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
        if say.thinking:
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(say.thinking)]
            signed = [*deltas, {"type": "signature_delta", "signature": "c2lnbmVk"}]
            events += _block(0, {"type": "thinking", "thinking": "", "signature": ""}, signed)
        if say.text:
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(say.text)]
            events += _block(1, {"type": "text", "text": ""}, deltas)
        for index, (name, arguments) in enumerate(say.calls, 2):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(text)]
            events += _block(index, {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}, deltas)
        reason = "refusal" if say.refusal else "max_tokens" if say.is_cut else "tool_use" if say.calls else "end_turn"
        stop: dict[str, Any] = {"stop_reason": reason, "stop_sequence": None}
        if say.refusal:
            stop["stop_details"] = {"type": "refusal", "category": "cyber", "explanation": say.refusal}
        events.append({"type": "message_delta", "delta": stop, "usage": {**usage, "output_tokens": 20}})
        events.append({"type": "message_stop"})
        return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]


def _block(index: int, start: dict[str, Any], deltas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    begun = {"type": "content_block_start", "index": index, "content_block": start}
    told = [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    return [begun, *told, {"type": "content_block_stop", "index": index}]
