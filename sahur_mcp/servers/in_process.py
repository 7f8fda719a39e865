"""Our own reading servers as a `ToolBox` in the caller's process, without the gateway around them.

For evaluations and tests: no policy, no redaction and no stored receipts stand between, only the servers' own tools over
repositories that were prepared before. Receipt ids are made up, so that evidence can be cited as ever.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import mcp.types as types

from sahur_core.errors import InputError, NotFound, RepositoryError
from sahur_core.issues import ToolResultStatus
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.tools.wire import META_STATUS
from sahur_mcp.servers.code import CodeServer
from sahur_mcp.servers.issues import IssueServer
from sahur_mcp.servers.past_issues import PastIssue, PastIssues
from sahur_mcp.servers.repositories import Repositories


@dataclass(frozen=True)
class Caller:
    """Who calls: a run of the first team that may read these repositories."""

    repository_ids: frozenset[str] | None
    team: int = 1
    run: str = ""
    effect_key: str = ""


class Server(Protocol):
    name: str

    def tools(self) -> list[types.Tool]: ...

    async def call(self, tool: str, arguments: dict[str, Any], caller: Any) -> types.CallToolResult: ...


class _NoLookup:
    async def repositories(self, *, ids: list[str] | None = None, teams: list[int] | None = None) -> Sequence[Any]:  # noqa: ARG002
        return []


@dataclass
class InProcessToolBox:
    """The server `code` over `directory/<repository id>`, and `issues` over the given past issues, where there are any."""

    directory: Path
    repository_ids: Sequence[str] = ()
    past_issues: Sequence[PastIssue] = ()
    _servers: dict[str, Server] = field(init=False)

    def __post_init__(self) -> None:
        self._caller = Caller(frozenset(self.repository_ids))
        self._servers = {"code": CodeServer(Repositories(self.directory, _NoLookup()))}
        if self.past_issues:
            self._servers["issues"] = IssueServer(PastIssues(self.past_issues))

    async def list_tools(self) -> Sequence[ToolSpec]:
        return [
            ToolSpec(
                name=f"{name}__{tool.name}",
                description=tool.description or "",
                input_schema=tool.input_schema,
                read_only=tool.annotations is not None and tool.annotations.read_only_hint is True,
                is_own=True,
            )
            for name, server in self._servers.items()
            for tool in server.tools()
        ]

    def unavailable(self) -> Mapping[str, str]:
        return {}

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome:  # noqa: ARG002
        receipt = str(uuid.uuid4())
        server, _, name = tool.partition("__")
        try:
            if server not in self._servers:
                raise NotFound(f"There is no tool {tool!r}.")
            result = await self._servers[server].call(name, arguments, self._caller)
        except (InputError, NotFound, RepositoryError) as error:
            return ToolOutcome(status=ToolResultStatus.ERROR, text=str(error), receipt_id=receipt)
        return ToolOutcome(
            status=ToolResultStatus((result.meta or {})[META_STATUS]),
            text="\n".join(part.text for part in result.content if part.type == "text"),
            structured=result.structured_content,
            receipt_id=receipt,
            duration_ms=1,
        )
