"""JSON that every reader of it can store and show again: what people send is refused if it is not, the rest is mended.

PostgreSQL takes neither NUL nor half of a surrogate pair (RFC 8259, section 8.2, calls the second unpredictable).
"""

from __future__ import annotations

import re
from typing import Any

from sahur_core.errors import InputError

MAX_DEPTH = 64
"""Lists and objects within each other. Serializers give up at some hundreds, and then nobody can read the run any more."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether the text has no such character."""
    return not _UNSTORABLE.search(text)


def storable(value: Any) -> Any:
    """What a tool or a model said, with U+FFFD for each character that cannot be stored: nothing is lost for one."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value


def check_storable(value: Any, field: str = "") -> None:
    """Raises `InputError` for JSON with a NUL, half of a surrogate pair, or more than `MAX_DEPTH` levels."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(each, str) and not is_storable(each) for each in level):
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
