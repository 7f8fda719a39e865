"""Checks the two kinds of tokens: an attempt's (EdDSA JWT, docs/architecture.md) and a user's (`sahur_…`)."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from sahur_core.errors import NotPermitted
from sahur_core.tools.wire import TOKEN_AUDIENCE
from sahur_mcp.proxy.callers import Caller
from sahur_mcp.proxy.internal import Introspection

USER_TOKEN_PREFIX = "sahur_"  # noqa: S105 (a prefix, not a secret)
TEAM_HEADER = "X-Sahur-Team"
MAX_TOKEN_CHARS = 8192
LEEWAY_SECONDS = 5
_REQUIRED = ["aud", "sub", "exp", "team", "run", "attempt", "repositories", "tools"]

TokenRefused = NotPermitted
"""Raised with the reason, which is safe to tell the bearer."""


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True)

    sub: str
    team: int
    run: str
    attempt: int
    repositories: list[str]
    tools: list[str]
    trace: str = ""


class TokenVerifier:
    """Turns a bearer token into a caller.

    `introspect` asks the server about a user's token; its answer holds for `cache_seconds`, so that revoking a token
    takes effect within that time.
    """

    def __init__(
        self,
        public_key: str,
        introspect: Callable[[str], Awaitable[Introspection]],
        *,
        cache_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._public_key = public_key
        self._introspect = introspect
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Introspection]] = OrderedDict()

    async def verify(self, token: str, team: str = "") -> Caller:
        """The bearer. `team` is the id of the team that a user of several teams wants to work in.

        Raises `TokenRefused`, and `GatewayUnavailable` if the server cannot be asked.
        """
        if not token or len(token) > MAX_TOKEN_CHARS:
            raise TokenRefused("The token is empty or too long.")
        if token.startswith(USER_TOKEN_PREFIX):
            return await self._verify_user(token, team)
        return self._verify_attempt(token)

    def _verify_attempt(self, token: str) -> Caller:
        if not self._public_key:
            raise TokenRefused("This gateway has no key to check the tokens of runs with (SAHUR_TOKEN_PUBLIC_KEY).")
        try:
            # The algorithm is ours to choose, never the token's.
            payload = jwt.decode(
                token,
                self._public_key,
                algorithms=["EdDSA"],
                audience=TOKEN_AUDIENCE,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
            claims = _Claims.model_validate(payload)
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused("The token has expired.") from error
        except (jwt.PyJWTError, ValidationError) as error:
            raise TokenRefused("The token is not valid here.") from error
        if claims.sub != f"run:{claims.run}":
            raise TokenRefused("The token contradicts itself.")
        return Caller(
            name=claims.sub,
            team=claims.team,
            repository_ids=frozenset(claims.repositories),
            tools=tuple(claims.tools),
            run=claims.run,
            attempt=claims.attempt,
            trace_id=claims.trace,
        )

    async def _verify_user(self, token: str, team: str) -> Caller:
        digest = hashlib.sha256(token.encode()).hexdigest()
        known = self._known.get(digest)
        if known is None or known[0] <= self._clock():
            known = (self._clock() + self._cache_seconds, await self._introspect(token))
            self._known[digest] = known
            self._known.move_to_end(digest)
            while len(self._known) > 1000:
                self._known.popitem(last=False)
        answer = known[1]
        if not answer.active or not answer.team_ids:
            raise TokenRefused("The token is unknown, revoked or expired, or its owner is in no team.")
        if not team and len(answer.team_ids) > 1:
            teams = ", ".join(str(number) for number in answer.team_ids)
            raise TokenRefused(f"The owner of this token is in several teams ({teams}).", next_step=f"Name one in {TEAM_HEADER}.")
        wanted = team or str(answer.team_ids[0])
        if wanted not in {str(number) for number in answer.team_ids}:
            raise TokenRefused(f"The owner of this token is not in team {wanted[:20]}.")
        return Caller(name=f"user:{answer.user}"[:200], team=int(wanted))
