"""What the tools of the `issues` server take and give: one model per tool for each direction."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import mcp.types as types
from pydantic import BaseModel, ConfigDict, Field

from sahur_core.issues import Evidence, Solution
from sahur_mcp.servers.tool_table import OwnTool

MAX_TEXT_CHARS = 200_000


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchArguments(Arguments):
    query: str = Field(
        "",
        max_length=1000,
        description="Words of the problem, such as the name of an exception and of a function. Left out: the newest issues.",
    )
    status: Literal["", "open", "closed"] = Field("", description="Only issues of this status.")
    limit: int = Field(10, ge=1, le=50)


class ReadArguments(Arguments):
    issue: str = Field(min_length=1, max_length=24, description="Its key, such as SAH-12.")
    offset: int = Field(0, ge=0, le=10**9, description="Where to go on in a long report: `next_offset` of the part before.")


class Named(Arguments):
    idempotency_key: str = Field(
        "", max_length=64, description="A name of your own for this call: the same one again gives what the first one made."
    )


class CreateIssueArguments(Named):
    body: str = Field(
        min_length=1, max_length=MAX_TEXT_CHARS, description="The report: what went wrong, with error and traceback."
    )
    title: str = Field("", max_length=300, description="Left out: the first line of the body.")
    repository: str = Field("", max_length=1000, description="Name of one of the team's repositories, or its https or ssh URL.")
    revision: str = Field("", max_length=200, description="Branch, tag or commit that it happened with.")


class AddMessageArguments(Named):
    issue: str = Field(min_length=1, max_length=24, description="Its key, such as SAH-12.")
    text: str = Field(min_length=1, max_length=20_000, description="What to say to whoever investigates it.")


class Part(BaseModel):
    """Answers of the server may gain fields; those we do not know are left out."""

    model_config = ConfigDict(extra="ignore")


class FoundIssue(Part):
    key: str
    title: str
    status: str
    repository: str
    created_at: datetime
    closed_at: datetime | None
    resolution: str = Field(description="How people say that it was resolved, maybe cut")
    verdict: str = Field(description="Of the latest solution; empty without one")
    summary: str
    root_cause: str
    has_all: bool = Field(description="All words are in it; else some")


class PastRun(Part):
    number: int
    status: str
    verdict: str
    asked_by: str
    ended_at: datetime | None


class Result(Part):
    """Base of all results."""


class SearchResult(Result):
    issues: list[FoundIssue]


class ReadResult(Result):
    key: str
    title: str
    status: str
    url: str
    repository: str
    reporter: str
    created_at: datetime
    closed_at: datetime | None
    resolution: str
    body: str = Field(description="The report, from `offset` on, at most 20,000 characters of it")
    body_chars: int = Field(description="Length of the whole report")
    next_offset: int | None = Field(description="`offset` of the next part; null at the end")
    is_own: bool = Field(description="It is the issue that the asking run works on")
    solution: Solution | None = Field(description="Of the latest run that came to one")
    solved_by_run: int | None
    evidence: list[Evidence] = Field(description="What the claims of the solution cite")
    runs: list[PastRun] = Field(description="Newest first, at most 20")


class CreateIssueResult(Result):
    key: str
    url: str
    run: int = Field(description="Number of the run that investigates it")
    is_new: bool = Field(description="False if the same call had filed it before")


class AddMessageResult(Result):
    issue: str
    run: int = Field(description="Number of the run that has it to read")
    status: str = Field(description="queued; or carried_over, to the run that was started for it")
    is_new: bool


_READS = types.ToolAnnotations(read_only_hint=True, destructive_hint=False)
_WRITES = types.ToolAnnotations(read_only_hint=False, destructive_hint=False)
TOOLS: tuple[OwnTool[Arguments], ...] = (
    OwnTool(
        "search",
        "Search earlier issues of your team by their words: what was the cause, how was it resolved? They tell where to look; "
        "they prove nothing about the present one.",
        SearchArguments,
        SearchResult,
        _READS,
    ),
    OwnTool(
        "read",
        "Read one issue: the report, how it was resolved, the latest solution with its claims and evidence, and its runs.",
        ReadArguments,
        ReadResult,
        _READS,
    ),
    OwnTool(
        "create_issue",
        "File an issue for your team; its investigation starts at once. Search first, so that it is filed once.",
        CreateIssueArguments,
        CreateIssueResult,
        _WRITES,
    ),
    OwnTool(
        "add_message",
        "Say something to the investigation of an issue: to the run that is under way, else a further run starts with it.",
        AddMessageArguments,
        AddMessageResult,
        _WRITES,
    ),
)
