"""Checks the arguments of a call against the tool's JSON Schema, with a message that a model can act on."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from time import thread_time
from typing import Any

import regex
from jsonschema import SchemaError
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

MAX_KEPT = 500
PATTERN_SECONDS = 0.05
CHECK_SECONDS = 0.5
"""Of processor time for one check: a schema of a few lines can ask for more steps than the world has time for."""

_until: ContextVar[float] = ContextVar("until", default=math.inf)
_Keyword = Callable[[Validator, Any, Any, dict[str, Any]], Any]


class _TooLongError(Exception):
    """The check has used up its time."""


class ArgumentChecker:
    """Keeps compiled validators, because compiling costs far more than validating."""

    def __init__(self) -> None:
        self._validators: OrderedDict[str, Validator] = OrderedDict()
        self._of_objects: OrderedDict[int, tuple[dict[str, Any], Validator]] = OrderedDict()

    def problem(self, schema: dict[str, Any], arguments: dict[str, Any]) -> str:
        """What is wrong with the arguments and how to mend it; empty if nothing is.

        A schema that is itself wrong, or takes too long, does not block the tool: its upstream checks its own arguments too.
        """
        _until.set(thread_time() + CHECK_SECONDS)
        try:
            error = best_match(self._validator(schema).iter_errors(arguments))
        except (SchemaError, Unresolvable, RecursionError, _TooLongError):
            # Recursion: references that go in a circle.
            return ""
        return _explain(error, schema) if error is not None else ""

    def _validator(self, schema: dict[str, Any]) -> Validator:
        """That of this very object if it was seen before: a tool is called more often than it is listed."""
        known = self._of_objects.get(id(schema))
        if known is not None and known[0] is schema:
            return known[1]
        validator = self._validator_of_equal(schema)
        # The schema is kept with it, so that its id is not given to another.
        self._of_objects[id(schema)] = (schema, validator)
        if len(self._of_objects) > MAX_KEPT:
            self._of_objects.popitem(last=False)
        return validator

    def _validator_of_equal(self, schema: dict[str, Any]) -> Validator:
        key = json.dumps(schema, sort_keys=True)
        validator = self._validators.get(key)
        if validator is None:
            kind = validator_for(schema)
            kind.check_schema(schema)
            kind = _with_an_end(kind)
            # An empty registry: a `$ref` must resolve inside the schema, nothing is fetched.
            validator = self._validators[key] = kind(schema, registry=Registry())
            if len(self._validators) > MAX_KEPT:
                self._validators.popitem(last=False)
        return validator


def _with_an_end(kind: Any) -> Any:
    """The same kind of validator, for schemas that others wrote."""
    plain = kind.VALIDATORS.get("additionalProperties")

    def additional(validator: Validator, allowed: Any, instance: object, schema: dict[str, Any]) -> Iterator[ValidationError]:
        if plain is not None and "patternProperties" not in schema:
            yield from plain(validator, allowed, instance, schema) or ()

    ours: dict[str, _Keyword] = {
        "pattern": _pattern,
        "patternProperties": _nothing,
        "additionalProperties": additional,
        "uniqueItems": _unique_items,
    }
    return extend(kind, {name: _timed(check) for name, check in {**kind.VALIDATORS, **ours}.items()})


def _timed(keyword: _Keyword) -> _Keyword:
    """The keyword, as long as there is time."""

    def check(validator: Validator, value: Any, instance: Any, schema: dict[str, Any]) -> Any:
        if thread_time() > _until.get():
            raise _TooLongError
        return keyword(validator, value, instance, schema)

    return check


def _unique_items(_validator: Validator, is_wanted: bool, instance: object, _schema: dict[str, Any]) -> Iterator[ValidationError]:
    """The keyword `uniqueItems` in one pass; the library compares each item of a list of objects with each other one."""
    if is_wanted and isinstance(instance, list) and len({json.dumps(item, sort_keys=True) for item in instance}) < len(instance):
        yield ValidationError("The list has non-unique items")


def _nothing(*_of: object) -> Iterator[ValidationError]:
    """The keyword `patternProperties`, left to the upstream: its patterns cannot be bounded here."""
    yield from ()


def _pattern(_validator: Validator, pattern: str, instance: object, _schema: dict[str, Any]) -> Iterator[ValidationError]:
    """The keyword `pattern`, with an end: an upstream's pattern may take longer than the world lasts.

    What does not finish is left to the upstream.
    """
    if not isinstance(instance, str):
        return
    try:
        is_match = regex.search(pattern, instance, timeout=PATTERN_SECONDS) is not None
    except (TimeoutError, regex.error):
        return
    if not is_match:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _explain(error: ValidationError, schema: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    message = error.message if len(error.message) <= 300 else error.message[:300] + "…"
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    known = ", ".join(f"{name}{' (required)' if name in required else ''}" for name in properties) or "none"
    return f"Wrong arguments{f' at {where}' if where else ''}: {message}. The tool's arguments are: {known}."
