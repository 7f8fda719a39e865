"""Secrets out of what people type and other systems say, before it is stored or sent."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings

from sahur_core.redaction.redactor import Redactor

MIN_KNOWN_CHARS = 16
"""A credential of ours that is shorter may be a word of its own, such as `postgres`, and is left to its looks."""

T = TypeVar("T")


@lru_cache(maxsize=1)
def known_secrets() -> tuple[str, ...]:
    """The credentials of this system, which must appear nowhere whatever they look like."""
    return tuple(secret for secret in dict.fromkeys(settings.KNOWN_SECRETS) if len(secret) >= MIN_KNOWN_CHARS)


def without_secrets(value: Any) -> tuple[Any, int]:
    """A text or JSON value in which each secret is `[redacted: what it was]`, and how many there were."""
    redactor = Redactor(known_secrets())
    return redactor.value(value), redactor.count


def clean_text(text: str) -> str:
    """The text without secrets, where nobody needs to know how many there were."""
    return str(without_secrets(text)[0])
