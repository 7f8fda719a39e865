"""How long a server asks to be left alone, read from the headers of its answer.

* `retry-after-ms`, `retry-after`: both vendors; the second in seconds or as a date (RFC 9110, 10.2.3).
* `x-ratelimit-reset-requests`, `-tokens`: OpenAI, as `6m0s`
  (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers).
* `anthropic-ratelimit-requests-reset`, `-tokens-`, `-input-tokens-`, `-output-tokens-`: Anthropic, as a time of RFC 3339
  (https://docs.anthropic.com/en/api/rate-limits#response-headers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = 3600.0
"""Seconds. What asks for more, or for nonsense, counts as this much."""
_OPENAI = ("requests", "tokens")
_ANTHROPIC = ("requests", "tokens", "input-tokens", "output-tokens")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def retry_after(error: BaseException | None, now: datetime | None = None) -> float:
    """Seconds that the server asks to wait before the next try; 0 if it does not say."""
    headers: Mapping[str, str] = getattr(getattr(error, "response", None), "headers", None) or {}
    now = now or datetime.now(UTC)
    for seconds in _asked(headers, now):
        if seconds is not None:
            return min(max(seconds, 0.0), MAX_RETRY_AFTER)
    resets = [seconds for seconds in _resets(headers, now) if seconds is not None]
    return min(max(*resets, 0.0), MAX_RETRY_AFTER) if resets else 0.0


def _asked(headers: Mapping[str, str], now: datetime) -> Iterator[float | None]:
    milliseconds = _number(headers.get("retry-after-ms", ""))
    yield milliseconds / 1000 if milliseconds is not None else None
    asked = headers.get("retry-after", "")
    yield _number(asked)
    yield _until(asked, now)


def _resets(headers: Mapping[str, str], now: datetime) -> Iterator[float | None]:
    """When the limits that are used up begin anew; the others do not matter."""
    for what in _OPENAI:
        if headers.get(f"x-ratelimit-remaining-{what}") == "0":
            yield _duration(headers.get(f"x-ratelimit-reset-{what}", ""))
    for what in _ANTHROPIC:
        if headers.get(f"anthropic-ratelimit-{what}-remaining") == "0":
            yield _until(headers.get(f"anthropic-ratelimit-{what}-reset", ""), now)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value else None  # not "nan"


def _duration(text: str) -> float | None:
    parts = _PART.findall(text)
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts) if parts else None


def _until(text: str, now: datetime) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return None
