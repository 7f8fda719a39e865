"""What the report's names mean: followed through imports, re-exports and base classes to the files that define them.

`Order(...).total()` in a report is about the file that defines `total` for the class, which may be that of a base class;
`shop.Order` is about the file that the package takes `Order` from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sahur_core.code.index.segment import KINDS
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.signals.names import Tally, candidates, follow

MAX_CLASSES = 3
"""A class name that more files define is not followed."""
MAX_DEPTH = 6
MAX_TIMES = 3
"""A name said more often counts no more."""
MAX_NAMES = 400
MIN_CHARS = 3
_CLASS = KINDS.index("class")
_NAME = re.compile(r"(?<![\w.])([A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*)\s*(\(?)")
_ASSIGNED = re.compile(r"(?:^|[\s>.;(])([A-Za-z_]\w*)\s*:?=\s*(?:new\s+)?([A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*)\s*\(", re.M)
_CHAINED = re.compile(r"([A-Za-z_][\w.]*)\s*\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)\.([A-Za-z_]\w*)")
_ALIASED = re.compile(r"\bimport\s+([\w.]+)\s+as\s+(\w+)")
_EXTENDED = re.compile(r"\bclass\s+\w+\s*\(([^)\n]*)\)")
_DEFINED = re.compile(r"\bdef\s+(\w+)")
_SEPARATOR = re.compile(r"\.|::")


@dataclass(frozen=True)
class Class:
    """A class by one of its definitions."""

    file: int
    name: str


@dataclass
class _Meaning:
    """What a dotted name means, from left to right."""

    defined: list[tuple[int, str]] = field(default_factory=list)
    """Files with the names that they define."""
    methods: list[tuple[int, str]] = field(default_factory=list)
    of_class: Class | None = None


class Resolver:
    """Resolves names as the code of a report uses them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._index = case.index
        self._aliases = {alias: module for module, alias in _ALIASED.findall(case.report.text)} | _usual_aliases(case)
        self._variables: dict[str, Class] = {}
        self._imported: dict[str, tuple[int, str]] = {}
        for parts, names in case.report.imported:
            for module in self._index.graph.modules.find("/".join(parts)):
                for name in names:
                    for file in follow(case, module, name):
                        self._imported.setdefault(name, (file, name))
        for variable, name in _ASSIGNED.findall(f"{case.report.code}\n" + "\n".join(case.report.ticked)):
            made = self.resolve(name).of_class
            if made:
                self._variables[variable] = made

    def resolve(self, dotted: str) -> _Meaning:
        """Empty if nothing is known of the first part."""
        parts = _SEPARATOR.split(dotted)
        if parts[0] in self._aliases:
            parts = [*self._aliases[parts[0]].split("."), *parts[1:]]
        meaning = _Meaning()
        if parts[0] in self._variables:
            meaning.of_class, rest = self._variables[parts[0]], parts[1:]
        else:
            rest = self._defined(parts, meaning)
        if meaning.of_class and rest:
            meaning.methods = [(file, rest[0]) for file in self.method(meaning.of_class, rest[0])]
        return meaning

    def _defined(self, parts: list[str], meaning: _Meaning) -> list[str]:
        """Finds the definition of the first parts; gives the parts behind it."""
        first = parts[0]
        if first in self._imported:
            file, name = self._imported[first]
            meaning.defined.append((file, name))
            meaning.of_class = self._class_in(file, name)
            return parts[1:]
        modules = self._index.graph.modules
        for length in range(len(parts) - 1, 0, -1):
            name = "/".join(parts[:length])
            files = modules.find(name) if length > 1 else [*modules.exactly(name), *modules.exactly(f"src/{name}")][:1]
            found = [each for file in files for each in follow(self._case, file, parts[length])]
            if found:
                meaning.defined += [(file, parts[length]) for file in found]
                meaning.of_class = self._class_in(found[0], parts[length])
                return parts[length + 1 :]
        classes = self.classes(first)
        if classes:
            meaning.defined += [(each.file, first) for each in classes]
            meaning.of_class = classes[0]
        return parts[1:]

    def classes(self, name: str) -> list[Class]:
        """The classes of a name, if they are few."""
        index = self._index
        found = [d for d in index.definitions_of(name).tolist() if index.definition_kinds[d] == _CLASS]
        files = dict.fromkeys(int(index.blob_files[index.definition_blobs[d]]) for d in found)
        return [Class(file, name) for file in files if self._case.place_of_file[file] >= 0] if len(files) <= MAX_CLASSES else []

    def _class_in(self, file: int, name: str) -> Class | None:
        return Class(file, name) if any(self._is_in(d, file) for d in self._classes_called(name)) else None

    def _classes_called(self, name: str) -> list[int]:
        return [d for d in self._index.definitions_of(name).tolist() if self._index.definition_kinds[d] == _CLASS]

    def _is_in(self, definition: int, file: int) -> bool:
        return int(self._index.definition_blobs[definition]) == int(self._index.file_blobs[file])

    def bases(self, of: Class) -> list[Class]:
        """The base classes that the repository defines: as the class's own file knows them, else by their names."""
        found: dict[Class, None] = {}
        for definition in self._classes_called(of.name):
            if not self._is_in(definition, of.file):
                continue
            for written in self._index.definition_bases(definition):
                name = _SEPARATOR.split(written.split("[", 1)[0].split("(", 1)[0].strip())[-1]
                if not name.isidentifier():
                    continue
                known = [Class(file, name) for file in follow(self._case, of.file, name) if self._class_in(file, name)]
                found |= dict.fromkeys(known or self.classes(name)[:2])
        found.pop(of, None)
        return list(found)

    def method(self, of: Class, name: str) -> list[int]:
        """The file that defines a method for a class: its own, else that of the nearest base class that has it."""
        defined = [d for d in self._index.definitions_of(name).tolist() if self._index.definition_kinds[d] != _CLASS]
        seen = {of}
        level = [of]
        for _ in range(MAX_DEPTH):
            if not defined:
                return []
            for each in level:
                ending = f"{each.name}.{name}"
                if any(self._is_in(d, each.file) and self._ends(d, ending) for d in defined):
                    return [each.file]
            level = [base for each in level for base in self.bases(each) if base not in seen]
            seen.update(level)
        return []

    def _ends(self, definition: int, ending: str) -> bool:
        name = self._index.definition_name(definition)
        return name == ending or name.endswith(f".{ending}")

    def ancestors(self, of: Class) -> dict[Class, int]:
        """All base classes with how far up they are."""
        found: dict[Class, int] = {}
        level = [of]
        for depth in range(1, MAX_DEPTH):
            level = [base for each in level for base in self.bases(each) if base not in found and base != of]
            found |= {base: depth for base in level if base not in found}
        return found


