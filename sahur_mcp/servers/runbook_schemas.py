"""What the tools of the `runbooks` server take and give: one model per tool for each direction. Lines count from 1."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from sahur_mcp.servers.tool_table import OwnTool

MAX_READ_LINES = 400


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListArguments(Arguments):
    folder: str = Field("", max_length=500, description="Only runbooks whose path begins so.")
    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0, description="How many to skip: `next_offset` of the page before.")


class SearchArguments(Arguments):
    query: str = Field(min_length=1, max_length=1000, description="Words: the alert, the symptom, the system.")
    limit: int = Field(5, ge=1, le=25)


class ReadArguments(Arguments):
    path: str = Field(min_length=1, max_length=1000, description="The runbook, as list and search name it.")
    start: int = Field(1, ge=1, description="First line.")
    limit: int = Field(200, ge=1, le=MAX_READ_LINES, description="How many lines.")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Line(Part):
    line: int
    text: str


class Described(Part):
    """A runbook, and when it was last changed."""

    path: str
    title: str
    source: str = Field(description="The folder or repository it comes from")
    total_lines: int
    changed_at: datetime
    changed_by: str = Field(description="Author of the last commit; empty for a file of a folder")
    commit: str = Field(description="The last commit that changed it; empty for a file of a folder")


class Hit(Described):
    headings: list[str] = Field(description="The headings above the section, outermost first")
    start: int = Field(description="First line of the section")
    end: int
    score: float
    lines: list[Line] = Field(description="The lines that fit best")


class LeftOut(Part):
    path: str
    reason: str


class Result(Part):
    left_out: list[LeftOut] = Field(default_factory=list, description="What should be there and cannot be used")


class ListResult(Result):
    runbooks: list[Described]
    total: int
    next_offset: int | None


class SearchResult(Result):
    hits: list[Hit]


class ReadResult(Result):
    runbook: Described
    headings: list[str] = Field(description="The headings above the first line given")
    start: int
    end: int
    lines: list[Line]
    next_start: int | None = Field(description="`start` of what follows; null at the end")


TOOLS: tuple[OwnTool[Arguments], ...] = (
    OwnTool("list", "List the team's runbooks: what to do when something is wrong.", ListArguments, ListResult),
    OwnTool("search", "Find the sections of runbooks most relevant to some words.", SearchArguments, SearchResult),
    OwnTool("read", f"Read lines of a runbook, at most {MAX_READ_LINES} at once.", ReadArguments, ReadResult),
)
