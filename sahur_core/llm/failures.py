"""Vendors' exceptions as ours: what went wrong, whether trying again helps, and what to do about it.

The vendors' libraries raise classes of their own. OpenAI's and Anthropic's (which nearly all compatible servers are
reached with) carry `status_code`, `response` and `body`; transport errors come as httpx's. An error that comes within a
stream has the status of the stream (200) or none, and is told by its body.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import httpx
import httpx2
from langchain_core.exceptions import ContextOverflowError, LangChainException

from sahur_core.config import ModelConfig
from sahur_core.errors import ContextTooLong, ModelError, ModelMisconfigured, ModelRefused, ModelUnavailable

_TRANSPORT_ERRORS = (httpx.HTTPError, httpx2.HTTPError, LangChainException, ConnectionError, TimeoutError)
_VENDOR_ERRORS = {"openai": "OpenAIError", "anthropic": "AnthropicError"}
_TRY_AGAIN = frozenset({408, 409, 425, 429})
_TOO_LARGE = 413
_OVERLOADED = frozenset({503, 529})
_NO_CREDIT = frozenset({"insufficient_quota", "billing_error", "billing_hard_limit_reached"})
_OVERFLOW = re.compile(
    r"context[ _](?:length|window|size)|prompt is too long|too many (?:input )?tokens|input tokens exceed", re.IGNORECASE
)
"""How servers say it: OpenAI `context_length_exceeded`, Anthropic `prompt is too long: 213 tokens > 200 maximum`, and others."""
_NUMBER = re.compile(r"\b\d[\d,]{3,}\b")
_KEY_LIKE = re.compile(r"(?<=Bearer )\S+|\bsk-[\w*-]{8,}")
_KEY = (
    "Set SAHUR_MODEL_API_KEY, SAHUR_MODEL_KEYS or the vendor's own variable to a valid key of this vendor "
    "and start the run again."
)
_NAME = "Set SAHUR_MODEL to a model that this server offers, as provider:model, and start the run again."


def vendor_errors() -> tuple[type[Exception], ...]:
    """What a call of a chat model may raise because of the world. A library that is not loaded raises nothing."""
    loaded = [getattr(sys.modules[module], name) for module, name in _VENDOR_ERRORS.items() if module in sys.modules]
    return (*loaded, *_TRANSPORT_ERRORS)


def translate(error: Exception, config: ModelConfig) -> ModelError:
    """Our error for a vendor's, with the next step for a person. A server's words may quote the key: it is taken out."""
    model, status, kinds = config.name, getattr(error, "status_code", None), _kinds(error)
    told = _told(error, config.api_key)
    if isinstance(error, ContextOverflowError) or status == _TOO_LARGE or (status != 429 and _is_overflow(error, told, kinds)):
        return too_long(config, told)
    if "content_filter" in kinds:
        return refused(model, told)
    if kinds & _NO_CREDIT or status == 402:
        return ModelMisconfigured(f"The vendor of {model} gives no more credit ({told}).", next_step="Mend the account there.")
    if status in (401, 403):
        return ModelMisconfigured(f"The server refused the key for {model} (HTTP {status}: {told}).", next_step=_KEY)
    if status == 404:
        return ModelMisconfigured(f"The server does not know the model {model} (HTTP 404: {told}).", next_step=_NAME)
    if isinstance(status, int) and 400 <= status < 500 and status not in _TRY_AGAIN:
        return ModelMisconfigured(
            f"The server refused the request for {model} (HTTP {status}: {told}).",
            next_step="Check that SAHUR_MODEL and SAHUR_MODEL_BASE_URL fit together and that the model can call tools.",
        )
    return ModelUnavailable(
        f"The model {model} {_reason(error, status, kinds, config)}: {told}.",
        next_step="Start the run again when the model's server is back; check SAHUR_MODEL_BASE_URL if it never was.",
    )


def not_understood(error: Exception, model: str) -> ModelUnavailable:
    """The server answered, but not in the vendor's protocol: some other page, or half of an answer."""
    return ModelUnavailable(
        f"What the server of {model} answered cannot be read: {_told(error)}.",
        next_step="Check SAHUR_MODEL_BASE_URL (many servers want /v1 at its end) and start the run again.",
    )


def broken_off(model: str) -> ModelUnavailable:
    """The stream ended without the word that ends each answer: what was said may be half of a sentence or of a call."""
    return ModelUnavailable(
        f"The answer of {model} broke off before its end.",
        next_step="Start the run again; if it happens each time, look for a proxy that cuts long answers.",
    )


def refused(model: str, told: str) -> ModelRefused:
    """The model, or a filter of its vendor, would not answer."""
    return ModelRefused(
        f"The model {model} declined to answer{f' ({told})' if told else ''}.",
        next_step="Report the problem in other words, or set SAHUR_MODEL_FALLBACKS to a model of another vendor.",
    )


def too_long(config: ModelConfig, told: str) -> ContextTooLong:
    """The conversation does not fit. Servers mostly name both their limit and what they were sent."""
    # OpenAI names its limit first, Anthropic last; details may follow.
    numbers = [int(number.replace(",", "")) for number in _NUMBER.findall(told)[:2]]
    share = min(numbers) / max(numbers) if len(numbers) == 2 else 0.0
    return ContextTooLong(
        f"The conversation is too long for {config.name} ({told}).",
        next_step="Start another run with a narrower report, or set SAHUR_MODEL to a model with a larger context.",
        share=share,
    )


def missing_key(model: str) -> ModelMisconfigured:
    return ModelMisconfigured(f"There is no key for the model {model}.", next_step=_KEY)


def is_rate_limit(error: BaseException | None) -> bool:
    return getattr(error, "status_code", None) == 429 or "rate_limit_error" in _kinds(error)


def _reason(error: Exception, status: int | None, kinds: set[str], config: ModelConfig) -> str:
    if is_rate_limit(error):
        return "is rate limited"
    if status in _OVERLOADED or "overloaded_error" in kinds:
        return "is overloaded"
    if isinstance(error, TimeoutError | httpx.TimeoutException | httpx2.TimeoutException) or "Timeout" in type(error).__name__:
        return f"did not answer within {config.timeout_seconds:g} s"
    if status is None:
        return "answered with an error" if kinds else "cannot be reached"
    return "answered with an error" if status < 400 else f"answered HTTP {status}"


def _is_overflow(error: Exception, told: str, kinds: set[str]) -> bool:
    status = getattr(error, "status_code", None)
    if status is not None and not (status < 300 or 400 <= status < 500):
        return False
    return any(_OVERFLOW.search(text) for text in (told, *kinds)) if status is not None or kinds else False


def _kinds(error: BaseException | None) -> set[str]:
    """What the server calls the error: `type` and `code` of its body, at both levels."""
    body: Any = getattr(error, "body", None)
    parts = [body, body.get("error")] if isinstance(body, dict) else []
    return {str(part[key]) for part in parts if isinstance(part, dict) for key in ("type", "code") if part.get(key)}


def _told(error: Exception, key: str = "") -> str:
    """The server's own words in one line, without the request (which may hold the report) and without a key."""
    body: Any = getattr(error, "body", None)
    told = ""
    if isinstance(body, dict):
        inner = body.get("error", body)
        told = str(inner.get("message", "") if isinstance(inner, dict) else inner)
    told = " ".join((told or str(error)).split()).replace(key or "\0", "…")
    return _KEY_LIKE.sub("…", told)[:300].rstrip(".") or type(error).__name__
