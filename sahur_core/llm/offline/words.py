"""Words and names in reports and code."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z_]\w*")
_STRING = re.compile(r"""'((?:[^'\\\n]|\\.){0,300})'|"((?:[^"\\\n]|\\.){0,300})\"""")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TEST_NAME = re.compile(r"(?:_test|_spec|[.-]test|[.-]spec|[a-z\d]Tests?)\.[a-z]{1,4}$")
_TEST_FOLDER = re.compile(r"tests/|/(?:test|spec|__tests__)/")
_KEYWORDS_TEXT = """
and as assert async await break class continue def del elif else except False finally for from global if import in is
lambda None nonlocal not or pass raise return True try while with yield self cls str int float bool list dict set
tuple len print range var let const function new this null undefined true false
nil do unless elsif rescue ensure begin require func fn fun val defer chan struct namespace
using public private protected internal static final readonly abstract override void string boolean double byte char
String Integer Object export extends implements throws throw catch switch case mut pub impl
"""
_KEYWORDS = frozenset(_KEYWORDS_TEXT.split())
_STOP_TEXT = """
a about after again all also although always am an and another any are as at be because been before being between both
but by can cannot come could day did do does done down each even every file few first for from get gets give go got
had has have he her here his how i if in into is it its just know last line like long look made make many may me more
most much must my need never new no none not now of off on once one only or other our out over own please problem same
say see seem she should show since so some still such take tell than thank that the their them then there these they
thing this those though through time to too traceback two under until up us use used user using very want was way we
week well went were what when where which while who why will with without work would yesterday today you your call
recent error exception raise return value object module code
"""
_STOP = frozenset(_STOP_TEXT.split())
MIN_STEM = 3


def names_in(code: str) -> set[str]:
    """Identifiers of some code without keywords and the most common builtins."""
    return {name for name in _NAME.findall(without_strings(code)) if name not in _KEYWORDS and len(name) > 1}


def strings_in(text: str) -> set[str]:
    """Quoted texts."""
    return set(quoted(text))


def quoted(text: str) -> list[str]:
    """Quoted texts, as often as they stand there."""
    return [first or second for first, second in _STRING.findall(text) if first or second]


def without_strings(code: str) -> str:
    """Code with its string literals emptied and its comment cut."""
    return _STRING.sub("''", code).partition("#")[0]


def stems(text: str) -> set[str]:
    """The words of a text or the parts of its names, lower case, without their commonest endings."""
    return set(words_by_stem(text))


def words_by_stem(text: str) -> dict[str, str]:
    """The stems with one word each that they stand for."""
    words = [part.lower() for part in _PART.findall(text) if len(part) >= MIN_STEM and part.lower() not in _STOP]
    return {_stem(word): word for word in reversed(words) if _stem(word) not in _STOP and len(_stem(word)) >= MIN_STEM}


def is_code_file(path: str) -> bool:
    """Neither a test nor a document: what a running system executes."""
    name = path.rpartition("/")[2]
    is_test = name.startswith("test_") or bool(_TEST_NAME.search(name)) or bool(_TEST_FOLDER.search(f"/{path}"))
    return (
        not is_test
        and not name.endswith((".md", ".rst", ".txt", ".lock"))
        and not name.upper().startswith(("LICENSE", "CHANGELOG"))
    )


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= MIN_STEM:
            return word[: -len(ending)]
    return word[:-1] if word.endswith("e") and len(word) > MIN_STEM else word
