"""What can be stored and shown again."""

from __future__ import annotations

from typing import Any

import pytest

from sahur_core.errors import InputError
from sahur_core.tools.storable import MAX_DEPTH, check_storable, storable


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("value", [{}, {"path": "a.py", "lines": [1, None, True, 1.5]}, {"text": "𝄞 ü\n"}, nested(MAX_DEPTH)])
def test_what_can_be_stored_passes(value: Any) -> None:
    check_storable(value, "arguments")


@pytest.mark.parametrize("value", [{"a": "\x00"}, {"\x00": 1}, {"a": [{"b": "\ud800"}]}, {"\udfff": 1}])
def test_text_that_cannot_be_stored_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="null character"):
        check_storable(value, "arguments")


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 100_000])
def test_deep_nesting_is_refused_at_any_depth(levels: int) -> None:
    with pytest.raises(InputError, match="64 levels") as error:
        check_storable(nested(levels), "arguments")
    assert error.value.field == "arguments"


def test_what_was_found_is_kept_without_what_cannot_be_stored() -> None:
    assert storable({"k\x00": ["a\ud800b", 1, None, "𝄞 \\u0000"]}) == {"k\ufffd": ["a\ufffdb", 1, None, "𝄞 \\u0000"]}
