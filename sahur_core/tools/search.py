"""Finding tools by what they do: BM25 over names, descriptions and arguments.

A model that is handed two hundred schemas chooses badly and pays for all of them with each call. So it gets few, and
searches for the others; the gateway offers the same search to clients that are not ours.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable
from typing import Any, Protocol

import bm25s
import Stemmer

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs every index at DEBUG, whatever the root says

NAME_WEIGHT = 3
"""How many times a word of the name counts as much as one of the description."""
MAX_DESCRIPTION_CHARS = 1500
"""What a description says after that is examples and warnings, whose words lead astray."""
MAX_LINE_CHARS = 200

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_STOP_TEXT = """
    a an and any are as at be by can do for from has how i if in into is it its me my of on or our so some such than that
    the their then there these they this to up us use used using was we what when where which while who why will with you
    your tool tools server given
"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())
_SHORT_FOR = {
    "pr": ("pull", "request"),
    "prs": ("pull", "request"),
    "repo": ("repository",),
    "repos": ("repository",),
    "dir": ("directory",),
    "folder": ("directory",),
    "msg": ("message",),
    "org": ("organization",),
    "ci": ("workflow",),
}
"""What people write where tools write it out."""
_stemmers = threading.local()


class Described(Protocol):
    """A tool as the gateway or MCP describes it."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str | None: ...

    @property
    def input_schema(self) -> dict[str, Any]: ...


class ToolSearch:
    """An index over a list of tools, which does not change. Building costs about 0.1 ms for each tool."""

    def __init__(self, tools: Iterable[Described]) -> None:
        documents = [(tool.name, _words_of(tool)) for tool in tools]
        self._names = [name for name, _ in documents]
        self._model: Any = None
        if any(found for _, found in documents):
            self._model = bm25s.BM25(k1=1.2, b=0.5, method="lucene")
            self._model.index([found for _, found in documents], show_progress=False)

    def find(self, query: str) -> list[str]:
        """Names of all tools that have a word of the query, best first; a tool's exact name finds it first."""
        known = [word for word in dict.fromkeys(words(query)) if self._model is not None and word in self._model.vocab_dict]
        if not known:
            return []
        scores = self._model.get_scores(known)
        asked = query.strip().lower()
        ranked = [(float(score), name) for score, name in zip(scores, self._names, strict=True) if score > 0]
        # The sort is stable, so that equals stay in the order of the list.
        ranked.sort(key=lambda pair: (asked not in (pair[1].lower(), pair[1].lower().rpartition("__")[2]), -pair[0]))
        return [name for _, name in ranked]


def words(text: str) -> list[str]:
    """Stemmed lower-case words; names are split at `_`, `-` and where camelCase has its humps."""
    parts = [part.lower() for part in _PART.findall(text)]
    spelled = [word for part in parts if part not in _STOP_WORDS for word in _SHORT_FOR.get(part, (part,))]
    return list(_stemmer().stemWords(spelled))


def one_line(description: str | None) -> str:
    """The first sentence or line of a description, at most `MAX_LINE_CHARS` long."""
    for line in (description or "").splitlines():
        text = " ".join(line.lstrip("#*- ").split())
        if text:
            end = text.find(". ")
            text = text[: end + 1] if end > 0 else text
            return text if len(text) <= MAX_LINE_CHARS else text[: MAX_LINE_CHARS - 1] + "…"
    return ""


def _words_of(tool: Described) -> list[str]:
    prefix, _, rest = tool.name.rpartition("__")
    arguments = " ".join(str(name) for name in tool.input_schema.get("properties") or ())
    return [
        *words(prefix),
        *words(rest) * NAME_WEIGHT,
        *words((tool.description or "")[:MAX_DESCRIPTION_CHARS]),
        *words(arguments),
    ]


def _stemmer() -> Any:
    """One per thread: the stemmer keeps a state of its own."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return _stemmers.english
