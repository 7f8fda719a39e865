"""Checks the two kinds of tokens: an attempt's (EdDSA JWT, docs/architecture.md) and a user's (`sahur_…`)."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import jwt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sahur_core.errors import NotPermitted
from sahur_core.tools.wire import RECHECK_SUBJECT, RUN_SUBJECT, TOKEN_AUDIENCE
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.internal import Introspection
from sahur_mcp.proxy.questions import SharedQuestions

USER_TOKEN_PREFIX = "sahur_"  # noqa: S105 (a prefix, not a secret)
TEAM_HEADER = "X-Sahur-Team"
MAX_TOKEN_CHARS = 8192
MAX_USER_TOKEN_CHARS = 200
LEEWAY_SECONDS = 5
MAX_KEPT = 1000
_REQUIRED = ["aud", "sub", "exp", "team", "run", "tools"]

TokenRefused = NotPermitted
"""Raised with the reason, which is safe to tell the bearer."""


def _check_id(text: str) -> str:
    return text and str(UUID(text))


_Id = Annotated[str, AfterValidator(_check_id)]
"""A UUID, or empty."""


class _Claims(BaseModel):
    """What the server signs, for an attempt or for one call that is made again (`sahur/batch/tokens.py`)."""

    model_config = ConfigDict(strict=True)

    sub: str
    team: int
    run: _Id
    attempt: int | None
    repositories: list[str] | None
    """None: all of the team."""
    tools: list[str]
    trace: str = Field("", max_length=32)
    asked_by: str = ""

    def caller(self) -> Caller:
        """Raises `ValueError` for a subject that the other claims do not bear out."""
        kind, _, subject = self.sub.partition(":")
        repositories = None if self.repositories is None else frozenset(self.repositories)
        if kind == RUN_SUBJECT and subject and subject == self.run and self.attempt is not None and repositories is not None:
            return Caller(
                name=self.sub,
                team=self.team,
                repository_ids=repositories,
                tools=tuple(self.tools),
                run=self.run,
                attempt=self.attempt,
                trace_id=self.trace,
            )
        if kind == RECHECK_SUBJECT and UUID(subject) and self.attempt is None:
            return Caller(
                name=f"{self.sub} by {self.asked_by}"[:200],
                team=self.team,
                repository_ids=repositories,
                tools=tuple(self.tools),
                run=self.run,
                trace_id=self.trace,
                is_read_only=True,
                repeats=subject,
            )
        raise ValueError(f"no caller has the subject {kind}")


class TokenVerifier:
    """Turns a bearer token into a caller.

    `introspect` asks the server about a user's token. Its answer is never kept: what was revoked, ran out or was taken
    away counts for the next request. Requests that come while the server is being asked about the same token wait for
    the next question, which they share.
    """

    def __init__(self, public_key: str, introspect: Callable[[str], Awaitable[Introspection]]) -> None:
        self._public_key = public_key
        self._introspected = SharedQuestions(introspect)
        self._verified: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def verify(self, token: str, team: str = "") -> Caller:
        """The bearer. `team` is the id or the key of the team that a user of several teams wants to work in.

        Raises `TokenRefused`, and `GatewayUnavailable` if the server cannot be asked.
        """
        if not token or len(token) > MAX_TOKEN_CHARS:
            raise TokenRefused("The token is empty or too long.")
        if token.startswith(USER_TOKEN_PREFIX):
            return await self._verify_user(token, team)
        # What was signed stays signed, and nothing revokes it before its time: only that is looked at again.
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and known[0] > time.time() - LEEWAY_SECONDS:
            return known[1]
        expires_at, caller = self._verify_signed(token)
        self._verified[digest] = (expires_at, caller)
        if len(self._verified) > MAX_KEPT:
            self._verified.popitem(last=False)
        return caller

    def _verify_signed(self, token: str) -> tuple[float, Caller]:
        """When the token ends, in seconds since 1970, and its bearer."""
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
            return int(payload["exp"]), _Claims.model_validate(payload).caller()
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused("The token has expired.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise TokenRefused("The token is not valid here.") from error

    async def _verify_user(self, token: str, team: str) -> Caller:
        if len(token) > MAX_USER_TOKEN_CHARS:
            raise TokenRefused("The token is too long.")
        answer = await self._introspected.ask(token)
        if not answer.active or not answer.team_ids:
            raise TokenRefused("The token is unknown, revoked or expired, or its owner is in no team.")
        teams = ", ".join(answer.team_keys) or ", ".join(str(number) for number in answer.team_ids)
        if not team and len(answer.team_ids) > 1:
            raise TokenRefused(f"The owner of this token is in several teams ({teams}).", next_step=f"Name one in {TEAM_HEADER}.")
        wanted = str(answer.team_keys.get(team.upper(), team)) if team else str(answer.team_ids[0])
        if wanted not in {str(number) for number in answer.team_ids}:
            raise TokenRefused(f"The owner of this token is not in team {team[:20]}.", next_step=f"Name one of {teams}.")
        return Caller(name=f"user:{answer.user}"[:200], team=int(wanted), tools=tuple(answer.tools), token=answer.token)
