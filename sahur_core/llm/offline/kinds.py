"""What other languages call the kinds of exceptions that the rules know by their Python names."""

from __future__ import annotations

import re

from sahur_core.llm.offline.failure import SeenException

NONE_VALUE = "no value"
"""A value was missing where something was asked of it: each language has a name of its own for that."""
_TEXTS = {
    NONE_VALUE: (
        "NullReference",
        "NullPointer",
        "nil pointer",
        r"for nil\b",
        r"(?:of|is) (?:null|undefined)\b",
        "(?:null|undefined) is not",
        "is not a function",
    ),
    "IndexError": (r"IndexOutOf\w*", "ArgumentOutOfRange", "(?:index|slice bounds) out of (?:range|bounds)", "out of bounds"),
    "ZeroDivisionError": ("DivideByZero", "divided? by (?:zero|0)", "division by zero", "/ by zero"),
    "KeyError": ("KeyNotFound", "key not found", "NoSuchElement", "missing key"),
    "ValueError": (
        "NumberFormat",
        "FormatException",
        "DateTimeParse",
        "invalid (?:syntax|date)",
        r"parsing \S",
        "ArgumentError",
        "SyntaxError",
        "Unexpected token",
    ),
    "TypeError": ("ClassCast", "InvalidCast", "interface conversion", "no implicit conversion", "is not iterable"),
    "RecursionError": ("StackOverflow", "stack level too deep", "call stack size exceeded", "stack overflow"),
    "NameError": (
        "uninitialized constant",
        "undefined (?:local variable|method)",
        "is not defined",
        "NoSuchMethod",
        "NoClassDef",
        "ClassNotFound",
        "MissingMethod",
    ),
    "UnicodeDecodeError": (
        "MalformedInput",
        "CharacterCoding",
        "invalid byte sequence",
        "UndefinedConversion",
        "DecoderFallback",
    ),
}
_KINDS = [(kind, re.compile("|".join(texts), re.IGNORECASE)) for kind, texts in _TEXTS.items()]
_OF_PYTHON = re.compile(r"^(?:\w*Error|DoesNotExist|InvalidOperation|DivisionByZero|timeout|\w+Timeout)$")
_ELSEWHERE = frozenset({"TypeError", "RangeError", "ReferenceError", "SyntaxError", "NoMethodError", "ArgumentError", "Error"})
"""Names that look like Python's but are, or are also, those of JavaScript and Ruby: the message tells."""


def kind_of(seen: SeenException) -> str:
    """The name under which the rules know it; its own where no other language's words fit."""
    if _OF_PYTHON.match(seen.type) and seen.type not in _ELSEWHERE:
        return seen.type
    if seen.type == "TypeError" and "NoneType" in seen.message:
        return seen.type
    told = f"{seen.type}: {seen.message}"
    return next((kind for kind, pattern in _KINDS if pattern.search(told)), seen.type)
