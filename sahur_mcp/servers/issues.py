"""The `issues` server: what the team knows already, and a way for other agents to report.

It is thin: the Django side decides who may see and do what (`sahur/api/internal/issues.py`). What changes something
comes here only with a grant, whose key tells the server in whose name to act and makes a repetition harmless.
"""

from __future__ import annotations

import logging
from typing import Any, Protocol, TypeVar

import mcp.types as types
from pydantic import ValidationError

from sahur_core.errors import GatewayUnavailable, NotFound
from sahur_mcp.servers import issue_schemas as schemas
from sahur_mcp.servers.issue_text import render
from sahur_mcp.servers.tool_table import ToolTable, answer

logger = logging.getLogger(__name__)
R = TypeVar("R", bound=schemas.Result)


class Asker(Protocol):
    """The part of a caller that decides: its team, its run, and the grant of a call that changes something."""

    @property
    def team(self) -> int: ...

    @property
    def run(self) -> str: ...

    @property
    def effect_key(self) -> str: ...


class Door(Protocol):
    """The Django side. Raises its refusals in its words: `InputError`, `NotPermitted`, `NotFound`, `Conflict`."""

    async def ask_in_words(self, method: str, path: str, **options: Any) -> bytes: ...


class IssueServer:
    """Tools over the issues of the caller's team."""

    name = "issues"

    def __init__(self, door: Door) -> None:
        self._door = door
        self._table = ToolTable(self.name, schemas.TOOLS)

    def tools(self) -> list[types.Tool]:
        return self._table.listed()

    async def call(self, tool: str, arguments: dict[str, Any], caller: Asker) -> types.CallToolResult:
        """Raises `InputError`, `NotFound`, `NotPermitted` and `Conflict` with what to do, and `GatewayUnavailable`."""
        parsed = self._table.parse(tool, arguments)
        result = await self._answer(parsed, arguments, caller)
        is_empty = isinstance(result, schemas.SearchResult) and not result.issues
        return answer(render(result), structured=result, is_empty=is_empty)

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        """Issues change."""
        return ""

    async def _answer(self, parsed: schemas.Arguments, sent: dict[str, Any], caller: Asker) -> schemas.Result:
        scope = {"team": str(caller.team)} | ({"run": caller.run} if caller.run else {})
        if isinstance(parsed, schemas.SearchArguments):
            asked = scope | {"q": parsed.query, "status": parsed.status, "limit": str(parsed.limit)}
            return _parse(schemas.SearchResult, await self._door.ask_in_words("GET", "issues/", params=asked))
        if isinstance(parsed, schemas.ReadArguments):
            if not parsed.issue.replace("-", "").isalnum() or not parsed.issue.isascii():
                raise NotFound(f"{parsed.issue!r} is no key of an issue.", next_step="Keys look like SAH-12.")
            asked = scope | {"offset": str(parsed.offset)}
            return _parse(schemas.ReadResult, await self._door.ask_in_words("GET", f"issues/{parsed.issue}/", params=asked))
        # What was granted is what was sent, to the letter: the server compares its hash.
        body = {"effect_key": caller.effect_key, "arguments": sent}
        if isinstance(parsed, schemas.CreateIssueArguments):
            return _parse(schemas.CreateIssueResult, await self._write("issues/", body))
        return _parse(schemas.AddMessageResult, await self._write("messages/", body))

    async def _write(self, path: str, body: dict[str, Any]) -> bytes:
        """Once more if the answer was lost: the key of the grant makes a repetition harmless."""
        try:
            return await self._door.ask_in_words("POST", path, json=body)
        except GatewayUnavailable:
            logger.warning("no answer to a write to %s; it is sent once more", path)
        try:
            return await self._door.ask_in_words("POST", path, json=body)
        except GatewayUnavailable as error:
            raise GatewayUnavailable(
                error.message, next_step="Whether it was done is not known: search for it before you try again."
            ) from error


def _parse(model: type[R], body: bytes) -> R:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise GatewayUnavailable(f"The SAHUR server's answer is not as agreed: {error.error_count()} errors.") from error
