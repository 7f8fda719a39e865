"""What the code tools return: immutable, JSON-ready, lines counted from 1, paths relative to the repository's root."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from sahur_core.issues import Record


class CodeRecord(Record):
    """Base of the records of this package."""

    def to_json(self) -> dict[str, Any]:
        """The record as JSON types."""
        return self.model_dump(mode="json")


class FileRange(CodeRecord):
    """Lines `start` to `end` (both included) of a file at a commit."""

    path: str
    commit: str
    start: int
    end: int
    total_lines: int
    lines: list[str]
    is_truncated: bool = Field(default=False, description="Lines were left out or cut because of the size limit")
    notes: list[str] = Field(default=[], description="What is odd about the file: its encoding, that it is generated or cut")

    def numbered(self) -> str:
        """The lines as `   12  code`, as people and models read them."""
        return "\n".join(f"{number:>5}  {line}" for number, line in enumerate(self.lines, self.start))


class Match(CodeRecord):
    """One line that a search found. `text` may be cut."""

    path: str
    line: int
    text: str


class Commit(CodeRecord):
    """A commit without its diff. `files` is filled only where a function says so."""

    sha: str
    author: str
    authored_at: datetime
    committed_at: datetime
    summary: str
    body: str = ""
    files: list[str] = []


class BlameLine(CodeRecord):
    """Who last changed a line."""

    line: int
    sha: str
    author: str
    authored_at: datetime
    summary: str
    text: str


class FileChange(CodeRecord):
    """How a commit changed a file; both counts are None for binary files."""

    path: str
    added: int | None
    deleted: int | None


class Diff(CodeRecord):
    """A unified diff, cut at the size limit."""

    text: str
    files: list[FileChange]
    is_truncated: bool = False


class CommitDetail(CodeRecord):
    """A commit with its diff against its first parent."""

    commit: Commit
    diff: Diff


class Symbol(CodeRecord):
    """A definition. `name` is qualified within the file (`Order.total`); `kind` is `function`, `method` or `class`."""

    name: str
    kind: str
    path: str
    start: int
    end: int
    doc: str = Field(default="", description="First line of the docstring")


class Chunk(CodeRecord):
    """A unit of ranked search: a function, a class without its methods, a module's rest, or some lines of another file."""

    path: str
    name: str
    kind: str
    start: int
    end: int


class SearchHit(CodeRecord):
    """A chunk that fits a query; scores are comparable only within one answer."""

    chunk: Chunk
    score: float


class SuspectFile(CodeRecord):
    """A file that may hold the cause. `score` is between 0 and 1 relative to the first."""

    path: str
    score: float
    reasons: list[str]


class SuspectFunction(CodeRecord):
    path: str
    name: str
    start: int
    end: int
    score: float
    reasons: list[str]


class CommitSuspicion(CodeRecord):
    """A commit that may have brought in the cause."""

    commit: Commit
    score: float = Field(description="How likely it is beside the first of the ranking: 1 for that one")
    reasons: list[str]
    touches: list[str] = Field(default=[], description="Suspect places that it changed: `path:function` or `path`")
    in_window: bool = Field(default=False, description="The report tells since when, and it was made then")


class Location(CodeRecord):
    """Where a report points to, best first. Empty lists: the report names nothing that is in the code.

    `has_anchor` is true if at least one hard clue ties the report to the code (a stack frame, a path, a defined name or
    a quoted message that the source contains); without one the ranking rests on similar words alone.
    """

    commit: str
    files: list[SuspectFile]
    functions: list[SuspectFunction]
    commits: list[CommitSuspicion]
    has_anchor: bool
    word_fit: float = Field(default=0.0, description="Share of the report's different words that the source uses at all")
    notes: list[str] = Field(default=[], description="What could not be looked at, and why")
