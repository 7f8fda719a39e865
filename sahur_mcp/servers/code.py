"""The `code` server: reads repositories that the indexer has prepared. Thin over `sahur_core.code`; changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import mcp.types as types
from anyio import CapacityLimiter, to_thread

from sahur_core.code.index.build import open_index
from sahur_core.code.index.index import CodeIndex
from sahur_core.tools.policy import arguments_hash
from sahur_mcp.servers import code_arguments as asked
from sahur_mcp.servers import code_history as history
from sahur_mcp.servers import code_reads as reads
from sahur_mcp.servers import code_schemas as schemas
from sahur_mcp.servers.code_opened import Opened
from sahur_mcp.servers.code_patch import check_patch
from sahur_mcp.servers.code_text import is_empty, render
from sahur_mcp.servers.repositories import Reader, Repositories
from sahur_mcp.servers.tool_table import ToolTable, answer

THREADS = 8
OPEN_INDEXES = 8
_FULL_SHA = re.compile(r"^[0-9a-f]{40}$")

_READS: dict[type[asked.Arguments], Callable[[Opened, Any], schemas.CodeResult]] = {
    asked.ListFilesArguments: reads.list_files,
    asked.SearchArguments: reads.search,
    asked.ReadArguments: reads.read,
    asked.SymbolsArguments: reads.symbols,
    asked.LogArguments: history.log,
    asked.BlameArguments: history.blame,
    asked.ShowArguments: history.show,
    asked.DiffArguments: history.diff,
    asked.ChangesArguments: history.changes,
    asked.OwnersArguments: history.owners,
    asked.LocateArguments: reads.locate_report,
    asked.CheckPatchArguments: check_patch,
}


class CodeServer:
    """Tools over git and indexes. Blocking work runs in a few threads, never in the loop."""

    name = "code"

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories
        self._threads = CapacityLimiter(THREADS)
        self._open_index: Callable[[Path, str], CodeIndex] = lru_cache(maxsize=OPEN_INDEXES)(open_index)
        self._table = ToolTable(self.name, schemas.TOOLS)

    def tools(self) -> list[types.Tool]:
        return self._table.listed()

    async def call(self, tool: str, arguments: dict[str, Any], caller: Reader) -> types.CallToolResult:
        """Raises `InputError`, `NotFound` and `RepositoryError` with what to do; an empty answer is `no_data`."""
        parsed = self._table.parse(tool, arguments)
        repository_id, folder = await self._repositories.find(caller, parsed.repository)
        read = partial(_READS[type(parsed)], Opened(repository_id, folder, self._open_index), parsed)
        result = await to_thread.run_sync(read, abandon_on_cancel=True, limiter=self._threads)
        return answer(render(result), structured=schemas.dump(result), is_empty=is_empty(result))

    def cache_key(self, tool: str, arguments: dict[str, Any], /) -> str:
        """Calls that name full commits have answers that cannot change, unless they count back from today."""
        pins = [arguments.get(name) for name in (("base", "head") if tool in ("diff", "changes") else ("commit",))]
        if (
            arguments.get("since")
            or arguments.get("until")
            or not all(isinstance(pin, str) and _FULL_SHA.match(pin) for pin in pins)
        ):
            return ""
        return f"{tool}|{arguments_hash(arguments)}"
