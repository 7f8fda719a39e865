"""The token by which the gateway knows which attempt calls it, and what that attempt may read."""

from __future__ import annotations

import time

import jwt
from django.conf import settings

from sahur.issues.services.runs import Claim
from sahur_core.errors import GatewayUnavailable
from sahur_core.tools.wire import TOKEN_AUDIENCE

LIFETIME_SECONDS = 600
RENEW_SECONDS = 300


class AttemptToken:
    """Gives the attempt's current token, renewed when half of its life is over, or when the host's clock has jumped."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._token = ""
        self._signed_at = float("-inf")
        self._issued_at = 0.0

    def __call__(self) -> str:
        """Raises `GatewayUnavailable` where no key is configured."""
        now, clock = time.monotonic(), time.time()
        # The gateway compares the token with its clock, so one from before a jump would be expired or not valid yet.
        if now - self._signed_at > RENEW_SECONDS or not 0 <= clock - self._issued_at <= RENEW_SECONDS:
            self._token, self._signed_at, self._issued_at = sign(self._claim), now, clock
        return self._token


def sign(claim: Claim) -> str:
    """An EdDSA JSON Web Token (RFC 8037); the gateway holds only the public key."""
    if not settings.TOKEN_PRIVATE_KEY:
        raise GatewayUnavailable("No key to sign gateway tokens with.", next_step="Set SAHUR_TOKEN_PRIVATE_KEY.")
    run = claim.run
    now = int(time.time())
    claims = {
        "iss": "sahur",
        "aud": TOKEN_AUDIENCE,
        "sub": f"run:{run.id}",
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "team": run.issue.team_id,
        "run": str(run.id),
        "attempt": claim.attempt,
        "repositories": [str(run.issue.repository_id)] if run.issue.repository_id else [],
        "tools": ["*"],
        "trace": run.trace_id,
    }
    return jwt.encode(claims, settings.TOKEN_PRIVATE_KEY, algorithm="EdDSA")
