"""A server that speaks Anthropic's Messages API: streaming, tool use, usage, errors.

Form: https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.fakes.llm_server import LlmServer, Say, pieces

ERROR_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class AnthropicServer(LlmServer):
    """`base_url` is what `SAHUR_MODEL_BASE_URL` would be."""

    path = "/v1/messages"

    @property
    def base_url(self) -> str:
        return self.origin

    def key_of(self, request: Request) -> str:
        # Version 2 of the client sends a bearer token, version 1 a header of its own.
        return request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")

    def problem_with(self, body: dict[str, Any]) -> str:
        if not body.get("max_tokens"):
            return "max_tokens: field required"
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

    def error(self, status: int, message: str, headers: dict[str, str]) -> JSONResponse:
        error = {"type": ERROR_TYPES.get(status, "api_error"), "message": message}
        return JSONResponse({"type": "error", "error": error}, status_code=status, headers=headers)

    def events(self, say: Say, body: dict[str, Any]) -> list[str]:
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 100, "output_tokens": 1},
        }
        events: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
        if say.text:
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(say.text)]
            events += _block(0, {"type": "text", "text": ""}, deltas)
        for index, (name, arguments) in enumerate(say.calls, 1 if say.text else 0):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(text)]
            events += _block(index, {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}, deltas)
        stop = {"stop_reason": "tool_use" if say.calls else "end_turn", "stop_sequence": None}
        events.append({"type": "message_delta", "delta": stop, "usage": {"input_tokens": 100, "output_tokens": 20}})
        events.append({"type": "message_stop"})
        return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]


def _block(index: int, start: dict[str, Any], deltas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    begun = {"type": "content_block_start", "index": index, "content_block": start}
    told = [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    return [begun, *told, {"type": "content_block_stop", "index": index}]
