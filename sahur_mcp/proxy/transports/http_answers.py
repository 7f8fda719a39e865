"""What an upstream says over HTTP instead of an answer, put into the protocol so that the caller hears it.

The SDK's client takes an error of HTTP over only if its body is a whole JSON-RPC error; of any other it tells "Server
returned an error response". So a server that refuses a session it has forgotten, but leaves out `id` (the example that
many servers are copied from does so), is never connected anew; and a model cannot know that it should wait.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

import httpx2
from mcp.types import INTERNAL_ERROR

from sahur_mcp.proxy.transports.http_losses import Loss, PatientStream, as_answer, id_of, lost

MAX_BODY_BYTES = 64_000
"""Of an error."""
MAX_ANSWER_BYTES = 16_000_000
"""Of an answer that comes in one piece, as of an event of a stream: the SDK would read it however long it is."""
MAX_TOLD_CHARS = 300
_ENCODINGS = frozenset(["", "identity", "gzip", "deflate"])
"""Newer ones can make gigabytes of a few bytes, before anybody could stop them."""
# How servers of the older protocol say, each in its own words and with its own code, that they forgot our session.
NO_SESSION = re.compile(r"session (id )?(was )?(terminated|not found|expired|unknown)|(no valid|unknown|invalid) session", re.I)
_OF_THE_BODY = frozenset(["content-encoding", "content-length", "transfer-encoding"])
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
        if request.method != "POST":
            return response
        if response.status_code < 400:
            is_whole = response.headers.get("content-type", "").lower().startswith("application/json")
            return await _whole(request, response) if is_whole else response
        body = await _read(response, MAX_BODY_BYTES)
        told = _as_protocol(response, body)
        if response.status_code in _BETWEEN and not _is_protocol(body) and (answer := lost(request, Loss.NO_ANSWER)):
            return answer
        if _is_protocol(body) and NO_SESSION.search(body.decode(errors="replace")) and (answer := lost(request, Loss.NOT_SENT)):
            return answer
        headers = {"content-type": "application/json" if told is not None else response.headers.get("content-type", "")}
        return httpx2.Response(response.status_code, headers=headers, content=told or body, request=request)


async def _whole(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    """The response with its body, or an error of the protocol in its place where that is too long or broke off."""
    try:
        body = await _read(response, MAX_ANSWER_BYTES)
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        answer = lost(request, Loss.NO_ANSWER)
        if answer is None:
            raise httpx2.ReadError(str(error), request=request) from error
        return answer
    if len(body) > MAX_ANSWER_BYTES:
        told = {"code": INTERNAL_ERROR, "message": f"its answer is longer than {MAX_ANSWER_BYTES} bytes"}
        return httpx2.Response(200, json={"jsonrpc": "2.0", "id": id_of(request), "error": told}, request=request)
    headers = {name: value for name, value in response.headers.items() if name not in _OF_THE_BODY}
    return httpx2.Response(response.status_code, headers=headers, content=body, request=request)


async def _read(response: httpx2.Response, most: int) -> bytes:
    """The body, or its first `most` bytes and one more."""
    parts, size = [], 0
    try:
        if response.headers.get("content-encoding", "").lower() not in _ENCODINGS:
            raise httpx2.DecodingError("an encoding of the body that was not asked for", request=response.request)
        async for part in response.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > most:
                break
    finally:
        await response.aclose()
    return b"".join(parts)[: most + 1]


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
    except (ValueError, RecursionError):
        return None
