"""The words of an issue as PostgreSQL keeps them: computed once when they are written, not with every search."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db.models import Expression, F, Func, Value
from django.db.models.functions import Left

SEARCHED_CHARS = 100_000
"""Of a report; a `tsvector` takes at most 1 MB, and a report must never be refused for its length in the index."""
_BREAKS = "/._-:;,()[]{}<>'\"`#=@\\|"


class WordsField(SearchVectorField):  # type: ignore[type-arg]  # no generic at run time
    """A search vector to filter by and never to read: it is as long as the report, and nobody shows it."""

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002 - Django's signature
        return "null", ()


def words_of_issue() -> Expression:
    """The stems of all its text, and each part of its title: `error` finds `KeyError`, `feed` finds `booking/feed.py`."""
    humps = Func(F("title"), Value("([a-z0-9])([A-Z])"), Value(r"\1 \2"), Value("g"), function="regexp_replace")
    parts = Func(humps, Value(_BREAKS), Value(" " * len(_BREAKS)), function="translate")
    text = SearchVector("title", Left("body", SEARCHED_CHARS), Left("resolution", SEARCHED_CHARS // 10), config="english")
    return text + SearchVector(parts, config="simple")
