"""The tools of the `code` server and what they give: one model per tool (what they take: `code_arguments`).

The gateway lists them as `code__<name>`. The models are the contract for programs: `inputSchema` and `outputSchema` of
`tools/list` are generated from them, and `structuredContent` of a result is a dump of the result model, in which a field
of the result itself that has its default (nothing more to come, no notes) is left out. Lines count from 1, commits are
newest first; times are ISO 8601 with offset; paths are relative to the repository.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sahur_mcp.servers import code_arguments as asked
from sahur_mcp.servers.tool_table import OwnTool

# --- Parts of results -----------------------------------------------------------------------------------------------


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NumberedLine(Part):
    """One line of the file that the result names. A very long one is cut, and says so."""

    line: int
    text: str


class Line(Part):
    """One line of a file at the commit that the result names. A very long one is cut, and says so."""

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
    sha: str = Field(description="The commit that last changed the line, one of `commits`")
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


class Folder(Part):
    path: str
    files: int = Field(description="How many files are in it, at any depth")


class Link(Part):
    """A symbolic link. It is never followed."""

    path: str
    target: str


class Submodule(Part):
    """A path whose content is in another repository."""

    path: str
    url: str = Field(description="Address of that repository; empty where `.gitmodules` does not tell it")
    commit: str


class Reference(Part):
    """A place that names a symbol."""

    path: str
    line: int
    kind: str = Field(description="definition, call, import, write, read or type; text in a file that is not parsed")
    text: str


class PullRequest(Part):
    """A pull or merge request, as the commit that brought it in tells of it."""

    number: int
    title: str
    sha: str


class OwnerRule(Part):
    """A line of CODEOWNERS that decides."""

    pattern: str
    owners: list[str] = Field(description="Users and teams; empty: nobody has to be asked")
    line: int
    files: int = Field(description="How many files below the path it decides about")


class Person(Part):
    name: str
    lines: int = Field(description="Lines of the file, or of the range, as they are now; 0 for a folder")
    commits: int = Field(description="That changed the path; for a range of lines, that its lines are from")
    last_commit: str
    last_at: datetime
    email: str = Field(description="Empty unless it was asked for")


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
    touches: list[str] = Field([], description="Suspect places that it changed: `path:function` or `path`")
    in_window: bool = Field(False, description="The report tells since when, and it was made then")


class Frame(Part):
    """One frame of a traceback in the report, mapped to a file of the repository; outermost call first."""

    path: str
    line: int
    function: str


# --- Results --------------------------------------------------------------------------------------------------------


class CodeResult(Part):
    """Base of all results: what was looked at, with the commit resolved to its full SHA."""

    repository: str = Field(description="Id")
    commit: str
    notes: list[str] = Field([], description="What limits the answer, and what is odd about what was looked at")


class Paged(CodeResult):
    next_offset: int | None = Field(None, description="`offset` of the next page; left out at the end")


class ListFilesResult(Paged):
    files: list[str]
    total: int = Field(description="Files and shown folders of all pages")
    folders: list[Folder] = Field([], description="Folders deeper than `depth`")
    links: list[Link] = Field([], description="Symbolic links, at most 50")
    submodules: list[Submodule] = Field([], description="At most 50")


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
    lines: list[NumberedLine]
    is_truncated: bool = Field(description="Lines were left out or cut because of the size limit")
    next_start: int | None = Field(None, description="`start` of what follows; left out at the end of the file")


class SymbolsResult(Paged):
    """`symbols` are definitions; for references, those that bear the name: uses are matched by name, not by type."""

    symbols: list[Symbol]
    references: list[Reference] = []


class LogResult(Paged):
    commits: list[Commit]


class BlameResult(CodeResult):
    path: str
    lines: list[BlamedLine]
    commits: list[Commit] = Field(description="Each commit named by a line, once, newest first")
    next_start: int | None = Field(None, description="`start` of what follows; left out at the end of the file")


class ShowResult(Paged):
    """`commit` is the full SHA of the commit shown, `shown` tells of it. A merge is shown against its first parent."""

    shown: Commit
    message: str
    parents: list[str] = Field([], description="Full SHAs; none for a first commit")
    files: list[ChangedFile] = Field(description="On the first page, at most 300")
    diff: str = Field(description="Unified diff, from line `offset` on")
    is_truncated: bool = Field(description="The diff goes on, on the next page if there is one")


class DiffResult(Paged):
    """`commit` is the full SHA of `head`."""

    base: str = Field(description="Full SHA")
    files: list[ChangedFile] = Field(description="On the first page, at most 300")
    diff: str = Field(description="Unified diff, from line `offset` on")
    is_truncated: bool = Field(description="The diff goes on, on the next page if there is one")


class ChangesResult(Paged):
    """What `commit` (the full SHA of `head`) has and `base` has not. The lists are pages of the same `offset`."""

    base: str = Field(description="Full SHA")
    total_commits: int = Field(description="Without merges")
    total_files: int
    added: int = Field(description="Lines")
    deleted: int = Field(description="Lines")
    total_pull_requests: int
    only_in_base: int = Field(0, description="Commits that only `base` has: the head does not build on it")
    pull_requests: list[PullRequest]
    commits: list[Commit]
    files: list[ChangedFile] = Field(description="Most changed first")


class OwnersResult(Paged):
    """`rules` are of CODEOWNERS; `people` are by authorship: most lines first, then most commits. Bots are left out."""

    path: str
    owners_file: str = Field(description="Empty where the repository has none")
    rules: list[OwnerRule]
    people: list[Person]
    total_people: int
    last_change: Commit | None = Field(None, description="The last one by a person")


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


class CheckPatchResult(CodeResult):
    """`diff` is what git says that the patch changes: hunks are placed by their unchanged lines, so it may differ from
    what was sent. Nothing is written; the tree exists only while it is looked at."""

    applies: bool
    problem: str = Field("", description="Why it does not apply; empty if it does")
    diff: str = Field("", description="Unified diff, as `git apply` takes it")
    files: list[ChangedFile] = []


def dump(result: CodeResult) -> dict[str, Any]:
    """As JSON types, without what has its default: a model pays for each word."""
    full = result.model_dump(mode="json")
    defaults = {name: field.default for name, field in type(result).model_fields.items() if not field.is_required()}
    return {name: value for name, value in full.items() if name not in defaults or value != defaults[name]}


TOOLS: tuple[OwnTool[asked.Arguments], ...] = (
    OwnTool(
        "list_files",
        "List the files of a repository, or of a folder; with `depth` its folders in short.",
        asked.ListFilesArguments,
        ListFilesResult,
    ),
    OwnTool(
        "search",
        "Search a repository: exact text, regular expression, or the functions most relevant to some words. Binary and "
        "generated files are left out.",
        asked.SearchArguments,
        SearchResult,
    ),
    OwnTool(
        "read",
        f"Read lines of a file, at most {asked.MAX_READ_LINES} at once.",
        asked.ReadArguments,
        ReadResult,
    ),
    OwnTool(
        "symbols",
        "Find functions, methods and classes by name or path, all places that use a name, or the outline of a file.",
        asked.SymbolsArguments,
        SymbolsResult,
    ),
    OwnTool(
        "log",
        "List commits, newest first: of a file, of a function, of some time, or with a text in the message.",
        asked.LogArguments,
        LogResult,
    ),
    OwnTool("blame", "Tell for each line of a file which commit last changed it.", asked.BlameArguments, BlameResult),
    OwnTool("show", "Show one commit: message, changed files and diff.", asked.ShowArguments, ShowResult),
    OwnTool("diff", "Show the changes between two commits, line by line.", asked.DiffArguments, DiffResult),
    OwnTool(
        "changes",
        "Tell what changed between two commits, tags or dates: commits, pull requests, and files with counts.",
        asked.ChangesArguments,
        ChangesResult,
    ),
    OwnTool(
        "owners",
        "Tell who answers for a file, some of its lines, or a folder: by CODEOWNERS, and who wrote and changed it.",
        asked.OwnersArguments,
        OwnersResult,
    ),
    OwnTool(
        "check_patch",
        "Tell whether a diff applies to a commit, and what it then changes. Nothing is written.",
        asked.CheckPatchArguments,
        CheckPatchResult,
    ),
    OwnTool(
        "locate",
        "Rank the files, functions and commits most likely behind a problem report. Start with this one.",
        asked.LocateArguments,
        LocateResult,
    ),
)
