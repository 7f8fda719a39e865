"""The `runbooks` server: what the team has written down for when something is wrong. Changes nothing.

Runbooks are Markdown: of the deployment's folder (for all teams, and `teams/<KEY>/` for one), and of the team's
repositories that the caller may read. What its token does not name does not exist for it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import mcp.types as types
from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, ValidationError

from sahur_core.errors import GatewayUnavailable, NotFound
from sahur_mcp.servers import runbook_schemas as schemas
from sahur_mcp.servers.repositories import Reader
from sahur_mcp.servers.runbook_files import Runbook
from sahur_mcp.servers.runbook_library import Hit, Library, Shelf
from sahur_mcp.servers.tool_table import ToolTable, answer

THREADS = 4
URI_SCHEME = "runbook:"
MAX_LINE_CHARS = 1000
TEAM_KEPT_SECONDS = 60.0
_TEAM_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")


class Door(Protocol):
    """The Django side, which knows the keys of teams."""

    async def ask_in_words(self, method: str, path: str, **options: Any) -> bytes: ...


class Folders(Protocol):
    """Where the repositories of a reader lie."""

    async def all_of(self, reader: Reader) -> list[tuple[str, Path]]: ...


class _Team(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key: str


class RunbookServer:
    """Tools over the runbooks of the caller. Files and git are read in a few threads, never in the loop."""

    name = "runbooks"

    def __init__(
        self, directory: Path | None, door: Door, repositories: Folders, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._library = Library(directory)
        self._door = door
        self._repositories = repositories
        self._clock = clock
        self._threads = CapacityLimiter(THREADS)
        self._keys: dict[int, tuple[float, str]] = {}
        self._table = ToolTable(self.name, schemas.TOOLS)

    def tools(self) -> list[types.Tool]:
        return self._table.listed()

    def templates(self) -> list[types.ResourceTemplate]:
        return [
            types.ResourceTemplate(
                name="runbook",
                title="A runbook",
                description="A whole runbook, by the path that the tools list and search give.",
                uri_template=f"{URI_SCHEME}{{+path}}",
                mime_type="text/markdown",
            )
        ]

    async def read_resource(self, uri: str, caller: Reader) -> types.ReadResourceResult:
        """Raises `NotFound` for what is not on the caller's shelf."""
        path = unquote(uri.removeprefix(URI_SCHEME))
        runbook = (await self.shelf(caller)).runbooks.get(path)
        if not uri.startswith(URI_SCHEME) or runbook is None:
            raise NotFound(f"There is no runbook {path[:200]!r} for you.", next_step="List or search the runbooks.")
        text = "\n".join(runbook.lines)
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type="text/markdown", text=text)])

    async def call(self, tool: str, arguments: dict[str, Any], caller: Reader) -> types.CallToolResult:
        """Raises `InputError` and `NotFound` with what to do; an empty answer is `no_data`."""
        parsed = self._table.parse(tool, arguments)
        shelf = await self.shelf(caller)
        result = await to_thread.run_sync(_answer, shelf, parsed, abandon_on_cancel=True, limiter=self._threads)
        return answer(_render(result), structured=result, is_empty=_is_empty(result))

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        """Runbooks change, and the index is kept anyway."""
        return ""

    async def shelf(self, caller: Reader) -> Shelf:
        """All runbooks that the caller may read, as they are now; what the server must tell of is left out while it is away."""
        away: dict[str, str] = {}
        team, repositories = "", list[tuple[str, Path]]()
        try:
            repositories = await self._repositories.all_of(caller)
        except GatewayUnavailable as error:
            away["repositories"] = error.message
        try:
            team = await self._team_key(caller.team) if self._library.needs_team else ""
        except GatewayUnavailable as error:
            away["runbooks of the team"] = error.message
        put_together = partial(self._library.shelf, team, repositories, away)
        return await to_thread.run_sync(put_together, abandon_on_cancel=True, limiter=self._threads)

    async def _team_key(self, team: int) -> str:
        known = self._keys.get(team)
        if known is None or known[0] <= self._clock():
            body = await self._door.ask_in_words("GET", "teams/", params={"team": str(team)})
            try:
                key = _Team.model_validate_json(body).key
            except ValidationError as error:
                raise GatewayUnavailable("The SAHUR server's answer is not as agreed.") from error
            # It becomes part of a path.
            if not _TEAM_KEY.fullmatch(key):
                raise GatewayUnavailable(f"The SAHUR server named a team {key[:20]!r}, which is no key of a team.")
            known = self._keys[team] = (self._clock() + TEAM_KEPT_SECONDS, key)
        return known[1]


