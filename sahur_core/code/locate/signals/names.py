"""Names that the report spells, against what the files define; imports are followed to where a name is defined."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from sahur_core.code.index.arrays import Numbers
from sahur_core.code.index.import_graph import ImportedName
from sahur_core.code.index.segment import KINDS
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.signals import Explain, Signal

MAX_DEFINERS = 40
"""A name that more files define says nothing."""
MAX_QUALIFIED = 10
MAX_HOPS = 4
"""How many re-exports are followed."""
MIN_CHARS = 3
_GROUPS = {"class": "class", "function": "function", "method": "function", "variable": "variable"}
_COMMON = frozenset(
    [
        "self",
        "cls",
        "true",
        "false",
        "none",
        "null",
        "return",
        "import",
        "from",
        "class",
        "def",
        "print",
        "error",
        "exception",
        "value",
        "name",
        "type",
        "data",
        "test",
        "tests",
        "args",
        "kwargs",
        "object",
        "str",
        "int",
        "float",
        "list",
        "dict",
        "set",
        "len",
        "range",
        "main",
        "init",
        "code",
        "file",
        "line",
        "version",
        "example",
        "output",
    ]
)


def name_signals(case: Case) -> Iterator[Signal]:
    """Who defines what the report names."""
    yield from _definers(case)
    yield from _qualified(case)
    yield _imported(case)


class Tally:
    """Values of candidates with the names they come from."""

    def __init__(self, case: Case) -> None:
        self.values = case.empty()
        self._names: dict[int, list[tuple[float, str]]] = defaultdict(list)

    def add(self, place: int, value: float, name: str) -> None:
        self.values[place] += value
        self._names[place].append((value, name))

    def explain(self, verb: str) -> Explain:
        def reason(place: int) -> str:
            names = [name for _, name in sorted(self._names.get(place, ()), key=lambda entry: -entry[0])]
            return f"{verb} {', '.join(f'`{name}`' for name in dict.fromkeys(names[:3]))}, named in the report" if names else ""

        return reason


def _definers(case: Case) -> Iterator[Signal]:
    report = case.report
    names = ("class", "function", "variable", "title", "ticked", "only")
    tallies = {name: Tally(case) for name in names}
    for token, times in report.tokens.items():
        if len(token) < MIN_CHARS or token.lower() in _COMMON or not report.looks_like_code(token):
            continue
        for group, places in _definers_of(case, token).items():
            if len(places) > MAX_DEFINERS:
                continue
            value = (1 + 0.5 * math.log(times)) / len(places)
            for place in places:
                tallies[group].add(place, value, token)
                if token in report.title_tokens:
                    tallies["title"].add(place, value, token)
                if token in report.ticked_tokens:
                    tallies["ticked"].add(place, value, token)
                if len(places) == 1:
                    tallies["only"].add(place, 1.0, token)
    for name, tally in tallies.items():
        verb = "is the only one to define" if name == "only" else "defines"
        yield Signal(f"defines_{name}", tally.values, tally.explain(verb))


def _definers_of(case: Case, name: str) -> dict[str, list[int]]:
    """The candidates that define a bare name, by the group of its kind."""
    found: dict[str, dict[int, None]] = defaultdict(dict)
    for definition in case.index.definitions_of(name):
        group = _GROUPS[KINDS[int(case.index.definition_kinds[definition])]]
        for place in case.places_of_blob.get(int(case.index.definition_blobs[definition]), ()):
            found[group][place] = None
    return {group: list(places) for group, places in found.items()}


def _qualified(case: Case) -> Iterator[Signal]:
    """`Order.total` by its last two parts, and `shop.orders` by the path of its module."""
    qualified, module = Tally(case), Tally(case)
    modules = case.index.graph.modules
    for parts in case.report.dotted:
        for outer, inner in pairwise(parts):
            places = _places_of_qualified(case, outer, inner)
            for place in places if len(places) <= MAX_QUALIFIED else ():
                qualified.add(place, 1 / len(places), f"{outer}.{inner}")
        for length in range(len(parts), 1, -1):
            files = candidates(case, modules.find("/".join(parts[:length])))
            if files:
                for place in files:
                    module.values[place] = max(module.values[place], 1 / len(files))
                break
    yield Signal("defines_qualified", qualified.values, qualified.explain("defines"))
    yield Signal("module_named", module.values, lambda _: "the report names its module")


def _places_of_qualified(case: Case, outer: str, inner: str) -> list[int]:
    found: dict[int, None] = {}
    for definition in case.index.definitions_of(inner)[:200]:
        if case.index.definition_name(int(definition)).endswith(f"{outer}.{inner}"):
            found |= dict.fromkeys(case.places_of_blob.get(int(case.index.definition_blobs[definition]), ()))
    return list(found)


def _imported(case: Case) -> Signal:
    """The files that define what the report's own code imports, through re-exports."""
    tally = Tally(case)
    modules = case.index.graph.modules
    wanted: dict[tuple[int, str], None] = {}
    for parts, names in case.report.imported:
        for file in modules.find("/".join(parts)):
            wanted |= {(file, name): None for name in names}
    for parts in case.report.dotted:
        for length in range(len(parts) - 1, 0, -1):
            files = modules.find("/".join(parts[:length])) if length > 1 or _is_package(case, parts[0]) else []
            if files:
                wanted |= {(file, parts[length]): None for file in files}
                break
    for file, name in wanted:
        for place in candidates(case, follow(case, file, name)):
            tally.add(place, 1.0, name)
    return Signal("imported", tally.values, tally.explain("defines"))


def _is_package(case: Case, name: str) -> bool:
    return bool(case.index.graph.modules.exactly(name) or case.index.graph.modules.exactly(f"src/{name}"))


def follow(case: Case, file: int, name: str, hops: int = 0) -> list[int]:
    """The file that defines `name` as known in a file: itself, or one that it imports the name from."""
    index = case.index
    blob = int(index.file_blobs[file])
    if blob < 0 or hops > MAX_HOPS:
        return []
    first, last = index.definition_starts[blob : blob + 2]
    here = index.definitions_of(name)
    if len(here[(here >= first) & (here < last)]):
        return [file]
    for entry in index.imports[blob]:
        if name in (entry.name, entry.alias) or entry.name == "*":
            real = entry.name if entry.name not in ("*", "") else name
            for target in index.graph.resolve(index.paths[file], ImportedName(entry.module, real, "")):
                found = follow(case, target, real, hops + 1)
                if found:
                    return found
    return []


def candidates(case: Case, files: Iterable[int]) -> list[int]:
    """The places of those of the files that may hold the cause."""
    places: Numbers = case.place_of_file[np.array(list(files), dtype=np.int64)]
    return [int(place) for place in places if place >= 0]
