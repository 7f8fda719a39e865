"""What is wrong with the file of the upstreams, in words for the people who wrote it: where, why, and what was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

_OF_JSON = {
    "Expecting property name enclosed in double quotes": "a name in double quotes should stand here; is a comma too many before "
    "it, or is it a comment, which JSON has none of?",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing before this",
    "Expecting ':' delimiter": "a colon is missing before this",
    "Expecting value": "a value is missing here; is a comma too many before it?",
    "Extra data": "there is something after the end of the object",
    "Unterminated string starting at": "the quotes that open here are not closed",
    "Invalid control character at": "a tab or the end of a line stands inside of quotes; are they closed?",
}
_OF_YAML = {
    "found character '\\t' that cannot start any token": "a tab stands here; YAML is indented with spaces",
    "mapping values are not allowed here": "a colon too many, or wrong indentation; a text that holds a colon stands in quotes",
    "could not find expected ':'": "a colon is missing here, or the indentation is wrong",
    "found unhashable key": "a list or an object stands where a name should",
}
_YAML_WORDS = {"<stream end>": "the end of the file", "<block end>": "the end of a block", "<block mapping start>": "an object"}
_OF_VALUES = {
    "string_type": "must be a text.",
    "tuple_type": "must be a list.",
    "dict_type": "must be an object of names and values.",
    "model_type": "must be an object.",
    "model_attributes_type": "must be an object.",
    "bool_type": "must be true or false.",
    "bool_parsing": "must be true or false.",
    "float_type": "must be a number.",
    "float_parsing": "must be a number.",
    "finite_number": "must be a number.",
    "int_type": "must be a whole number.",
    "int_parsing": "must be a whole number.",
    "int_parsing_size": "must be a smaller number.",
    "int_from_float": "must be a whole number.",
    "greater_than": "must be more than {gt:g}.",
    "greater_than_equal": "must be at least {ge:g}.",
    "less_than_equal": "must be at most {le:g}.",
}
_HINTS = {
    "timeout": " It is in seconds.",
    "cache": " It is in seconds.",
    "type": " Servers are reached over stdio or streamable HTTP; for one that offers SSE, name its address for HTTP.",
    "env": " Put it in quotes.",
}


def of_text(error: Exception, text: str) -> str:
    """Why `text` could not be read as JSON or YAML, with the line if it is known; ends without a full stop."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {_OF_JSON.get(error.msg, error.msg)}"
    if isinstance(error, yaml.MarkedYAMLError):
        return _of_yaml(error)
    if isinstance(error, OSError):
        return f"it cannot be read ({error.strerror})"
    if isinstance(error, UnicodeDecodeError):
        return "it is no text in UTF-8"
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f"line {line}: it holds a character that no text may hold (U+{int(error.character):04X})"
    return str(error)


def _of_yaml(error: yaml.MarkedYAMLError) -> str:
    said = error.problem or error.context or ""
    problem = _OF_YAML.get(said, said)
    for theirs, ours in _YAML_WORDS.items():
        problem = problem.replace(f"'{theirs}'", ours)
    mark, opened = error.problem_mark, error.context_mark
    if mark is None:
        return problem
    since = f" (of what begins in line {opened.line + 1})" if opened and opened.line < mark.line else ""
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}{since}"


def written_twice(name: object) -> str:
    return f"{str(name)!r} is written twice in one object"


def line_of_second(name: str, text: str) -> str:
    """`line 7: `, if this name of a JSON file stands in two places, so that it is plain which one is too many."""
    places = [match.start() for match in re.finditer(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:", text)]
    return f"line {text.count(chr(10), 0, places[1]) + 1}: " if len(places) == 2 else ""


def of_entry(error: ValidationError, known: Iterable[str]) -> str:
    """The first thing that is wrong with an entry. `known` are the keys of the object that refuses unknown ones.

    Nothing of the values is in it: they may be secrets.
    """
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "entry"
    if first["type"] == "extra_forbidden":
        keys = list(known)
        return f"{place} is not known here.{did_you_mean(str(first['loc'][-1]), keys)} There are: {', '.join(keys)}."
    return f"{place} {_of_value(first)}{_HINTS.get(str(first['loc'][0]) if first['loc'] else '', '')}"


def _of_value(first: ErrorDetails) -> str:
    context: dict[str, Any] = first.get("ctx", {})
    if first["type"] in ("literal_error", "enum"):
        allowed = [word for word in re.findall(r"'([^']*)'", context["expected"]) if word]
        return f"must be one of: {', '.join(allowed)}."
    if wording := _OF_VALUES.get(first["type"]):
        return wording.format(**context)
    return first["msg"].replace("Input should be", "must be") + "."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean allow?`, or nothing if no known name is near."""
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""
