"""The door: no request reaches the MCP endpoint without a checked token."""

from __future__ import annotations

import json

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sahur_core.errors import GatewayUnavailable
from sahur_mcp.proxy.callers import Caller
from sahur_mcp.proxy.tokens import TEAM_HEADER, TokenRefused, TokenVerifier

CALLER_KEY = "sahur.caller"


class TokenGuard:
    """Puts the `Caller` into the ASGI scope, or answers 401 (RFC 6750), or 503 while tokens cannot be checked."""

    def __init__(self, app: ASGIApp, verifier: TokenVerifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise TokenRefused("A bearer token is needed.")
            scope[CALLER_KEY] = await self._verifier.verify(token.strip(), headers.get(TEAM_HEADER, ""))
        except TokenRefused as error:
            challenge = f'Bearer error="invalid_token", error_description="{str(error).replace(chr(34), "")}"'
            await _answer(401, str(error), {"WWW-Authenticate": challenge})(scope, receive, send)
            return
        except GatewayUnavailable as error:
            await _answer(503, str(error), {"Retry-After": "5"})(scope, receive, send)
            return
        await self._app(scope, receive, send)


def caller_of(scope: Scope) -> Caller:
    """Who sent the request that this scope belongs to."""
    caller = scope[CALLER_KEY]
    if not isinstance(caller, Caller):
        raise TypeError("the request did not pass the guard")
    return caller


def _answer(status: int, message: str, headers: dict[str, str]) -> Response:
    body = json.dumps({"error": "invalid_token" if status == 401 else "unavailable", "error_description": message})
    return Response(body, status, headers, media_type="application/json")
