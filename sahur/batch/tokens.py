"""The tokens by which the gateway knows who calls it: an attempt, or a person who has one call made again."""

from __future__ import annotations

import glob
import time
from typing import Any

import jwt
from django.conf import settings

from sahur.issues import models
from sahur.issues.services.runs import Claim
from sahur_core.errors import GatewayUnavailable
from sahur_core.tools.wire import RECHECK_SUBJECT, RUN_SUBJECT, TOKEN_AUDIENCE
from sahur_core.trace import current_trace_id

LIFETIME_SECONDS = 600
RENEW_SECONDS = 300
RECHECK_SECONDS = 120


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
    """An attempt's token. Raises `GatewayUnavailable` where no key is configured."""
    run = claim.run
    claims = {
        "sub": f"{RUN_SUBJECT}:{run.id}",
        "team": run.issue.team_id,
        "run": str(run.id),
        "attempt": claim.attempt,
        "repositories": _repositories(run),
        "tools": ["*"],
        "trace": run.trace_id,
    }
    return _signed(claims, LIFETIME_SECONDS)


def sign_recheck(receipt: models.Receipt, asked_by: str) -> str:
    """A token for the call of this receipt and no other, which the gateway makes only if it only reads.

    It sees what the first call could see: the repository of its run, or all of the team where there was no run. Raises
    `GatewayUnavailable` where no key is configured.
    """
    claims = {
        "sub": f"{RECHECK_SUBJECT}:{receipt.id}",
        "asked_by": asked_by,
        "team": receipt.team_id,
        "run": str(receipt.run_id or ""),
        "attempt": None,
        "repositories": _repositories(receipt.run) if receipt.run else None,
        # A name may hold what means something in a glob.
        "tools": [glob.escape(receipt.tool)],
        "trace": current_trace_id(),
    }
    return _signed(claims, RECHECK_SECONDS)


def _repositories(run: models.Run) -> list[str]:
    return [str(run.issue.repository_id)] if run.issue.repository_id else []


def _signed(claims: dict[str, Any], seconds: int) -> str:
    """An EdDSA JSON Web Token (RFC 8037); the gateway holds only the public key."""
    if not settings.TOKEN_PRIVATE_KEY:
        raise GatewayUnavailable("No key to sign gateway tokens with.", next_step="Set SAHUR_TOKEN_PRIVATE_KEY.")
    now = int(time.time())
    whole = {"iss": "sahur", "aud": TOKEN_AUDIENCE, "iat": now, "exp": now + seconds, **claims}
    return jwt.encode(whole, settings.TOKEN_PRIVATE_KEY, algorithm="EdDSA")
