"""A closer look at some candidates: their code is read for parameters, calls, raised exceptions, and quoted texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.terms import TOKEN
from sahur_core.code.languages.encoding import decode_source
from sahur_core.code.locate.functions.candidates import Candidate, Field
from sahur_core.code.locate.functions.words import share, stems_of
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.signals.names import MIN_CHARS

MAX_HEADER_CHARS = 1500
MAX_CODE_CHARS = 40_000
"""Of a longer function the beginning is read."""
_CALL = re.compile(r"\b([A-Za-z_]\w*)\(")
_RAISED = re.compile(r"\b(?:raise|throw|panic!?)\b[\s(]*(?:new\s+)?(?:[\w.]+(?:\.|::))?([A-Z]\w*)")
_TEXT = re.compile(r"\"((?:[^\"\\\n]|\\.){3,200})\"|'((?:[^'\\\n]|\\.){3,200})'|`([^`\n]{3,200})`")
_COMMENT = re.compile(r"(?:^|\s)(?:#|//|/?\*)(.*)$|\"\"\"(.*?)\"\"\"", re.M | re.S)
_KEYWORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*=(?![=>])")
_EXCEPTION = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Failure))\b")
_SHORT_TEXT = re.compile(r"[\"'`]([^\"'`\n]{3,40})[\"'`]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_BRACKETS = {"(": 1, "[": 1, "{": 1, "<": 1, ")": -1, "]": -1, "}": -1, ">": -1}
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
    def parameters(self) -> frozenset[str]:
        """Their names, without the receiver."""
        start = self.text.find(f"{self._candidate.bare}(")
        start = start if start >= 0 else self.text.find(f"{self._candidate.bare}<")
        opened = self.text.find("(", start) if start >= 0 else -1
        if opened < 0:
            return frozenset()
        header = self.text[opened + 1 : opened + 1 + MAX_HEADER_CHARS]
        is_name_first = self._candidate.path.endswith(".go")
        found = [_parameter(part, is_name_first=is_name_first) for part in _arguments(header)]
        return frozenset(found) - _RECEIVERS - {""}

    @cached_property
    def calls(self) -> dict[str, Receiver]:
        """Called names, and what they are called on: the nearest thing if there are several."""
        found: dict[str, Receiver] = {}
        for match in _CALL.finditer(self.text):
            name, on = match[1], _receiver(self.text, match.start())
            found[name] = min(on, found.get(name, on))
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(TOKEN.findall(self.text))

    @cached_property
    def raised(self) -> frozenset[str]:
        return frozenset(_RAISED.findall(self.text))

    @cached_property
    def texts(self) -> list[str]:
        return ["".join(groups) for groups in _TEXT.findall(self.text)]

    @cached_property
    def comments(self) -> str:
        return "\n".join("".join(groups) for groups in _COMMENT.findall(self.text))

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
    keywords = set(_KEYWORD.findall("\n".join((report.title, report.code, *report.ticked))))
    exceptions = set(_EXCEPTION.findall(report.text)) | {trace.exception.rsplit(".", 1)[-1] for trace in report.traces}
    quoted = set(_SHORT_TEXT.findall(report.text))
    tally = _Tally(field, codes)
    yield tally.rare("parameter_set", lambda c: c.parameters & keywords, "its parameter {} is set in the report")
    titled = frozenset(token for token in report.title_tokens if len(token) >= MIN_CHARS)
    yield tally.rare("parameter_title", lambda c: c.parameters & titled, "its parameter {} is named in the title")
    yield tally.rare("parameter_ticked", lambda c: c.parameters & report.ticked_tokens, "its parameter {} is named in the report")
    yield tally.rare("keyword_used", lambda c: (c.names & keywords) - c.parameters, "it uses {}, which the report sets")
    called = frozenset(name for name in report.called if len(name) >= MIN_CHARS)
    yield tally.rare("calls_called", lambda c: called & c.calls.keys(), "it calls {}, as the report does")
    yield tally.rare("raises", lambda c: c.raised & exceptions, "it raises {}, which the report names")
    yield tally.rare("quotes", lambda c: quoted.intersection(c.texts), "it holds the text {}, quoted in the report")
    yield from _words_of(tally, field)
    yield from _pairs(field, codes)


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


def _words_of(tally: _Tally, field: Field) -> Iterator[Signal]:
    """The report's words in comments and in texts alone."""
    said = frozenset(stems_of(field.case.report.text))
    yield tally.rare("words_of_texts", lambda c: said.intersection(stems_of(" ".join(c.texts))), "its texts have {}")
    yield tally.rare("words_of_comments", lambda c: said.intersection(stems_of(c.comments)), "its comments have {}")


def _pairs(field: Field, codes: Mapping[int, Code]) -> Iterator[Signal]:
    """Two words in a row, as the report has them."""
    for what, text in (("title", field.case.report.title), ("report", field.case.report.text)):
        said = {pair for part in re.split(r"[\n.;:]", text) for pair in _adjacent(stems_of(part))}
        found = {number: said & code.pairs for number, code in codes.items()}
        counts = Counter(pair for pairs in found.values() for pair in pairs)
        values = field.zeros()
        for number, pairs in found.items():
            values[number] = sum(math.log(1 + len(found) / counts[pair]) for pair in sorted(pairs))
        where = "the title" if what == "title" else "the report"
        yield Signal(f"pairs_{what}", share(values), _tell_pairs(found, where), "words in a row")


def _tell_pairs(found: Mapping[int, set[tuple[str, str]]], where: str) -> Callable[[int], str]:
    return lambda number: f"it has words in a row as {where} has them" if found.get(number) else ""


def _adjacent(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return (pair for pair in pairwise(words) if pair[0] != pair[1])


def _arguments(header: str) -> Iterator[str]:
    """What stands between the commas of a list of parameters, up to its closing bracket."""
    depth, start = 0, 0
    for place, character in enumerate(header):
        if character == "," and depth == 0:
            yield header[start:place]
            start = place + 1
        depth += _BRACKETS.get(character, 0)
        if depth < 0 and character != ">":
            yield header[start:place]
            return


def _parameter(part: str, *, is_name_first: bool) -> str:
    """The name in `name: type = default`, `Type name = default`, or for Go `name Type`."""
    names = _NAME.findall(part.split("=", 1)[0].split(":", 1)[0])
    return (names[0] if is_name_first else names[-1]) if names else ""
