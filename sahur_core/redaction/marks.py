"""What stands where a secret stood: `[redacted: what it was]`."""

from __future__ import annotations

import re
from typing import Any

_REDACTED = re.compile(r"\[redacted: [^\]\n]{1,60}\]")


def redaction(what: str) -> str:
    """What stands where a secret stood."""
    return f"[redacted: {what}]"


def has_redactions(value: Any) -> bool:
    """Whether a secret was taken out of a JSON value, so that it is not what was really sent."""
    if isinstance(value, str):
        return bool(_REDACTED.search(value))
    if isinstance(value, dict):
        return any(has_redactions(name) or has_redactions(inner) for name, inner in value.items())
    return isinstance(value, list) and any(has_redactions(inner) for inner in value)


def told(count: int, where: str) -> str:
    """For people: how many secrets were taken out of what."""
    return f"1 secret was removed from {where}." if count == 1 else f"{count} secrets were removed from {where}."
