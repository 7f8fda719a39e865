"""Vendors' exceptions as ours: what went wrong, whether trying again helps, and what to do about it.

The vendors' libraries raise classes of their own. OpenAI's and Anthropic's (which nearly all compatible servers are
reached with) carry `status_code` and `response`; transport errors come as httpx's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import httpx
import httpx2
from langchain_core.exceptions import LangChainException

from sahur_core.errors import ModelError, ModelMisconfigured, ModelUnavailable

_TRANSPORT_ERRORS = (httpx.HTTPError, httpx2.HTTPError, LangChainException, ConnectionError, TimeoutError)
_VENDOR_ERRORS = {"openai": "OpenAIError", "anthropic": "AnthropicError"}
MAX_RETRY_AFTER = 120.0
"""Seconds. A server that asks for more patience than this is treated as asking for this much."""
_TRY_AGAIN = frozenset({408, 409, 425, 429})
_KEY_LIKE = re.compile(r"(?<=Bearer )\S+|\bsk-[\w*-]{8,}")
_KEY = "Set SAHUR_MODEL_API_KEY (or the vendor's own variable) to a valid key and start the run again."
_NAME = "Set SAHUR_MODEL to a model that this server offers, as provider:model, and start the run again."


def vendor_errors() -> tuple[type[Exception], ...]:
    """What a call of a chat model may raise because of the world. A library that is not loaded raises nothing."""
    loaded = [getattr(sys.modules[module], name) for module, name in _VENDOR_ERRORS.items() if module in sys.modules]
    return (*loaded, *_TRANSPORT_ERRORS)


def translate(error: Exception, model: str, key: str = "") -> ModelError:
    """Our error for a vendor's, with the next step for a person. A server's words may quote the key: it is taken out."""
    status = getattr(error, "status_code", None)
    told = _told(error, key)
    if status in (401, 403):
        return ModelMisconfigured(f"The server refused the key for {model} (HTTP {status}: {told}).", next_step=_KEY)
    if status == 404:
        return ModelMisconfigured(f"The server does not know the model {model} (HTTP 404: {told}).", next_step=_NAME)
    if isinstance(status, int) and 400 <= status < 500 and status not in _TRY_AGAIN:
        return ModelMisconfigured(
            f"The server refused the request for {model} (HTTP {status}: {told}).",
            next_step="Check that SAHUR_MODEL and SAHUR_MODEL_BASE_URL fit together and that the model can call tools.",
        )
    reason = {429: "is rate limited", None: "cannot be reached"}.get(status, f"answered HTTP {status}")
    return ModelUnavailable(
        f"The model {model} {reason}: {told}.",
        next_step="Start the run again when the model's server is back; check SAHUR_MODEL_BASE_URL if it never was.",
    )


def not_understood(error: Exception, model: str) -> ModelUnavailable:
    """The server answered, but not in the vendor's protocol: some other page, or half of an answer."""
    return ModelUnavailable(
        f"What the server of {model} answered cannot be read: {_told(error)}.",
        next_step="Check SAHUR_MODEL_BASE_URL (many servers want /v1 at its end) and start the run again.",
    )


def missing_key(model: str) -> ModelMisconfigured:
    return ModelMisconfigured(f"There is no key for the model {model}.", next_step=_KEY)


def retry_after(error: Exception) -> float:
    """Seconds that the server asks to wait before the next try; 0 if it does not say."""
    headers: Mapping[str, str] = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return min(max(float(headers[name]) * scale, 0.0), MAX_RETRY_AFTER)
        except (KeyError, ValueError):
            continue
    return 0.0


def _told(error: Exception, key: str = "") -> str:
    """The server's own words in one line, without the request (which may hold the report) and without a key."""
    body: Any = getattr(error, "body", None)
    told = ""
    if isinstance(body, dict):
        inner = body.get("error", body)
        told = str(inner.get("message", "") if isinstance(inner, dict) else inner)
    told = " ".join((told or str(error)).split()).replace(key or "\0", "…")
    return _KEY_LIKE.sub("…", told)[:300].rstrip(".") or type(error).__name__
