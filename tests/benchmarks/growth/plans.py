"""How PostgreSQL answers a question: the plan of each of its slower statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction


def plans(ask: Callable[[], object]) -> list[str]:
    """Asks once more and explains each reading statement that it sends."""
    seen: list[tuple[Any, Any]] = []

    def note(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if str(sql).lstrip("( \n").lower().startswith(("select", "with")):
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask()
    told = []
    for sql, params in seen:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"explain (analyze, buffers, costs off, timing off, summary) {sql}", params)
            told.append(str(sql)[:300] + "\n" + "\n".join(row[0] for row in cursor.fetchall()))
            transaction.set_rollback(True)
    return told
