"""The door: no request reaches the MCP endpoint without a checked token."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sahur_core.errors import GatewayUnavailable
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.clients.namespace import Namespace
from sahur_mcp.proxy.tokens import TEAM_HEADER, TokenRefused, TokenVerifier

MAX_OPEN_REQUESTS = 64
"""Of one caller at once: whoever asks for more waits, so that one busy client leaves room for the others."""
_KEY = "sahur.admission"


@dataclass(frozen=True)
class Admission:
    """Who came in, and at which address: the common one, or that of one upstream."""

    caller: Caller
    namespace: Namespace


_current: ContextVar[Admission | None] = ContextVar("admission", default=None)


class TokenGuard:
    """Puts the `Admission` into the ASGI scope, or answers 401 (RFC 6750), or 503 while tokens cannot be checked."""

    def __init__(self, app: ASGIApp, verifier: TokenVerifier, is_upstream: Callable[[str], bool]) -> None:
        self._app = app
        self._verifier = verifier
        self._is_upstream = is_upstream
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # White space around a value is no part of it (RFC 9110, section 5.5), and the parser leaves what is at the end.
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise TokenRefused("A bearer token is needed.")
            caller = await self._verifier.verify(token.strip(), headers.get(TEAM_HEADER, ""))
        except TokenRefused as error:
            challenge = f'Bearer error="invalid_token", error_description="{str(error).replace(chr(34), "")}"'
            await _answer(401, "invalid_token", str(error), {"WWW-Authenticate": challenge})(scope, receive, send)
            return
        except GatewayUnavailable as error:
            await _answer(503, "unavailable", str(error), {"Retry-After": "5"})(scope, receive, send)
            return
        only = scope.get("path_params", {}).get("upstream", "")
        if only and not self._is_upstream(only):
            await _answer(404, "not_found", f"There is no upstream {only[:40]!r}.", {})(scope, receive, send)
            return
        await self._let_in(Admission(caller, Namespace(only)), scope, receive, send)

    async def _let_in(self, admission: Admission, scope: Scope, receive: Receive, send: Send) -> None:
        caller = f"{admission.caller.team}|{admission.caller.name}"
        if self._open[caller] >= MAX_OPEN_REQUESTS:
            message = f"{MAX_OPEN_REQUESTS} requests of yours are under way. Wait until some have ended."
            await _answer(429, "too_many_requests", message, {"Retry-After": "1"})(scope, receive, send)
            return
        scope[_KEY] = admission
        # The SDK binds a session to this identity: nobody else can use it, not even with its id.
        identity = f"{caller}|{admission.caller.token}|{admission.namespace.only}"
        scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=identity, scopes=[]))
        reset = _current.set(admission)
        self._open[caller] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            _current.reset(reset)
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]


def admission_of(scope: Scope) -> Admission:
    """Who sent the request that this scope belongs to."""
    admission = scope[_KEY]
    if not isinstance(admission, Admission):
        raise TypeError("the request did not pass the guard")
    return admission


def current_admission() -> Admission | None:
    """The same, where the SDK gives us no request."""
    return _current.get()


def _answer(status: int, error: str, message: str, headers: dict[str, str]) -> Response:
    body = json.dumps({"error": error, "error_description": message})
    return Response(body, status, headers, media_type="application/json")
