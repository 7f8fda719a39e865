"""A server that speaks OpenAI's chat completions: streaming, tool calls, usage, errors.

Form: https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.fakes.llm_server import LlmServer, Say, Script, pieces
from tests.fakes.prompt_caches import Counted, OpenAICache, tokens_in


class OpenAIServer(LlmServer):
    """`base_url` is what `SAHUR_MODEL_BASE_URL` would be."""

    path = "/v1/chat/completions"

    def __init__(self, script: Script, **options: Any) -> None:
        super().__init__(script, **options)
        self._cache = OpenAICache()

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def problem_with(self, body: dict[str, Any]) -> str:
        open_calls: set[str] = set()
        for message in body["messages"]:
            if message["role"] == "tool":
                if message["tool_call_id"] not in open_calls:
                    return "a tool message must follow the call that it answers"
                open_calls.discard(message["tool_call_id"])
            elif open_calls:
                return f"tool_call_ids did not have response messages: {sorted(open_calls)}"
            for call in message.get("tool_calls") or []:
                json.loads(call["function"]["arguments"])
                open_calls.add(call["id"])
        return f"tool_call_ids did not have response messages: {sorted(open_calls)}" if open_calls else ""

    def error(self, status: int, message: str, headers: dict[str, str], code: str = "") -> JSONResponse:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code or None}
        return JSONResponse({"error": error}, status_code=status, headers=headers)

    def error_event(self, kind: str) -> str:
        return f"data: {json.dumps({'error': {'message': 'scripted error', 'type': kind, 'code': None}})}\n\n"

    def too_long(self, size: int, limit: int) -> JSONResponse:
        told = f"This model's maximum context length is {limit} tokens. However, your messages resulted in {size} tokens."
        return self.error(400, told, {}, "context_length_exceeded")

    def size_of(self, body: dict[str, Any]) -> int:
        return tokens_in([*body.get("tools", []), *body["messages"]])

    def count(self, body: dict[str, Any]) -> Counted:
        return self._cache.count(body)

    def events(self, say: Say, counted: Counted, body: dict[str, Any]) -> list[str]:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        # Not OpenAI's own, but of many compatible servers.
        deltas += [{"reasoning_content": piece} for piece in pieces(say.thinking)]
        deltas += [{"refusal": piece} for piece in pieces(say.refusal)]
        deltas += [{"content": piece} for piece in pieces(say.text)]
        for index, (name, arguments) in enumerate(say.calls):
            # Each turn numbers its calls anew, as several compatible servers do.
            call = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
            deltas.append({"tool_calls": [call]})
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces(text)]
        chunks = [self._chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
        reason = "length" if say.is_cut else "tool_calls" if say.calls else "stop"
        chunks.append(self._chunk([{"index": 0, "delta": {}, "finish_reason": reason}]))
        if (body.get("stream_options") or {}).get("include_usage"):
            spent: dict[str, Any] = {"prompt_tokens": counted.total, "completion_tokens": 20, "total_tokens": counted.total + 20}
            spent["prompt_tokens_details"] = {"cached_tokens": counted.read, "audio_tokens": 0}
            chunks.append({**self._chunk([]), "usage": spent})
        return [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": self.model, "choices": choices}
