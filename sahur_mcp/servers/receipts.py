"""The `receipts` server: the whole results of earlier calls, a page at a time. For what was too long to be shown at once.

A result is searched for plain text only: a regular expression from a model could keep the process busy for hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol
from uuid import UUID

import mcp.types as types
from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field

from sahur_core.errors import InputError, NotFound
from sahur_core.tools.wire import META_PAGE, META_RECEIPT_OF
from sahur_mcp.servers.tool_table import OwnTool, ToolTable, answer

PAGE_CHARS = 10_000
"""What an agent is usually shown of one result."""
MAX_PAGE_CHARS = 50_000
MAX_SHOWN_LINE = 400


class ReceiptReader(Protocol):
    """Who asks: a run sees its own calls, a user those of the team."""

    @property
    def team(self) -> int: ...

    @property
    def run(self) -> str: ...


class Kept(Protocol):
    """A kept result."""

    @property
    def tool(self) -> str: ...

    @property
    def text(self) -> str: ...


class Results(Protocol):
    """Where results are kept."""

    async def find(self, receipt_id: UUID, team: int, run: str) -> Kept | None:
        """None where the team, or the run, has no such receipt. Raises `GatewayUnavailable`."""
        ...


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    receipt: UUID = Field(description="Id of the receipt, as a result's note or metadata names it")


class Read(_Asked):
    offset: int = Field(0, ge=0, description="Character to start at; a result that was cut says where to go on")
    limit: int = Field(PAGE_CHARS, ge=1, le=MAX_PAGE_CHARS, description="Most characters to return")


class Search(_Asked):
    text: str = Field(min_length=1, max_length=500, description="Plain text (no pattern) that a line must contain")
    case_sensitive: bool = Field(False, description="Whether capital letters count")
    context: int = Field(2, ge=0, le=20, description="Lines to show before and after each that was found")
    offset: int = Field(0, ge=0, description="Character to start at, to go on after earlier finds")
    limit: int = Field(20, ge=1, le=100, description="Most lines to find")


_TOOLS: tuple[OwnTool[_Asked], ...] = (
    OwnTool(
        "read",
        "Read on in the whole result of an earlier tool call that was cut, by its receipt. Returns a part of the text and "
        "the offset of the next.",
        Read,
    ),
    OwnTool(
        "search",
        "Find lines with a text in the whole result of an earlier tool call, by its receipt: quicker than reading all of it.",
        Search,
    ),
)


class ReceiptServer:
    """Pages of kept results."""

    name = "receipts"

    def __init__(self, results: Results) -> None:
        self._results = results
        self._table = ToolTable(self.name, _TOOLS)

    def tools(self) -> list[types.Tool]:
        return self._table.listed()

    async def call(self, tool: str, arguments: dict[str, Any], caller: ReceiptReader) -> types.CallToolResult:
        """Raises `InputError`, and `NotFound` also for receipts of other teams and runs."""
        asked = self._table.parse(tool, arguments)
        kept = await self._results.find(asked.receipt, caller.team, caller.run)
        if kept is None:
            raise NotFound(
                f"There is no receipt {asked.receipt} for you.",
                next_step="Use the id that a result of this run carries; one of a call that has just ended may need a second.",
            )
        if isinstance(asked, Search):
            return await to_thread.run_sync(_search, kept, asked)
        return _page(kept, Read.model_validate(arguments))

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        return ""


def _page(kept: Kept, asked: Read) -> types.CallToolResult:
    text, total = kept.text, len(kept.text)
    if asked.offset and asked.offset >= total:
        raise InputError(f"The result has {total} characters.", next_step="Use a smaller offset.", field="offset")
    end = _end_of_page(text, asked.offset, asked.limit)
    more = f"Go on with offset {end}." if end < total else "This is the end."
    place = f"characters {asked.offset} to {end} of {total}"
    return _answer(kept, asked, f"[{kept.tool}, {place}. {more}]\n{text[asked.offset : end]}", place, is_empty=not total)


def _end_of_page(text: str, offset: int, limit: int) -> int:
    """At the end of a line, if one lies in the second half of the page."""
    end = min(len(text), offset + limit)
    if end == len(text):
        return end
    line_end = text.rfind("\n", offset + limit // 2, end) + 1
    return line_end or end


def _search(kept: Kept, asked: Search) -> types.CallToolResult:
    lines = list(_lines(kept.text))
    wanted = asked.text if asked.case_sensitive else asked.text.lower()
    found: list[str] = []
    next_offset, size = None, 0
    for position, (start, line) in enumerate(lines):
        if start < asked.offset or wanted not in (line if asked.case_sensitive else line.lower()):
            continue
        block = _with_context(lines, position, asked, wanted)
        if found and (len(found) == asked.limit or size + len(block) > MAX_PAGE_CHARS):
            next_offset = start
            break
        found.append(block)
        size += len(block)
    told = f"{len(found)} lines with {asked.text!r} in {kept.tool}"
    more = f"Go on with offset {next_offset}." if next_offset is not None else "There are no more."
    text = "\n--\n".join([f"[{told}. {more} Numbers are offsets, for receipts__read.]", *found])
    return _answer(kept, asked, text, f"searched for {asked.text!r}", is_empty=not found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with the offset it starts at."""
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _with_context(lines: list[tuple[int, str]], position: int, asked: Search, wanted: str) -> str:
    shown = []
    for number in range(max(0, position - asked.context), min(len(lines), position + asked.context + 1)):
        start, line = lines[number]
        if len(line) > MAX_SHOWN_LINE:
            # One line may be a whole document: what was looked for stands in the middle of what is shown.
            at = (line if asked.case_sensitive else line.lower()).find(wanted) if number == position else 0
            begin = max(0, at - MAX_SHOWN_LINE // 2)
            start, line = start + begin, f"…{line[begin : begin + MAX_SHOWN_LINE]}…"
        shown.append(f"{start}{':' if number == position else '-'} {line}")
    return "\n".join(shown)


def _answer(kept: Kept, asked: _Asked, text: str, place: str, *, is_empty: bool) -> types.CallToolResult:
    meta = {
        META_RECEIPT_OF: str(asked.receipt),
        META_PAGE: f"{place}, of the result of {kept.tool} under receipt {asked.receipt}",
    }
    return answer(text, is_empty=is_empty, meta=meta)
