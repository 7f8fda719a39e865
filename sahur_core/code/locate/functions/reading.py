"""A closer look at some candidates: their code is read for calls, quoted texts, and words in a row."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

from sahur_core.code.git.repository import Repository
from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.locate.functions.candidates import Candidate, Field
from sahur_core.code.locate.functions.words import share, stems_of
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.signals.names import MIN_CHARS

MAX_CODE_CHARS = 40_000
"""Of a longer function the beginning is read."""
_CALL = re.compile(r"\b([A-Za-z_]\w*)\(")
_TEXT = re.compile(r"\"((?:[^\"\\\n]|\\.){3,200})\"|'((?:[^'\\\n]|\\.){3,200})'|`([^`\n]{3,200})`")
_SHORT_TEXT = re.compile(r"[\"'`]([^\"'`\n]{3,40})[\"'`]")
_RECEIVERS = frozenset({"self", "cls", "this", "Self"})
_RECEIVER = re.compile(r"(\w*)\s*(?:\.|->|::)\s*$")
_RECEIVER_CHARS = 24


class Receiver(IntEnum):
    """What a function is called on."""

    ITSELF = 0
    NOTHING = 1
    OTHER = 2


def _receiver(text: str, at: int) -> Receiver:
    if at == 0 or text[at - 1] not in ".>:":
        return Receiver.NOTHING
    found = _RECEIVER.search(text[max(0, at - _RECEIVER_CHARS) : at])
    if found is None:
        return Receiver.NOTHING
    return Receiver.ITSELF if found[1] in _RECEIVERS else Receiver.OTHER


class Code:
    """What a function's text says, in any language."""

    def __init__(self, candidate: Candidate, text: str) -> None:
        self.text = text[:MAX_CODE_CHARS]
        self._candidate = candidate

    @cached_property
    def calls(self) -> dict[str, Receiver]:
        """Called names, and what they are called on: the nearest thing if there are several."""
        found: dict[str, Receiver] = {}
        for match in _CALL.finditer(self.text):
            name, on = match[1], _receiver(self.text, match.start())
            found[name] = min(on, found.get(name, on))
        return found

    @cached_property
    def texts(self) -> list[str]:
        return ["".join(groups) for groups in _TEXT.findall(self.text)]

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Every two stemmed words in a row."""
        found = stems_of(self.text)
        return frozenset(pairwise(found))


def read_code(repository: Repository, field: Field, numbers: Iterable[int]) -> dict[int, Code]:
    """The code of some candidates, by one git process for the files that they are in."""
    wanted: dict[str, list[int]] = {}
    for number in numbers:
        wanted.setdefault(field.candidates[number].path, []).append(number)
    paths = [path for path in wanted if "\n" not in path]
    blobs = repository.read_blobs([f"{field.case.index.commit}:{path}" for path in paths])
    found: dict[int, Code] = {}
    for path, data in zip(paths, blobs, strict=True):
        lines = decode_source(data).split("\n")
        for number in wanted[path]:
            spans = field.candidates[number].spans
            text = "\n".join(line for start, end in spans for line in lines[start - 1 : end])
            found[number] = Code(field.candidates[number], text)
    return found


def reading_signals(field: Field, codes: Mapping[int, Code]) -> Iterator[Signal]:
    """Signals of the candidates that were read; the others have none."""
    report = field.case.report
    quoted = set(_SHORT_TEXT.findall(report.text))
    tally = _Tally(field, codes)
    called = frozenset(name for name in report.called if len(name) >= MIN_CHARS)
    yield tally.rare("calls_called", lambda c: called & c.calls.keys(), "it calls {}, as the report does")
    yield tally.rare("quotes", lambda c: quoted.intersection(c.texts), "it holds the text {}, quoted in the report")
    yield _pairs(field, codes)


class _Tally:
    """Counts how rare what is found is among the candidates that were read."""

    def __init__(self, field: Field, codes: Mapping[int, Code]) -> None:
        self._field, self._codes = field, codes

    def rare(self, name: str, find: Callable[[Code], Iterable[str]], told: str) -> Signal:
        """The sum of the rarities of what is found, as a share of the greatest."""
        found = {number: sorted(set(find(code))) for number, code in self._codes.items()}
        counts = Counter(item for items in found.values() for item in items)
        values = self._field.zeros()
        for number, items in found.items():
            values[number] = sum(math.log(1 + len(found) / counts[item]) for item in items)

        def reason(number: int) -> str:
            items = sorted(found.get(number, ()), key=lambda item: counts[item])[:3]
            return told.format(", ".join(f"`{item}`" for item in items)) if items else ""

        return Signal(name, share(values), reason)


def _pairs(field: Field, codes: Mapping[int, Code]) -> Signal:
    """Two words in a row, as the report has them."""
    said = {pair for part in re.split(r"[\n.;:]", field.case.report.text) for pair in _adjacent(stems_of(part))}
    found = {number: said & code.pairs for number, code in codes.items()}
    counts = Counter(pair for pairs in found.values() for pair in pairs)
    values = field.zeros()
    for number, pairs in found.items():
        values[number] = sum(math.log(1 + len(found) / counts[pair]) for pair in sorted(pairs))

    def reason(number: int) -> str:
        return "it has words in a row as the report has them" if found.get(number) else ""

    return Signal("pairs_report", share(values), reason, "words in a row")


def _adjacent(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return (pair for pair in pairwise(words) if pair[0] != pair[1])
