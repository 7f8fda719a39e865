"""What somebody typed to find issues, as a condition that the index of their words can answer."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]{1,9}-[0-9]{1,9}")
_OPERATORS = re.compile(r'"|(^|\s)-|\bor\b', re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_SHORTEST_BEGINNING = 3
"""Fewer letters begin so many words that the index would be of no use."""


def matching(text: str) -> Q:
    """Issues with these words, or with words that begin so, or with this key."""
    asked = SearchQuery(text, search_type="websearch", config="english")
    words = [] if _OPERATORS.search(text) else _WORD.findall(text)
    if words:
        asked = asked | SearchQuery(" & ".join(map(_beginning, words)), search_type="raw", config="simple")
    found = Q(words=asked)
    return found | Q(key=text.strip().upper()) if _KEY.fullmatch(text.strip()) else found


def _beginning(word: str) -> str:
    return f"'{word}':*" if len(word) >= _SHORTEST_BEGINNING else f"'{word}'"
