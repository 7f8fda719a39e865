"""One runbook as it was read: its lines, its sections by heading, and when it was last changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from markdown_it import MarkdownIt

from sahur_core.code.index.ranking import words
from sahur_core.code.languages.encoding import decode_source

MAX_BYTES = 256 * 1024
"""A larger file is left out: no runbook is as long, but a log under a wrong name is."""
MAX_SECTION_LINES = 200
"""A longer section is found in pieces."""
_FRONT_MATTER = "---"


@dataclass(frozen=True)
class Section:
    """Lines `start` to `end` (from 1, both included) under `headings`, outermost first."""

    headings: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Runbook:
    """`path` names it for readers; `version` changes with its content."""

    path: str
    source: str
    version: str
    changed_at: datetime
    lines: tuple[str, ...]
    changed_by: str = ""
    commit: str = ""

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return sections_of(self.lines)

    @cached_property
    def title(self) -> str:
        """Its first heading, else the name of the file."""
        first = next((section.headings[0] for section in self.sections if section.headings), "")
        return first or self.path.rpartition("/")[2]

    def section_at(self, line: int) -> tuple[str, ...]:
        return next((each.headings for each in self.sections if each.start <= line <= each.end), ())

    def words_of(self, section: Section) -> list[str]:
        """What it is found by. Its headings and its name are what it is about, so they count once more."""
        about = " ".join([self.path, *section.headings])
        return words("\n".join([about, *self.lines[section.start - 1 : section.end]]))


def text_lines(content: bytes) -> tuple[str, ...] | None:
    """The lines of a text file, None for a binary one."""
    if b"\0" in content:
        return None
    lines = decode_source(content).split("\n")
    if lines[-1] == "":
        lines.pop()
    return tuple(line.rstrip("\r") for line in lines)


def sections_of(lines: tuple[str, ...]) -> tuple[Section, ...]:
    """Where each heading's text begins and ends, as CommonMark has it; `#` in a block of code is no heading."""
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    start = 1
    for line, level, heading in _headings(_without_front_matter(lines)):
        found += _pieces(path, start, line - 1)
        path = [(above, text) for above, text in path if above < level] + [(level, heading)]
        start = line
    return tuple(found + _pieces(path, start, len(lines)))


def _pieces(path: list[tuple[int, str]], start: int, end: int) -> list[Section]:
    headings = tuple(text for _, text in path)
    return [
        Section(headings, first, min(first + MAX_SECTION_LINES - 1, end)) for first in range(start, end + 1, MAX_SECTION_LINES)
    ]


def _headings(lines: list[str]) -> list[tuple[int, int, str]]:
    """Line, level and text of each top-level heading."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable("inline")  # only blocks are of interest
    tokens = parser.parse("\n".join(lines))
    return [
        (token.map[0] + 1, int(token.tag[1:]), " ".join(text.content.split()))
        for token, text in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def _without_front_matter(lines: tuple[str, ...]) -> list[str]:
    """Blank lines in place of metadata at the top, whose last line would make a heading of it."""
    if lines and lines[0].rstrip() == _FRONT_MATTER and _FRONT_MATTER in (rest := [line.rstrip() for line in lines[1:]]):
        end = rest.index(_FRONT_MATTER) + 2
        return ["" for _ in range(end)] + list(lines[end:])
    return list(lines)