def _usual_aliases(case: Case) -> dict[str, str]:
    """What the repository's own tests and documents call its packages (`import xarray as xr`)."""
    counts: dict[tuple[str, str], int] = {}
    for imports in case.index.imports:
        for entry in imports:
            if entry.alias and not entry.name and entry.alias != entry.module:
                counts[entry.alias, entry.module] = counts.get((entry.alias, entry.module), 0) + 1
    return {alias: module for (alias, module), times in sorted(counts.items(), key=lambda item: item[1]) if times >= 5}


def resolved_signals(case: Case) -> Iterator[Signal]:
    """The files that the names in the report lead to."""
    resolver = Resolver(case)
    report = case.report
    defined, in_title, methods, bases = Tally(case), Tally(case), Tally(case), Tally(case)
    seen: dict[tuple[int, str], int] = {}
    above: dict[Class, dict[Class, int]] = {}

    def credit(tally: Tally, file: int, name: str, value: float) -> None:
        for place in candidates(case, [file]):
            tally.add(place, value, name)

    for name, weight, is_title in _said(case):
        meaning = resolver.resolve(name)
        for file, what in meaning.defined:
            times = seen[file, what] = seen.get((file, what), 0) + 1
            if times <= MAX_TIMES:
                credit(defined, file, what, weight / times)
                if is_title or what in report.title_tokens:
                    credit(in_title, file, what, weight / times)
        for file, what in meaning.methods:
            times = seen[file, f".{what}"] = seen.get((file, f".{what}"), 0) + 1
            if times <= MAX_TIMES:
                credit(methods, file, what, weight / times)
        if meaning.of_class:
            if meaning.of_class not in above:
                above[meaning.of_class] = resolver.ancestors(meaning.of_class)
            for base, depth in above[meaning.of_class].items():
                credit(bases, base.file, base.name, weight / (1 + depth))
    for made, method in _CHAINED.findall(report.code):
        of = resolver.resolve(made).of_class
        for file in resolver.method(of, method) if of else ():
            credit(methods, file, method, 0.7)
    for base, written in _extended(case, resolver):
        credit(defined, base.file, base.name, 0.4)
        for method in written:
            for file in resolver.method(base, method):
                credit(methods, file, method, 0.5)
    yield Signal("resolved", defined.values, defined.explain("is where the code finds"))
    yield Signal("resolved_title", in_title.values, in_title.explain("is where the code finds"))
    yield Signal("resolved_method", methods.values, methods.explain("defines, for the class or its bases,"))
    yield Signal("resolved_base", bases.values, bases.explain("defines, as the base of a named class,"))


def _said(case: Case) -> Iterator[tuple[str, float, bool]]:
    """Names of the report with how much they count: title before backticks before sentences before code."""
    report = case.report
    texts = ((report.title, 2.0), ("\n".join(report.ticked), 1.5), (report.prose, 1.0), (report.code, 0.7))
    left = MAX_NAMES
    for number, (text, weight) in enumerate(texts):
        is_sentence = number in (0, 2)
        for name, bracket in _NAME.findall(text):
            is_marked = bool(bracket) or "." in name or "::" in name
            first = _SEPARATOR.split(name)[0]
            if len(name) < MIN_CHARS or (is_sentence and not is_marked and not report.looks_like_code(first)):
                continue
            if left == 0:
                return
            left -= 1
            yield name, weight if number != 3 or is_marked else 0.3, number == 0


def _extended(case: Case, resolver: Resolver) -> Iterator[tuple[Class, list[str]]]:
    """Classes of the repository that the report's own classes extend, with the methods that these write anew."""
    written = list(dict.fromkeys(_DEFINED.findall(case.report.code)))
    for bases in _EXTENDED.findall(case.report.code):
        for base in bases.split(","):
            name = _SEPARATOR.split(base.split("=")[-1].strip())[-1]
            for found in resolver.classes(name)[:2] if name.isidentifier() else ():
                yield found, written
