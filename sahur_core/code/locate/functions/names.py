"""Classes that the report names: whose constructor made them, and from which they inherit their methods."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.report import Report
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.signals.names import MIN_CHARS

MAX_CLASSES = 6
"""A name that more classes have names none of them."""
MAX_BASES_UP = 5
_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "initialize", "new", "init", "__construct"})


def is_constructor(bare: str, owner: str) -> bool:
    """Whether a function makes the objects of its class."""
    return bool(owner) and (bare in _CONSTRUCTORS or bare == owner)


def name_signals(field: Field) -> Iterator[Signal]:
    """Functions by their class."""
    report = field.case.report
    named = _named_classes(field, report)
    above = _above(field, named)
    made, inherited = field.zeros(), field.zeros()
    for number, candidate in enumerate(field.candidates):
        owner = candidate.owner_bare
        if owner in named:
            made[number] = float(is_constructor(candidate.bare, owner) and owner in report.called)
        elif owner in above:
            inherited[number] = 1 / above[owner][0]

    def of_base(number: int) -> str:
        owner = field.candidates[number].owner_bare
        return f"`{above[owner][1]}`, named in the report, inherits it from `{owner}`"

    yield Signal("class_made", made, lambda number: f"the report makes a `{field.candidates[number].owner_bare}`", "class")
    yield Signal("inherited", inherited, of_base)


def _named_classes(field: Field, report: Report) -> set[str]:
    """Classes that the report names."""
    found: set[str] = set()
    for token in report.tokens:
        is_spelled = report.looks_like_code(token) or (token in report.title_tokens and token[0].isupper())
        if len(token) >= MIN_CHARS and is_spelled and 0 < len(field.classes(token)) <= MAX_CLASSES:
            found.add(token)
    return found


def _above(field: Field, named: set[str]) -> dict[str, tuple[int, str]]:
    """Base classes of the named ones among the candidates' classes: how far above, and above which."""
    above: dict[str, tuple[int, str]] = {}
    pending = [(name, 0, name) for name in sorted(named)]
    while pending:
        name, distance, origin = pending.pop(0)
        for definition in field.classes(name)[:4] if distance < MAX_BASES_UP else ():
            for base in _bases(field, definition):
                if base not in named and base not in above and field.classes(base):
                    above[base] = (distance + 1, origin)
                    pending.append((base, distance + 1, origin))
    return above


def _bases(field: Field, definition: int) -> list[str]:
    """The bare names of a class's bases: `Base` of `shop.Base<T>`, `Base[T]`, `Base(T)`."""
    found = [re.split(r"[<\[(]", base, maxsplit=1)[0].strip() for base in field.case.index.definition_bases(definition)]
    return [re.split(r"\.|::|\\", base)[-1] for base in found if base and "=" not in base]


def name_counts(field: Field) -> Numbers:
    """For each candidate how many functions of the repository share its name."""
    counts = {bare: field.count_functions(bare) for bare in field.by_name}
    return np.array([counts[candidate.bare] for candidate in field.candidates], dtype=np.float64)