def _answer(shelf: Shelf, asked: schemas.Arguments) -> schemas.Result:
    left_out = [schemas.LeftOut(path=path, reason=reason) for path, reason in list(shelf.left_out.items())[:20]]
    if isinstance(asked, schemas.ListArguments):
        listed = sorted(path for path in shelf.runbooks if path.startswith(asked.folder))
        end = asked.offset + asked.limit
        page = [schemas.Described(**_described(shelf.runbooks[path])) for path in listed[asked.offset : end]]
        following = end if end < len(listed) else None
        return schemas.ListResult(runbooks=page, total=len(listed), next_offset=following, left_out=left_out)
    if isinstance(asked, schemas.SearchArguments):
        return schemas.SearchResult(hits=[_shown(hit) for hit in shelf.search(asked.query, asked.limit)], left_out=left_out)
    if isinstance(asked, schemas.ReadArguments):
        return _read(shelf, asked)
    raise TypeError(f"no tool takes {type(asked).__name__}")


def _read(shelf: Shelf, asked: schemas.ReadArguments) -> schemas.ReadResult:
    """Only what is on the shelf is there: the path opens nothing."""
    runbook = shelf.runbooks.get(asked.path)
    if runbook is None:
        why = f" It {shelf.left_out[asked.path].removeprefix('it ')}." if asked.path in shelf.left_out else ""
        raise NotFound(f"There is no runbook {asked.path[:200]!r} for you.{why}", next_step="List or search the runbooks.")
    end = min(asked.start + asked.limit - 1, len(runbook.lines))
    return schemas.ReadResult(
        runbook=schemas.Described(**_described(runbook)),
        headings=list(runbook.section_at(asked.start)),
        start=asked.start,
        end=max(end, asked.start - 1),
        lines=_lines(runbook, asked.start, end),
        next_start=end + 1 if end < len(runbook.lines) else None,
    )


def _described(runbook: Runbook) -> dict[str, Any]:
    return {
        "path": runbook.path,
        "title": runbook.title,
        "source": runbook.source,
        "total_lines": len(runbook.lines),
        "changed_at": runbook.changed_at,
        "changed_by": runbook.changed_by,
        "commit": runbook.commit,
    }


def _shown(hit: Hit) -> schemas.Hit:
    return schemas.Hit(
        **_described(hit.runbook),
        headings=list(hit.section.headings),
        start=hit.section.start,
        end=hit.section.end,
        score=hit.score,
        lines=_lines(hit.runbook, hit.first, hit.last),
    )


def _lines(runbook: Runbook, start: int, end: int) -> list[schemas.Line]:
    return [
        schemas.Line(line=number, text=text if len(text) <= MAX_LINE_CHARS else text[:MAX_LINE_CHARS] + "…")
        for number, text in enumerate(runbook.lines[start - 1 : end], start)
    ]


def _is_empty(result: schemas.Result) -> bool:
    if isinstance(result, schemas.SearchResult):
        return not result.hits
    return isinstance(result, schemas.ListResult) and not result.runbooks


def _render(result: schemas.Result) -> str:
    if isinstance(result, schemas.ListResult):
        lines = [f"{each.path}  {each.title}  (changed {each.changed_at:%Y-%m-%d})" for each in result.runbooks]
        if result.next_offset is not None:
            lines.append(f"[{result.total} in all: ask with offset {result.next_offset}.]")
        text = "\n".join(lines) or "There are no such runbooks."
    elif isinstance(result, schemas.SearchResult):
        text = "\n\n".join(_hit_text(hit) for hit in result.hits) or "No runbook has any of these words."
    elif isinstance(result, schemas.ReadResult):
        text = _read_text(result)
    else:
        raise TypeError(f"no tool gives {type(result).__name__}")
    return "\n".join([text, *(f"[Left out: {each.path}: {each.reason}]" for each in result.left_out)])


def _hit_text(hit: schemas.Hit) -> str:
    about = " > ".join(hit.headings) or hit.title
    head = f"{hit.path}:{hit.start}-{hit.end}  {about}  (changed {hit.changed_at:%Y-%m-%d}{_by(hit)})"
    return "\n".join([head, *(f"{line.line:>5}  {line.text}" for line in hit.lines)])


def _read_text(result: schemas.ReadResult) -> str:
    runbook = result.runbook
    of = f"{runbook.path}, lines {result.start} to {result.end} of {runbook.total_lines}"
    head = [f"{of}, {runbook.source}, changed {runbook.changed_at:%Y-%m-%d}{_by(runbook)}"]
    if result.headings:
        head.append(" > ".join(result.headings))
    more = [f"[It goes on: ask with start {result.next_start}.]"] if result.next_start is not None else []
    return "\n".join([*head, *(f"{line.line:>5}  {line.text}" for line in result.lines), *more])


def _by(described: schemas.Described) -> str:
    return f" by {described.changed_by}, {described.commit[:12]}" if described.commit else ""
