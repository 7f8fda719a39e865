"""What the tools of the `code` server take and give: one model per tool for each direction.

The gateway lists them as `code__<name>`. The models are the contract for programs: `inputSchema` and `outputSchema` of
`tools/list` are generated from them, and `structuredContent` of a result is a dump of the result model. Lines and
commits are counted from 1 and newest first; times are ISO 8601 with offset; paths are relative to the repository.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sahur_mcp.servers.tool_table import OwnTool

MAX_READ_LINES = 400
MAX_LIMIT = 500

# --- Parts of results -----------------------------------------------------------------------------------------------


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Line(Part):
    """One line of a file at the commit that the result names."""

    path: str
    line: int
    text: str


class Commit(Part):
    sha: str = Field(description="40 hex digits")
    author: str
    committed_at: datetime
    summary: str = Field(description="First line of the message")


class BlamedLine(Part):
    line: int
    sha: str = Field(description="The commit that last changed the line")
    author: str
    at: datetime
    text: str


class Symbol(Part):
    path: str
    name: str = Field(description="Qualified within its file: `Cart.total`")
    kind: str = Field(description="function, method, class, …")
    line: int
    end_line: int


class ChangedFile(Part):
    """Counts of lines; both are null for binary files."""

    path: str
    added: int | None
    deleted: int | None


class ScoredFile(Part):
    path: str
    score: float
    reasons: list[str]


class ScoredFunction(Part):
    path: str
    name: str
    line: int
    end_line: int
    score: float
    reasons: list[str]


class ScoredCommit(Commit):
    score: float
    reasons: list[str]


class Frame(Part):
    """One frame of a traceback in the report, mapped to a file of the repository; outermost call first."""

    path: str
    line: int
    function: str


# --- Arguments ------------------------------------------------------------------------------------------------------


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    repository: str = Field("", description="Id or name. May be left out if you have exactly one.")


class AtCommit(Arguments):
    commit: str = Field("", description="Commit, branch or tag to look at. Left out: the newest commit.")


class ListFilesArguments(AtCommit):
    path: str = Field("", description="Folder to list, with everything below it. Left out: the whole repository.")
    pattern: str = Field("", description="Only paths that match this glob, such as `*.py` or `src/**/test_*.py`.")
    limit: int = Field(200, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, description="How many to skip: `next_offset` of the page before.")


class SearchArguments(AtCommit):
    query: str = Field(min_length=1, max_length=1000, description="Text, regular expression, or words, as `mode` says.")
    mode: Literal["literal", "regex", "ranked"] = Field(
        "literal",
        description="literal: lines with this exact text. regex: lines that match (Perl-style). "
        "ranked: functions most relevant to some words.",
    )
    path: str = Field("", description="Only in this folder or file.")
    ignore_case: bool = Field(False, description="For literal and regex.")
    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, description="How many to skip: `next_offset` of the page before.")


class ReadArguments(AtCommit):
    path: str = Field(min_length=1, description="The file.")
    start: int = Field(1, ge=1, description="First line.")
    end: int = Field(0, ge=0, description=f"Last line. Left out: as many as are given at once ({MAX_READ_LINES}).")


class SymbolsArguments(AtCommit):
    path: str = Field("", description="Only symbols of this file or folder.")
    name: str = Field("", description="Only symbols with this name: `total` also finds `Cart.total`.")
    limit: int = Field(100, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, description="How many to skip: `next_offset` of the page before.")


class LogArguments(AtCommit):
    path: str = Field("", description="Only commits that changed this file or folder.")
    function: str = Field("", description="Only commits that changed this function of the file `path`.")
    grep: str = Field("", description="Only commits whose message contains this text (case does not matter).")
    since: str = Field("", description="Only commits after this date, such as `2026-01-31` or `2 weeks ago`.")
    limit: int = Field(20, ge=1, le=200)


class BlameArguments(AtCommit):
    path: str = Field(min_length=1, description="The file.")
    start: int = Field(1, ge=1, description="First line.")
    end: int = Field(0, ge=0, description=f"Last line. Left out: as many as are given at once ({MAX_READ_LINES}).")


class ShowArguments(Arguments):
    commit: str = Field(min_length=1, description="The commit whose message and changes to show.")
    path: str = Field("", description="Only changes of this file or folder.")


class DiffArguments(Arguments):
    base: str = Field(min_length=1, description="The older commit, branch or tag.")
    head: str = Field("", description="The newer one. Left out: the newest commit.")
    path: str = Field("", description="Only changes of this file or folder.")


class LocateArguments(AtCommit):
    report: str = Field(min_length=1, max_length=200_000, description="The whole problem report, tracebacks included.")
    title: str = Field("", max_length=1000, description="Its title.")
    reported_at: datetime | None = Field(None, description="When it was reported: later commits cannot be the cause.")
    limit: int = Field(10, ge=1, le=50, description="The most of files, functions and commits each.")


# --- Results --------------------------------------------------------------------------------------------------------


class CodeResult(Part):
    """Base of all results: what was looked at, with the commit resolved to its full SHA."""

    repository: str = Field(description="Id")
    commit: str


class Paged(CodeResult):
    next_offset: int | None = Field(None, description="`offset` of the next page; null at the end")


class ListFilesResult(Paged):
    files: list[str]
    total: int


class SearchResult(Paged):
    """`lines` is filled by the modes literal and regex, `functions` by ranked."""

    mode: Literal["literal", "regex", "ranked"]
    lines: list[Line] = []
    functions: list[ScoredFunction] = []


class ReadResult(CodeResult):
    path: str
    start: int
    end: int
    total_lines: int
    lines: list[Line]
    is_truncated: bool = Field(description="Lines were left out or cut because of the size limit")


class SymbolsResult(Paged):
    symbols: list[Symbol]


class LogResult(CodeResult):
    commits: list[Commit]


class BlameResult(CodeResult):
    path: str
    lines: list[BlamedLine]
    commits: list[Commit] = Field(description="Each commit named by a line, once, newest first")


class ShowResult(CodeResult):
    """`commit` is the full SHA of the commit shown, `shown` tells of it."""

    shown: Commit
    message: str
    files: list[ChangedFile]
    diff: str = Field(description="Unified diff")
    is_truncated: bool = Field(description="The diff was cut at the size limit")


class DiffResult(CodeResult):
    """`commit` is the full SHA of `head`."""

    base: str = Field(description="Full SHA")
    files: list[ChangedFile]
    diff: str = Field(description="Unified diff")
    is_truncated: bool = Field(description="The diff was cut at the size limit")


class LocateResult(CodeResult):
    """Each list is ranked, best first; `exception` is the type named in the report's traceback, empty without one.

    `has_anchor` is true if a hard clue (a stack frame, a path, a defined name, a message that the source contains) ties
    the report to the code; without one the ranking rests on similar words alone.
    """

    files: list[ScoredFile]
    functions: list[ScoredFunction]
    commits: list[ScoredCommit]
    frames: list[Frame]
    exception: str
    has_anchor: bool


TOOLS: tuple[OwnTool[Arguments], ...] = (
    OwnTool("list_files", "List the files of a repository.", ListFilesArguments, ListFilesResult),
    OwnTool(
        "search",
        "Search a repository: exact text, regular expression, or the functions most relevant to some words.",
        SearchArguments,
        SearchResult,
    ),
    OwnTool("read", f"Read lines of a file, at most {MAX_READ_LINES} at once.", ReadArguments, ReadResult),
    OwnTool("symbols", "List functions, methods and classes, with the lines they span.", SymbolsArguments, SymbolsResult),
    OwnTool(
        "log", "List commits, newest first: of a file, of a function, or with a text in the message.", LogArguments, LogResult
    ),
    OwnTool("blame", "Tell for each line of a file which commit last changed it.", BlameArguments, BlameResult),
    OwnTool("show", "Show one commit: message, changed files and diff.", ShowArguments, ShowResult),
    OwnTool("diff", "Show the changes between two commits.", DiffArguments, DiffResult),
    OwnTool(
        "locate",
        "Rank the files, functions and commits most likely behind a problem report. Start with this one.",
        LocateArguments,
        LocateResult,
    ),
)
