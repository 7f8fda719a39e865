"""Names that the report spells, against the names of functions and of the classes they are in or are inherited by."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.report import Report
from sahur_core.code.locate.signals import Explain, Signal
from sahur_core.code.locate.signals.names import MIN_CHARS

MAX_CLASSES = 6
"""A name that more classes have names none of them."""
MAX_BASES_UP = 5
MAX_HEIRS_DOWN = 2
MAX_HEIRS = 15
"""A class with more direct heirs says nothing about one of them."""
_METHOD_CALLED = re.compile(r"(?:\.|->|::)([A-Za-z_]\w*)\s*[({]")
_ATTRIBUTE = re.compile(r"(?:\.|->|::)([A-Za-z_]\w*)")
_SPECIAL = re.compile(r"__\w+__$")
_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "initialize", "new", "init", "__construct"})


def is_constructor(bare: str, owner: str) -> bool:
    """Whether a function makes the objects of its class."""
    return bool(owner) and (bare in _CONSTRUCTORS or bare == owner)


def name_signals(field: Field) -> Iterator[Signal]:
    """Functions by their own name, then by their class's."""
    yield from _by_function(field)
    yield from _by_class(field)


def _by_function(field: Field) -> Iterator[Signal]:
    report = field.case.report
    methods, attributes = set(_METHOD_CALLED.findall(report.text)), set(_ATTRIBUTE.findall(report.text))
    qualified = {f"{outer}.{inner}" for parts in report.dotted for outer, inner in pairwise(parts)}
    names = ("said", "title", "ticked", "called", "method_called", "attribute", "only", "qualified")
    values = {name: field.zeros() for name in names}
    for number, candidate in enumerate(field.candidates):
        bare = candidate.bare
        if bare not in report.tokens or len(bare) < MIN_CHARS:
            continue
        count = max(field.count_functions(bare), 1)
        rarity = 1 / math.sqrt(count)
        is_said = report.looks_like_code(bare) and not _SPECIAL.match(bare)
        facts = {
            "said": is_said,
            "title": bare in report.title_tokens,
            "ticked": bare in report.ticked_tokens,
            "called": bare in report.called,
            "method_called": bool(candidate.owner) and bare in methods,
            "attribute": bool(candidate.owner) and bare in attributes and bare not in methods,
        }
        for name, is_true in facts.items():
            values[name][number] = rarity if is_true else 0.0
        values["only"][number] = float(is_said and count == 1)
        values["qualified"][number] = float(f"{candidate.owner_bare}.{bare}" in qualified)
    yield Signal("named", values["said"], _named(field, "is named in the report"), "named")
    yield Signal("named_title", values["title"], _named(field, "is named in the title"), "named")
    yield Signal("named_ticked", values["ticked"], _named(field, "is named in the report as code"), "named")
    yield Signal("called", values["called"], _named(field, "is called in the report"), "named")
    yield Signal("method_called", values["method_called"], _named(field, "is called in the report"), "named")
    yield Signal("attribute", values["attribute"], _named(field, "is named in the report as an attribute"), "named")
    yield Signal("named_only", values["only"], _named(field, "is the only function of this name, which the report says"), "named")
    yield Signal("qualified", values["qualified"], _named(field, "is named in the report", is_full=True), "named")


def _named(field: Field, verb: str, *, is_full: bool = False) -> Explain:
    def reason(number: int) -> str:
        candidate = field.candidates[number]
        return f"`{candidate.name if is_full else candidate.bare}` {verb}"

    return reason


