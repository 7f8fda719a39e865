"""What an upstream says over HTTP instead of an answer, put into the protocol so that the caller hears it.

The SDK's client takes an error of HTTP over only if its body is a whole JSON-RPC error; of any other it tells "Server
returned an error response". So a server that refuses a session it has forgotten, but leaves out `id` (the example that
many servers are copied from does so), is never connected anew; and a model cannot know that it should wait.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import httpx2
from mcp.types import INTERNAL_ERROR

from sahur_mcp.proxy.http_losses import Loss, PatientStream, as_answer, lost

MAX_BODY_BYTES = 64_000
MAX_TOLD_CHARS = 300
_TELLING = frozenset({401, 403, 429})
"""Together with all server errors. What other statuses mean (400 and 404: no such session, method or protocol) the SDK
judges better than we."""


_BETWEEN = frozenset({502, 504})
"""What proxies say when the server behind them broke off or did not answer: it may have done what it was asked."""


class TellingClient(httpx2.AsyncClient):
    """An HTTP client for the SDK's transport. Answers to its requests with errors are read to their end, but bounded."""

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        try:
            response = await super().send(request, **options)
        except httpx2.TransportError as error:
            answer = as_answer(request, error)
            if answer is None:
                raise
            return answer
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = PatientStream(response.stream)
        if request.method != "POST" or response.status_code < 400:
            return response
        body = await _read(response)
        told = _as_protocol(response, body)
        if response.status_code in _BETWEEN and not _is_protocol(body) and (answer := lost(request, Loss.NO_ANSWER)):
            return answer
        headers = {"content-type": "application/json" if told is not None else response.headers.get("content-type", "")}
        return httpx2.Response(response.status_code, headers=headers, content=told or body, request=request)


async def _read(response: httpx2.Response) -> bytes:
    body = b""
    try:
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAX_BODY_BYTES:
                break
    finally:
        await response.aclose()
    return body[:MAX_BODY_BYTES]


def _as_protocol(response: httpx2.Response, body: bytes) -> bytes | None:
    """A whole JSON-RPC error, or None for what should stay as it is."""
    found = _parsed(body)
    if _is_protocol(body):
        return json.dumps({"jsonrpc": "2.0", "id": found.get("id"), "error": found["error"]}).encode()
    if response.status_code not in _TELLING and response.status_code < 500:
        return None
    error = {"code": INTERNAL_ERROR, "message": _in_words(response, found, body), "data": {"http_status": response.status_code}}
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()


def _is_protocol(body: bytes) -> bool:
    """Whether it is the server itself that speaks."""
    found = _parsed(body)
    return isinstance(found, dict) and isinstance(found.get("error"), dict) and "code" in found["error"]


def _in_words(response: httpx2.Response, found: Any, body: bytes) -> str:
    try:
        words = f"HTTP {response.status_code} ({HTTPStatus(response.status_code).phrase})"
    except ValueError:
        words = f"HTTP {response.status_code}"
    wait = response.headers.get("retry-after", "")
    if wait:
        words += f", try again {f'in {wait} s' if wait.isdigit() else f'after {wait[:40]}'}"
    is_text = response.headers.get("content-type", "").startswith("text/plain")
    told = json.dumps(found) if found is not None else body.decode(errors="replace").strip() if is_text else ""
    return f"{words}: {told[:MAX_TOLD_CHARS]}" if told else words


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
