"""What reads of a repository give back beyond `sahur_core.code.records`: trees, changes, owners, references."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from sahur_core.code.records import CodeRecord, Commit, FileChange, Match, Symbol


class Submodule(CodeRecord):
    """Another repository at a path of this one. `url` is empty where `.gitmodules` does not tell it."""

    path: str
    url: str
    commit: str


class Link(CodeRecord):
    """A symbolic link. Nothing follows it."""

    path: str
    target: str


class Listing(CodeRecord):
    """Files below a path, sorted. `folders`: those deeper than was asked for, each with the number of files in it."""

    files: list[str]
    folders: dict[str, int] = {}
    links: list[Link] = []
    submodules: list[Submodule] = []
    is_capped: bool = Field(default=False, description="The tree is larger than what is read of one")


class Found(CodeRecord):
    """A page of lines that a search found."""

    matches: list[Match]
    has_more: bool
    generated: int = Field(default=0, description="Lines in generated files, which are left out")
    is_capped: bool = Field(default=False, description="There are more than are looked through")


class PullRequest(CodeRecord):
    """A pull or merge request, as the message of the commit that brought it in tells of it."""

    number: int
    title: str
    sha: str


class Changes(CodeRecord):
    """What lies between two commits. Counts are of all of them; the lists are a page."""

    base: str
    head: str
    total_commits: int
    only_in_base: int = Field(description="Commits that only the base has: above 0, the head does not build on it")
    commits: list[Commit]
    total_files: int
    added: int
    deleted: int
    files: list[FileChange] = Field(description="Most changed first")
    total_pull_requests: int
    pull_requests: list[PullRequest] = Field(description="Newest first")
    is_capped: bool = Field(default=False, description="More files than are counted")


class Rule(CodeRecord):
    """The line of CODEOWNERS that decides about a path; `owners` may be empty: nobody is to be asked."""

    file: str
    line: int
    pattern: str
    owners: list[str]
    files: int = Field(default=1, description="How many files below the path it decides about")


class Person(CodeRecord):
    """Somebody who wrote a part of the code. `lines` of the range as it is now; 0 for a folder, where none are counted."""

    name: str
    email: str
    lines: int
    commits: int
    last_commit: str
    last_at: datetime


class Ownership(CodeRecord):
    """Who answers for a path, by CODEOWNERS and by its history; people with the most lines first, then commits."""

    rules: list[Rule]
    owners_file: str = Field(description="Empty where the repository has none")
    people: list[Person]
    last: Commit | None = Field(description="The last change by a person")
    left_out_bots: list[str]
    is_capped: bool = Field(default=False, description="The history is longer than what is counted")


class Reference(CodeRecord):
    """A place that names a symbol. `kind`: definition, call, import, write, read, type, or text where it is not parsed."""

    path: str
    line: int
    kind: str
    text: str


class References(CodeRecord):
    """Where a name is used, and what is called so: names are matched, not types."""

    name: str
    definitions: list[Symbol]
    references: list[Reference]
    has_more: bool
    is_capped: bool = False