def _by_class(field: Field) -> Iterator[Signal]:
    report = field.case.report
    named = _named_classes(field, report)
    above, below = _lineage(field, named)
    names = ("named", "title", "alone", "base", "base_method", "heir", "made")
    values = {name: field.zeros() for name in names}
    for number, candidate in enumerate(field.candidates):
        owner, bare = candidate.owner_bare, candidate.bare
        if owner in named:
            values["named"][number] = 1 / math.sqrt(named[owner])
            values["title"][number] = float(owner in report.title_tokens)
            values["alone"][number] = 1 / math.sqrt(len(named))
            values["made"][number] = float(is_constructor(bare, owner) and owner in report.called)
        elif owner in above:
            values["base"][number] = 1 / above[owner][0]
            is_method_said = bare in report.tokens and report.looks_like_code(bare)
            values["base_method"][number] = float(is_method_said)
        elif owner in below:
            values["heir"][number] = 1 / below[owner][0]

    def of_class(verb: str) -> Explain:
        return lambda number: f"its class `{field.candidates[number].owner_bare}` {verb}"

    def of_base(number: int) -> str:
        owner = field.candidates[number].owner_bare
        return f"`{above[owner][1]}`, named in the report, inherits it from `{owner}`"

    def of_heir(number: int) -> str:
        owner = field.candidates[number].owner_bare
        return f"its class `{owner}` extends `{below[owner][1]}`, named in the report"

    yield Signal("class_named", values["named"], of_class("is named in the report"), "class")
    yield Signal("class_title", values["title"], of_class("is named in the title"), "class")
    yield Signal("class_alone", values["alone"], of_class("is one of few classes that the report names"), "class")
    yield Signal("class_made", values["made"], lambda n: f"the report makes a `{field.candidates[n].owner_bare}`", "class")
    yield Signal("inherited", values["base"], of_base)
    yield Signal("inherited_method", values["base_method"], of_base)
    yield Signal("heir", values["heir"], of_heir)


def _named_classes(field: Field, report: Report) -> dict[str, int]:
    """Classes that the report names, with how many share the name."""
    found: dict[str, int] = {}
    for token in report.tokens:
        is_spelled = report.looks_like_code(token) or (token in report.title_tokens and token[0].isupper())
        if len(token) >= MIN_CHARS and is_spelled:
            count = len(field.classes(token))
            if 0 < count <= MAX_CLASSES:
                found[token] = count
    return found


def _lineage(field: Field, named: dict[str, int]) -> tuple[dict[str, tuple[int, str]], dict[str, tuple[int, str]]]:
    """Base classes of the named ones, and their heirs among the candidates' classes: how far, and of which."""
    above: dict[str, tuple[int, str]] = {}
    pending = [(name, 0, name) for name in named]
    while pending:
        name, distance, origin = pending.pop(0)
        for definition in field.classes(name)[:4] if distance < MAX_BASES_UP else ():
            for base in _bases(field, definition):
                if base not in named and base not in above and field.classes(base):
                    above[base] = (distance + 1, origin)
                    pending.append((base, distance + 1, origin))
    heirs = _heirs(field)
    below: dict[str, tuple[int, str]] = {}
    pending = [(name, 0, name) for name in named]
    while pending:
        name, distance, origin = pending.pop(0)
        if distance < MAX_HEIRS_DOWN and len(heirs.get(name, ())) <= MAX_HEIRS:
            for heir in sorted(heirs.get(name, ())):
                if heir not in named and heir not in below:
                    below[heir] = (distance + 1, origin)
                    pending.append((heir, distance + 1, origin))
    return above, below


def _heirs(field: Field) -> dict[str, set[str]]:
    """The classes of the candidates' files that extend each class."""
    found: dict[str, set[str]] = defaultdict(set)
    for owner in {candidate.owner_bare for candidate in field.candidates if candidate.owner}:
        for definition in field.classes(owner)[:MAX_CLASSES]:
            for base in _bases(field, definition):
                found[base].add(owner)
    return found


def _bases(field: Field, definition: int) -> list[str]:
    """The bare names of a class's bases: `Base` of `shop.Base<T>`, `Base[T]`, `Base(T)`."""
    found = [re.split(r"[<\[(]", base, maxsplit=1)[0].strip() for base in field.case.index.definition_bases(definition)]
    return [re.split(r"\.|::|\\", base)[-1] for base in found if base and "=" not in base]


def name_counts(field: Field) -> Numbers:
    """For each candidate how many functions of the repository share its name."""
    counts = {bare: field.count_functions(bare) for bare in field.by_name}
    return np.array([counts[candidate.bare] for candidate in field.candidates], dtype=np.float64)
