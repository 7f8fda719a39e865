"""What the tools of the `code` server take: one model per tool. Lines count from 1; paths are relative to the repository.

A path that is no plain text (control characters, other encodings) is shown and given in git's quotes: `"caf\\351.txt"`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_READ_LINES = 400
MAX_LIMIT = 500
_OFFSET = "How many to skip: `next_offset` of the page before."
_UNTIL_END = f"Last line. Left out: as many as are given at once ({MAX_READ_LINES})."


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    repository: str = Field("", description="Id or name. May be left out if you have exactly one.")


class AtCommit(Arguments):
    commit: str = Field("", description="Commit, branch or tag to look at. Left out: the newest commit.")


class ListFilesArguments(AtCommit):
    path: str = Field("", description="Folder to list, with everything below it. Left out: the whole repository.")
    pattern: str = Field("", description="Only paths that match this glob, such as `*.py` or `src/**/test_*.py`.")
    depth: int = Field(0, ge=0, le=50, description="Levels to show; deeper folders with their number of files. 0: all files.")
    limit: int = Field(200, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, le=1_000_000, description=_OFFSET)


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
    offset: int = Field(0, ge=0, le=1_000_000, description=_OFFSET)


class ReadArguments(AtCommit):
    path: str = Field(min_length=1, description="The file.")
    start: int = Field(1, ge=1, description="First line.")
    end: int = Field(0, ge=0, description=_UNTIL_END)


class SymbolsArguments(AtCommit):
    mode: Literal["definitions", "references", "outline"] = Field(
        "definitions",
        description="definitions: of a name, or all in a path. references: where a name is used, and how. "
        "outline: what a file defines, in its order.",
    )
    path: str = Field("", description="Only in this file or folder; for outline the file.")
    name: str = Field("", max_length=300, description="Only this name: `total` also finds `Cart.total`. References need one.")
    limit: int = Field(100, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, le=1_000_000, description=_OFFSET)


class LogArguments(AtCommit):
    path: str = Field("", description="Only commits that changed this file or folder.")
    function: str = Field("", description="Only commits that changed this function of the file `path`.")
    grep: str = Field(
        "",
        max_length=1000,
        pattern=r"^[^\x00]*$",
        description="Only commits whose message contains this text (case does not matter).",
    )
    since: str = Field("", description="Only commits after this date, such as `2026-01-31` or `2 weeks ago`.")
    until: str = Field("", description="Only commits before this date.")
    limit: int = Field(20, ge=1, le=200)
    offset: int = Field(0, ge=0, le=1_000_000, description=_OFFSET)


class BlameArguments(AtCommit):
    path: str = Field(min_length=1, description="The file.")
    start: int = Field(1, ge=1, description="First line.")
    end: int = Field(0, ge=0, description=_UNTIL_END)


class ShowArguments(Arguments):
    commit: str = Field(min_length=1, description="The commit whose message and changes to show.")
    path: str = Field("", description="Only changes of this file or folder.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Lines of the diff to skip: `next_offset` of the page before.")


class DiffArguments(Arguments):
    base: str = Field(min_length=1, description="The older commit, branch or tag.")
    head: str = Field("", description="The newer one. Left out: the newest commit.")
    path: str = Field("", description="Only changes of this file or folder.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Lines of the diff to skip: `next_offset` of the page before.")


class ChangesArguments(Arguments):
    base: str = Field(
        min_length=1, description="From: a commit, branch, tag, or a date such as `2026-01-31` (the last commit before it)."
    )
    head: str = Field("", description="To: as `base`. Left out: the newest commit.")
    path: str = Field("", description="Only what changed in this file or folder.")
    limit: int = Field(30, ge=1, le=200, description="The most of commits, files and pull requests each.")
    offset: int = Field(0, ge=0, le=1_000_000, description=_OFFSET)


class OwnersArguments(AtCommit):
    path: str = Field("", description="File or folder. Left out: the whole repository.")
    start: int = Field(0, ge=0, description="First line, to ask for some lines of a file alone.")
    end: int = Field(0, ge=0, description="Last line. Left out: to the end.")
    emails: bool = Field(False, description="Give e-mail addresses too.")
    limit: int = Field(10, ge=1, le=100, description="The most people.")
    offset: int = Field(0, ge=0, le=1_000_000, description=_OFFSET)


class LocateArguments(AtCommit):
    report: str = Field(min_length=1, max_length=200_000, description="The whole problem report, tracebacks included.")
    title: str = Field("", max_length=1000, description="Its title.")
    reported_at: datetime | None = Field(None, description="When it was reported: later commits cannot be the cause.")
    project: str = Field(
        "", max_length=200, description="What the report calls this project, where it names versions of several."
    )
    limit: int = Field(10, ge=1, le=50, description="The most of files, functions and commits each.")


class CheckPatchArguments(AtCommit):
    diff: str = Field(
        min_length=1,
        max_length=200_000,
        description="A unified diff against the commit, with paths as a/… and b/… and some unchanged lines around each change.",
    )
