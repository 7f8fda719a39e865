"""How the gateway and its upstreams are, asked of it with the server's own token and kept for some seconds."""

from __future__ import annotations

import logging
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import httpx2
from django.conf import settings
from django.core.cache import cache as kept
from pydantic import ValidationError
from redis.exceptions import RedisError

from sahur_core.errors import GatewayUnavailable
from sahur_core.tools.gateway_status import GatewayStatus

log = logging.getLogger(__name__)

ASK_SECONDS = 2.0
"""It reads what it knows anyway; a page does not wait for one that hangs."""
KEPT_SECONDS = 5
"""Also where there was no answer, so that a gateway which hangs holds up one reader in five seconds."""


def read_status(*, with_tools: bool = False) -> GatewayStatus:
    """The gateway as it was at most `KEPT_SECONDS` ago. Raises `GatewayUnavailable` with what to do."""
    key = f"gateway-status:{'tools' if with_tools else 'short'}"
    try:
        found = kept.get(key)
    except (RedisError, OSError) as error:
        log.warning("what is kept of the gateway's status cannot be read: %s", error)
        found = None
    if found is None:
        found = _ask(with_tools=with_tools)
        try:
            kept.set(key, found, KEPT_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("the gateway's status cannot be kept: %s", error)
    body, problem = found
    if problem:
        raise GatewayUnavailable(problem, next_step="Look at the gateway's log, and at SAHUR_MCP_URL and SAHUR_INTERNAL_TOKEN.")
    return GatewayStatus.model_validate_json(body)


@cache
def _client() -> httpx2.Client:
    return httpx2.Client(timeout=ASK_SECONDS, follow_redirects=False, trust_env=False)


def _ask(*, with_tools: bool) -> tuple[str, str]:
    """What it answered, or else why there is nothing."""
    if not settings.INTERNAL_TOKEN:
        return "", "SAHUR_INTERNAL_TOKEN is not set, so the gateway was not asked."
    headers = {"Authorization": f"Bearer {settings.INTERNAL_TOKEN}"}
    try:
        answer = _client().get(_address(), params={"tools": "true"} if with_tools else {}, headers=headers)
    except httpx2.HTTPError as error:
        log.warning("the gateway tells no status: %s", error)
        return "", "The gateway does not answer."
    if answer.status_code == 401:
        return "", "The gateway does not know this server: SAHUR_INTERNAL_TOKEN is not the same on both sides."
    try:
        GatewayStatus.model_validate_json(answer.content)
    except ValidationError:
        return "", f"What answers at the gateway's address is no gateway of this version (HTTP {answer.status_code})."
    return answer.text, ""


def _address() -> str:
    """Beside the MCP endpoint of `SAHUR_MCP_URL`."""
    whole = urlsplit(settings.MCP_URL)
    path = whole.path.rstrip("/").removesuffix("/mcp")
    return str(urlunsplit((whole.scheme, whole.netloc, f"{path}/status", "", "")))
