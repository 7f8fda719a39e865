"""What a report names: stack traces, files, definitions, texts that the program wrote, and its own words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sahur_core.code.index.index import CodeIndex
from sahur_core.code.languages.messages import fits, letters
from sahur_core.code.locate.report import Report
from sahur_core.code.traces.frames import StackTrace
from sahur_core.code.traces.parse import parse_traces, without_traces

MAX_TEXT_CHARS = 200_000
MAX_NAMES = 60
MAX_TEMPLATES = 20
_PATH = re.compile(r"(?<![\w@])(?P<path>(?:[\w.\-]{1,100}/){0,12}[\w\-]{1,100}\.[A-Za-z]{1,6})(?::(?P<line>\d{1,7}))?\b")
_DOTTED = re.compile(r"(?<![\w./])[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){1,8}")
_TICKED = re.compile(r"`([^`\n]{1,200})`")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,99}")
_CALLED = re.compile(r"\b([A-Za-z_]\w{2,99})\(")
_CAMEL = re.compile(r"^(?:[A-Z]?[a-z0-9]+[A-Z]|[A-Z]{2,}[a-z]+[A-Z]|[A-Z][a-z0-9]+[A-Z])\w*$")
_WORKED_BEFORE = re.compile(
    r"\b(?:since|after|until|worked|used to|was fine|were fine|before|last (?:week|month|release)|(?:weeks?|days?) ago"
    r"|no longer|any ?more|regression|upgrad\w+|updat\w+|deploy\w*|release[ds]?|yesterday|suddenly)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NamedFile:
    """A file that the report names, at a line if it says one."""

    path: str
    line: int | None
    as_said: str


@dataclass(frozen=True)
class WrittenText:
    """A text of the source that the report repeats."""

    path: str
    line: int
    template: str


@dataclass(frozen=True)
class Clues:
    title: str
    prose: str
    """The report without its stack frames."""
    traces: list[StackTrace]
    files: list[NamedFile]
    names: list[str]
    """Identifiers that are defined in the code, as written (`parse_rate`, `Order.total`)."""
    texts: list[WrittenText]
    worked_before: bool
    """The report says that it is new."""

    @property
    def said_words(self) -> set[str]:
        """The words of title and text, in lower case."""
        return set(re.findall(r"\w+", f"{self.title}\n{self.prose}".lower()))

    @property
    def query(self) -> str:
        """All words of the report, with those that its error messages hint at."""
        return "\n".join([self.title, self.prose, Report.read(self.prose).hints])


def read_clues(report_text: str, title: str, index: CodeIndex) -> Clues:
    """Read a report against the names, files and texts of an index."""
    text = report_text[:MAX_TEXT_CHARS]
    prose = without_traces(text)
    said = f"{title}\n{prose}"
    return Clues(
        title=title,
        prose=prose,
        traces=parse_traces(text),
        files=_named_files(said, index),
        names=_defined_names(said, index),
        texts=_written_texts(said, index),
        worked_before=bool(_WORKED_BEFORE.search(said)),
    )


def _named_files(text: str, index: CodeIndex) -> list[NamedFile]:
    found: dict[tuple[str, int | None], NamedFile] = {}
    for match in _PATH.finditer(text):
        path = index.path_map.mentioned(match["path"])
        line = int(match["line"]) if match["line"] else None
        if path:
            found.setdefault((path, line), NamedFile(path, line, match["path"]))
    for match in _DOTTED.finditer(text):
        path = index.path_map.module(match[0])
        if path:
            found.setdefault((path, None), NamedFile(path, None, match[0]))
    return list(found.values())[:MAX_NAMES]


def _defined_names(text: str, index: CodeIndex) -> list[str]:
    """Only words that look like code: `find` in a sentence is a verb, in backticks or before a bracket it is a name."""
    ticked = [word for tick in _TICKED.findall(text) for word in _IDENTIFIER.findall(tick)]
    dotted = [name for match in _DOTTED.findall(text) for name in _endings(match)]
    plain = [word for word in _IDENTIFIER.findall(text) if "_" in word.strip("_") or _CAMEL.match(word)]
    names = [name for name in [*dotted, *ticked, *_CALLED.findall(text), *plain] if index.defines(name.rsplit(".", 1)[-1])]
    unique = list(dict.fromkeys(names))
    covered = {name.rsplit(".", 1)[-1] for name in unique if "." in name and index.symbols(name=name)}
    return [name for name in unique if "." in name or name not in covered][:MAX_NAMES]


def _endings(dotted: str) -> list[str]:
    parts = dotted.split(".")
    return [".".join(parts[-2:]), parts[-1]]


def _written_texts(text: str, index: CodeIndex) -> list[WrittenText]:
    found = [WrittenText(path, line, template) for path, line, template in index.templates if fits(template, text)]
    return sorted(found, key=lambda entry: -letters(entry.template))[:MAX_TEMPLATES]
