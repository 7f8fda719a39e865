"""Arguments of tools as anybody may send them: JSON that every reader of theirs can store and show again."""

from __future__ import annotations

from typing import Any

from sahur_core.errors import InputError

MAX_DEPTH = 64
"""Lists and objects within each other. Serializers give up at some hundreds, and then nobody can read the run any more."""


def check_storable(value: Any, field: str = "") -> None:
    """Raises `InputError` for JSON with a NUL, half of a surrogate pair, or more than `MAX_DEPTH` levels.

    PostgreSQL's jsonb takes neither of the first two (RFC 8259, section 8.2, calls the second unpredictable).
    """
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if any(_has_unstorable_text(each) for each in level):
            raise InputError(
                f"{field or 'It'} holds a null character or half of a surrogate pair.", next_step="Take it out.", field=field
            )
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise InputError(f"{field or 'It'} is nested more than {MAX_DEPTH} levels deep.", next_step="Flatten it.", field=field)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return list(value) if isinstance(value, list | tuple) else []


def _has_unstorable_text(value: Any) -> bool:
    return isinstance(value, str) and any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in value)
