"""A bare MCP client: hand-made JSON-RPC over kept-alive connections, so that what is measured is the other side.

Both eras of the protocol: `modern` (2026-07-28, no session) and `legacy` (2025-11-25, one session for each caller).
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.benchmarks.gateway.upstream import LOG

MODERN, LEGACY = "2026-07-28", "2025-11-25"
ERAS = {"modern": MODERN, "legacy": LEGACY}
TIMEOUT_SECONDS = 60.0

CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "echo": ({"message": "hello"}, "hello"),
    "logs": ({"service": "booking", "limit": 200}, LOG),
}
"""By the short name of a tool: what it is called with, and what it must answer."""

_INFO = {"name": "benchmark", "version": "1"}
_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": _INFO,
}


class WrongAnswer(Exception):
    """The answer is not what the upstream said."""


@dataclass(frozen=True)
class Door:
    """Where and how a gateway is called."""

    url: str
    tools: dict[str, str]
    """By short name (`echo`, `logs`) what the tool is called there."""
    tokens: tuple[str, ...] = ()
    """Concurrent callers take them in turn: several, where one bearer may only have so many requests under way."""


class Caller:
    """One of the concurrent callers of a door."""

    def __init__(self, http: httpx2.AsyncClient, door: Door, era: str, number: int = 0) -> None:
        """`number`: which of the concurrent callers it is."""
        self._http = http
        self._door = door
        self._era = era
        self._ids = itertools.count(1)
        self._headers = {"MCP-Protocol-Version": ERAS[era]}
        if door.tokens:
            self._headers["Authorization"] = f"Bearer {door.tokens[number % len(door.tokens)]}"

    async def open(self) -> None:
        """The handshake, where the era has one."""
        if self._era == "modern":
            return
        parameters = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": _INFO}
        response = await self._post("initialize", parameters, self._headers)
        if session := response.headers.get("mcp-session-id"):
            self._headers["mcp-session-id"] = session
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        (await self._http.post(self._door.url, json=note, headers=self._headers)).raise_for_status()

    async def call(self, tool: str) -> None:
        """Call and check the answer. Raises `WrongAnswer` and what httpx2 raises."""
        arguments, expected = CALLS[tool]
        parameters: dict[str, Any] = {"name": self._door.tools[tool], "arguments": arguments}
        headers = self._headers
        if self._era == "modern":
            parameters["_meta"] = _META
            headers = {**headers, "Mcp-Method": "tools/call", "Mcp-Name": self._door.tools[tool]}
        response = await self._post("tools/call", parameters, headers)
        _check(response, expected)

    async def close(self) -> None:
        if "mcp-session-id" in self._headers:
            await self._http.delete(self._door.url, headers=self._headers)

    async def _post(self, method: str, parameters: dict[str, Any], headers: dict[str, str]) -> httpx2.Response:
        message = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": parameters}
        response = await self._http.post(self._door.url, json=message, headers=headers)
        if response.status_code != 200:
            raise WrongAnswer(f"{method}: status {response.status_code} {response.text[:200]}")
        return response


def http_client() -> httpx2.AsyncClient:
    """One for all callers of a door, with as many connections as they want, kept alive."""
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    # Shorter than what servers wait: nobody is to meet a connection on its end after the others had their turns.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=3)
    return httpx2.AsyncClient(headers=headers, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False)


def _check(response: httpx2.Response, expected: str) -> None:
    message = _last_message(response)
    result = message.get("result") or {}
    text = "".join(block.get("text", "") for block in result.get("content", ()))
    if result.get("isError") or text != expected:
        raise WrongAnswer(f"{len(text)} characters instead of {len(expected)}: {json.dumps(message)[:300]}")


def _last_message(response: httpx2.Response) -> dict[str, Any]:
    """The answer itself: the body, or the last event that holds a message."""
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        return dict(response.json())
    data = [line[5:] for line in response.text.split("\n") if line.startswith("data:") and len(line) > 8]
    if not data:
        raise WrongAnswer("no answer in the stream")
    return dict(json.loads(data[-1]))
