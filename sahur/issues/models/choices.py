"""The core's enumerations as choices of a column."""

from __future__ import annotations

from enum import StrEnum


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Codes with labels, in the order of the enumeration."""
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in enum]
