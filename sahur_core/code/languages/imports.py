"""Import statements as modules, imported names, and what these are called in the file.

A match of a query has a `@module`, with `@imported` and `@alias` where they stand apart; or a `@tree`, a whole statement whose
braces hold further names (`use a::{b, c::D as E}`). `(#set! key value)` says what the tree does not:

* `imported`: the imported name if there is no such capture (`*` for everything)
* `split`: the imported name is what follows the last of these in the module
* `prefix`: stands before the module (`require_relative "a"` is `./a`)
* `fallback`: counts only if nothing else was found for the same module
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import tree_sitter

from sahur_core.code.languages.syntax import Captures, Syntax
from sahur_core.tools.storable import storable

MAX_TREE_CHARS = 10_000
_KEYWORDS = re.compile(r"^(?:pub(?:\([^)]*\))?\s+)?(?:use|import)\s+(?:(?:function|const)\s+)?")
_ALIAS = re.compile(r"\s+as\s+|\s*=>\s*")
_SEPARATOR = re.compile(r"::|[.\\]")
_VERSION = re.compile(r"(?<=.)[/.]v\d+$")


class Import(NamedTuple):
    module: str
    """As written: relative dots of Python, paths of JavaScript, Ruby and C, names with `.`, `::` or `\\` of the others."""
    name: str
    """The imported name; empty for the module itself, `*` for everything in it."""
    alias: str
    """What it is called in this file; empty where nothing can be said (`*`)."""


def read_imports(syntax: Syntax, query: tree_sitter.Query, found: Sequence[tuple[int, Captures]]) -> list[Import]:
    """The imports of a file's matches, in their order."""
    imports: list[tuple[int, Import]] = []
    fallbacks: list[tuple[int, Import]] = []
    settings_of: dict[int, dict[str, str | None]] = {}
    for pattern, captures in found:
        settings = settings_of.get(pattern)
        if settings is None:
            settings = settings_of[pattern] = query.pattern_settings(pattern)
        place = captures["tree" if "tree" in captures else "module"][0].start_byte
        each = [(place, entry) for entry in _read(syntax, captures, settings)]
        if "fallback" in settings:
            fallbacks += each
        else:
            imports += each
    known = {place for place, _ in imports}
    imports += [entry for entry in fallbacks if entry[0] not in known]
    return list(dict.fromkeys(entry for _, entry in sorted(imports, key=lambda entry: entry[0])))


def _read(syntax: Syntax, found: Captures, settings: dict[str, str | None]) -> Iterator[Import]:
    if "tree" in found:
        node = found["tree"][0]
        yield from _branches(str(storable(syntax.text(node)[:MAX_TREE_CHARS])), syntax.language.separator)
        return
    module = (settings.get("prefix") or "") + _text(syntax, found, "module").strip("\"'`<>")
    name = _text(syntax, found, "imported").strip("\"':") or settings.get("imported") or ""
    alias = _text(syntax, found, "alias")
    if split := settings.get("split"):
        module, _, name = module.rpartition(split)
        if not module:
            module, name = name, ""
    yield Import(module, name, alias or _own_name(module, name, syntax.language.separator))


def _branches(statement: str, separator: str) -> Iterator[Import]:
    """`a::{self, b::C, d as e, f::*}` as one import each. Rust, PHP and Scala differ in the separator only."""
    text = _KEYWORDS.sub("", " ".join(statement.split())).rstrip(";").strip()
    for path in _expanded(text):
        whole, *rest = _ALIAS.split(path, maxsplit=1)
        alias = rest[0].strip() if rest else ""
        parts = _SEPARATOR.split(whole.strip())
        name = {"_": "*", "given": "*"}.get(parts[-1], parts[-1]).strip()
        module = separator.join(part.strip() for part in parts[:-1])
        if name == "self" or not module:
            module, name = (module or name), ""
        yield Import(module, name, alias or _own_name(module, name, separator))


def _expanded(text: str) -> list[str]:
    """`a.{b,c.{d,e}},f` as `a.b`, `a.c.d`, `a.c.e`, `f`."""
    stack: list[str] = [""]
    current = ""
    paths: list[str] = []
    for character in text:
        if character == "{":
            stack.append(stack[-1] + current.strip())
            current = ""
        elif character in ",}":
            if current.strip():
                paths.append(stack[-1] + current.strip())
            current = ""
            if character == "}" and len(stack) > 1:
                stack.pop()
        else:
            current += character
    return [*paths, stack[-1] + current.strip()] if current.strip() else paths


def _own_name(module: str, name: str, separator: str) -> str:
    if name:
        return "" if name == "*" else name
    return _VERSION.sub("", module).rsplit(separator, 1)[-1] if separator else module


def _text(syntax: Syntax, found: Captures, capture: str) -> str:
    if capture not in found:
        return ""
    text = syntax.text(found[capture][0])
    return text if text.isidentifier() else str(storable("".join(text.split())))
