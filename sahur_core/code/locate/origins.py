"""Where the values on a failing line come from: the cause of a crash often lies where its value was made.

For `return self.article.price * self.quantity` these are the functions called on the lines that set `article`, `price`
or `quantity` anywhere in the source, and, in a method, on the lines that build its class.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.languages.lookup import enclosing
from sahur_core.code.languages.roles import role_of
from sahur_core.code.records import Match, Symbol

MAX_SEARCHED = 400
"""Files that are named to git; among more it looks by itself."""
MAX_VALUES = 8
MAX_DEFINITIONS = 3
"""A name that is defined more often says nothing about which one was meant."""
MAX_SETTERS = 25
"""A value that is set in more places is too common to follow."""
_CALL = re.compile(r"(?<![\w.])((?:[A-Za-z_]\w*\.)*)([A-Za-z_]\w*)\s*\(")
_NAME = re.compile(r"(?<![\w\"'])[A-Za-z_]\w*(?!\w*[\"'(])")
_LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_NO_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")
_COMMON = frozenset(
    {"self", "cls", "True", "False", "None", "return", "line", "data", "value", "result", "item", "key", "name", "args"}
)


@dataclass(frozen=True)
class Origin:
    """A function that makes a value of the failing line. `value` is its name there."""

    symbol: Symbol
    value: str
    is_maker: bool
    """The value is what this function returns; else it only sets the value from somebody else's result."""


def called_on(code: str, index: CodeIndex) -> list[Symbol]:
    """Definitions of the functions that a line of code calls."""
    names = dict.fromkeys(match[2] for match in _CALL.finditer(code) if not keyword.iskeyword(match[2]))
    return [symbol for name in names for symbol in _definitions(name, index)]


def values_on(code: str) -> list[str]:
    """Names of the values that a line of code uses, attributes too, without the functions it calls."""
    plain = _LITERAL.sub("''", code.split(" #")[0])
    names = [name for name in _NAME.findall(plain) if not keyword.iskeyword(name) and name not in _COMMON]
    return list(dict.fromkeys(names))[:MAX_VALUES]


def missing_value(message: str, code: str) -> str:
    """The name of the value that was None, by Python's message about it; empty if the message is about something else."""
    if "NoneType" not in message:
        return ""
    attribute = _NO_ATTRIBUTE.search(message)
    pattern = rf"(\w+)(?:\(.*\))?\.{attribute[1]}\b" if attribute else r"(\w+)\["
    found = re.search(pattern, code)
    return found[1] if found else ""


def find_origins(repository: Repository, index: CodeIndex, code: str, class_name: str = "", only: str = "") -> list[Origin]:
    """The functions whose results become values of a line of code; `class_name` if the line is in a method of it.

    With `only`, just the origins of that value.
    """
    values = [only] if only else values_on(code)
    builders = [rf"\b{re.escape(class_name)}\("] if class_name else []
    if not values and not builders:
        return []
    setters = rf"\b(?:{'|'.join(values)})\s*(?::[^=\n]+)?=(?!=)" if values else ""
    pattern = "|".join(filter(None, [setters, *builders]))
    matches = search_source(repository, index, pattern, [*values, *([class_name] if class_name else [])])
    origins: list[Origin] = []
    for value in [*values, *([class_name] if class_name else [])]:
        places = [
            (match.path, match.line, made) for match in matches if (made := _made_from(match.text, value, value == class_name))
        ]
        if len(places) <= MAX_SETTERS:
            origins += [Origin(symbol, value, True) for _, _, made in places for symbol in called_on(made, index)]
            origins += [Origin(symbol, value, False) for symbol in _around(places, index)]
    return list(dict.fromkeys(origins))


def search_source(repository: Repository, index: CodeIndex, pattern: str, words: Sequence[str]) -> list[Match]:
    """Lines of source that fit a pattern, all of which hold one of the words. Raises `InputError` if it takes too long."""
    files = index.source_files_with(words, MAX_SEARCHED)
    if files is not None and not files:
        return []
    found = repository.grep(index.commit, pattern, regex=True, paths=files or ())
    return [match for match in found if role_of(match.path) == "source"]


def _made_from(text: str, value: str, is_class: bool) -> str:
    """The right-hand side of a line that sets the value, or the arguments of one that builds the class."""
    pattern = rf"\b{re.escape(value)}\((.*)" if is_class else rf"\b{re.escape(value)}\s*(?::[^=]+)?=(?!=)(.*)"
    match = re.search(pattern, text)
    if match is None or (is_class and re.match(r"\s*class\b", text)):
        return ""
    return match[1].strip()


def _around(places: Sequence[tuple[str, int, str]], index: CodeIndex) -> list[Symbol]:
    """The functions that set the value by a call of anything (a default such as `timeout: float = 3` sets nothing)."""
    found = [enclosing(index.symbols(path=path), line) for path, line, made in places if "(" in made]
    return [symbol for symbol in found if symbol is not None and symbol.kind != "class"]


def _definitions(name: str, index: CodeIndex) -> list[Symbol]:
    found = [
        symbol
        for symbol in index.symbols(name=name)
        if symbol.kind in ("function", "method") and role_of(symbol.path) == "source"
    ]
    return found if len(found) <= MAX_DEFINITIONS else []
