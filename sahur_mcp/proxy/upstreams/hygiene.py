"""What foreign servers say of their tools, cleaned before anybody reads it, and watched for changes.

A model reads names, descriptions and schemas as if we had written them. So what a person would not see on the screen
(control characters, zero width, bidi overrides, tags, variation selectors: known ways to hide an instruction in a
description) does not get in, and length is bounded. What nobody can clean without changing its meaning is not offered.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, TypeVar

import mcp.types as types
from pydantic import BaseModel

from sahur_core.errors import InputError
from sahur_core.redaction.redactor import Redactor
from sahur_mcp.proxy.records.results import redacted_copy

logger = logging.getLogger(__name__)
EntryT = TypeVar("EntryT", bound=BaseModel)

MAX_DESCRIPTION_CHARS = 4000
MAX_SCHEMA_TEXT_CHARS = 1000
"""For each description inside of a schema."""
MAX_SCHEMA_CHARS = 100_000
MAX_SCHEMA_DEPTH = 60
MAX_TITLE_CHARS = 200
MAX_NAME_CHARS = 64
"""Model vendors take names of at most so many letters, digits, `_` and `-`, the prefix included."""
SEPARATOR_CHARS = 2

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PROSE_KEYS = frozenset(["description", "title", "$comment"])
_DATA_KEYS = frozenset(["default", "examples", "example"])
# Format characters (Cf: zero width, bidi, tags, soft hyphen), controls, surrogates and private use are found by their
# category; these are letters and marks that show as nothing.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_HIDDEN_CATEGORIES = frozenset(["Cc", "Cf", "Cs", "Co"])
_LINE_BREAKS = {"\u0085": "\n", "\u2028": "\n", "\u2029": "\n", "\r": "\n"}


class Intake:
    """Takes in the tools that one foreign server lists, each time that it lists them."""

    def __init__(self, upstream: str, secrets: Iterable[str] = ()) -> None:
        """`secrets` are the credentials that the server was given: some repeat them in what they say of themselves."""
        self._upstream = upstream
        self._secrets = tuple(secrets)
        self._first_seen: dict[str, str] = {}
        self._changed: dict[str, str] = {}

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the tools that describe themselves otherwise than when they were first seen since the start."""
        return tuple(sorted(self._changed))

    def take(self, listed: Iterable[types.Tool]) -> dict[str, types.Tool]:
        """The tools that can be offered, cleaned, by their names. What is left out, or has changed, is logged."""
        taken: dict[str, types.Tool] = {}
        for tool in listed:
            try:
                clean = clean_tool(self.without_secrets(tool), self._upstream)
            except InputError as error:
                logger.warning("upstream %s: its tool %r is not offered: %s", self._upstream, tool.name[:100], error.message)
                continue
            if clean.name in taken:
                logger.warning("upstream %s: it lists %r twice; the first one counts", self._upstream, clean.name)
                continue
            taken[clean.name] = clean
            self._watch(clean)
        return taken

    def without_secrets(self, entry: EntryT) -> EntryT:
        """The entry of a list, a copy of it if it holds one of the server's credentials."""
        said = entry.model_dump_json(by_alias=True)
        return redacted_copy(entry, Redactor(self._secrets)) if any(secret in said for secret in self._secrets) else entry

    def _watch(self, tool: types.Tool) -> None:
        now = fingerprint(tool)
        before = self._first_seen.setdefault(tool.name, now)
        if now == before:
            self._changed.pop(tool.name, None)
        elif self._changed.get(tool.name) != now:
            self._changed[tool.name] = now
            logger.warning(
                "upstream %s: its tool %s describes itself otherwise than at first; look at it before you trust it",
                self._upstream,
                tool.name,
            )


def clean_tool(tool: types.Tool, upstream: str) -> types.Tool:
    """A copy with clean, bounded texts. Raises `InputError` for a tool whose name or schema cannot be used."""
    if len(json.dumps(tool.input_schema)) > 10 * MAX_SCHEMA_CHARS or len(json.dumps(tool.output_schema)) > 10 * MAX_SCHEMA_CHARS:
        raise InputError(f"Its schema is longer than {MAX_SCHEMA_CHARS} characters.")
    if not _NAME.fullmatch(tool.name) or len(upstream) + SEPARATOR_CHARS + len(tool.name) > MAX_NAME_CHARS:
        raise InputError("Its name is too long, or has more than letters, digits, _ and -.")
    annotations = tool.annotations
    if annotations is not None and annotations.title is not None:
        annotations = annotations.model_copy(update={"title": clean_text(annotations.title, MAX_TITLE_CHARS)})
    return tool.model_copy(
        update={
            "title": None if tool.title is None else clean_text(tool.title, MAX_TITLE_CHARS),
            "description": None if tool.description is None else clean_text(tool.description, MAX_DESCRIPTION_CHARS),
            "input_schema": clean_schema(tool.input_schema),
            "output_schema": None if tool.output_schema is None else clean_schema(tool.output_schema),
            "annotations": annotations,
        }
    )


def clean_text(text: str, max_chars: int) -> str:
    """`text` without what does not show, at most `max_chars` long (and an ellipsis)."""
    # Cut twice: an endless text is not worth looking at, and a text that gets shorter need not be cut.
    visible = "".join(_LINE_BREAKS.get(char, "" if _is_hidden(char) else char) for char in text[: 4 * max_chars])
    return visible if len(visible) <= max_chars else visible[:max_chars] + "…"


def clean_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema whose texts for readers are clean. What is valid stays as it is.

    Raises `InputError` if it is too big, or hides something where cleaning would change what is valid: in the names of
    properties, in `enum`, `const` or `pattern`.
    """
    cleaned: dict[str, Any] = _clean(schema, 0)
    if len(json.dumps(cleaned)) > MAX_SCHEMA_CHARS:
        raise InputError(f"Its schema is longer than {MAX_SCHEMA_CHARS} characters.")
    return cleaned


def fingerprint(tool: types.Tool) -> str:
    """SHA-256 (hex) of all that a tool says of itself; metadata, which may differ from time to time, aside."""
    said = tool.model_dump(mode="json", by_alias=True, exclude={"meta", "icons"})
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def shows_whole(text: str) -> bool:
    """Whether there is nothing in a text that does not show."""
    return not any(_is_hidden(char) for char in text)


def _is_hidden(char: str) -> bool:
    if char in "\n\t":
        return False
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return is_selector or char in _INVISIBLE or unicodedata.category(char) in _HIDDEN_CATEGORIES


def _clean(value: Any, depth: int) -> Any:
    if depth > MAX_SCHEMA_DEPTH:
        raise InputError(f"Its schema is nested more than {MAX_SCHEMA_DEPTH} deep.")
    if isinstance(value, dict):
        return {_plain(key): _clean_entry(key, item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    return _plain(value) if isinstance(value, str) else value


def _clean_entry(key: str, item: Any, depth: int) -> Any:
    # A property may be called "description" too; its schema is an object, never a text.
    if key in _PROSE_KEYS | _DATA_KEYS:
        if isinstance(item, str):
            return clean_text(item, MAX_SCHEMA_TEXT_CHARS)
        if isinstance(item, list):
            return [clean_text(part, MAX_SCHEMA_TEXT_CHARS) if isinstance(part, str) else _clean(part, depth) for part in item]
    return _clean(item, depth)


def _plain(text: str) -> str:
    if any(char != "\r" and _is_hidden(char) for char in text):
        raise InputError("Its schema has characters that do not show, where they count.")
    return text
