"""A tool's result as the model reads it.

Where a tool gives structured content, the model gets that as JSON and not the prose beside it: it says the same, any
model reads it, and it can be checked again later. Lists of equal records become tables (columns once, one row a line),
which halves their length. What does not fit the budget is cut where it is longest, and the result itself says so.
"""

from __future__ import annotations

import json
from typing import Any

_TABLE_KEYS = {"columns", "rows"}
_SMALLEST_CUT = 200


def render_result(text: str, structured: dict[str, Any] | None, limit: int, *, whole: str = "") -> str:
    """The result in at most about `limit` characters. `whole` says how all of it can be read, where it can."""
    if structured is None:
        return cut_text(text, limit, whole=whole)
    rendered = _dump(structured)
    cuts: dict[str, str] = {}
    while len(rendered) > limit:
        key, size = _longest_part(structured)
        if size <= _SMALLEST_CUT:
            return cut_text(rendered, limit)  # Of this form nothing is kept, so there is no offset to go on at.
        keep = max(_SMALLEST_CUT, size - (len(rendered) - limit) - 200)
        structured, told = _cut_part(structured, key, keep, size)
        cuts[key] = f"{told}, or {whole}" if whole else told
        rendered = _dump({**structured, "cut": cuts})
    return rendered


def parse_result(shown: str) -> dict[str, Any] | None:
    """The structured content behind a rendered result; None if it was prose, or was cut beyond reading."""
    try:
        value = json.loads(shown)
    except ValueError:
        return None
    return {key: _from_table(part) for key, part in value.items()} if isinstance(value, dict) else None


def cut_text(text: str, limit: int, *, whole: str = "") -> str:
    """The start and the end of a text: what matters in a log is mostly at its ends. `whole` as in `render_result`."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    way = f"; {whole}, offset {head}" if whole else ""
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out{way} …]\n{text[len(text) - tail :]}"


def _dump(structured: dict[str, Any]) -> str:
    parts = [f"{json.dumps(key)}: {_dump_part(value)}" for key, value in structured.items()]
    return "{" + ",\n".join(parts) + "}"


def _dump_part(value: Any) -> str:
    if _is_table(value):
        columns = list(value[0])
        rows = ",\n".join(json.dumps([row[name] for name in columns], ensure_ascii=False) for row in value)
        return f'{{"columns": {json.dumps(columns)}, "rows": [\n{rows}]}}'
    return json.dumps(value, ensure_ascii=False)


def _is_table(value: Any) -> bool:
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) and row for row in value):
        return False
    return all(row.keys() == value[0].keys() for row in value)


def _from_table(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == _TABLE_KEYS:
        return [dict(zip(value["columns"], row, strict=True)) for row in value["rows"]]
    return value


def _longest_part(structured: dict[str, Any]) -> tuple[str, int]:
    sizes = {key: len(_dump_part(value)) for key, value in structured.items() if isinstance(value, str | list)}
    if not sizes:
        return "", 0
    key = max(sizes, key=lambda name: sizes[name])
    return key, sizes[key]


def _cut_part(structured: dict[str, Any], key: str, keep: int, size: int) -> tuple[dict[str, Any], str]:
    """`structured` with one part shortened to about `keep` of its `size` characters, and what to tell of it."""
    value = structured[key]
    count = max(1, len(value) * keep // size)
    if count >= len(value):
        count = len(value) - 1
    unit = "characters" if isinstance(value, str) else "entries"
    return {**structured, key: value[:count]}, f"the first {count} {unit} are shown; ask for a smaller part to see the rest"
