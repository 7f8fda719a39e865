"""The `sandbox` server: runs a team's own test command on a patch, in bubblewrap. It is there only where the operator has
switched it on (SAHUR_SANDBOX), and does something only for repositories whose team has set a command.

The command comes from the team's setting, asked of the server for each call; a caller gives the patch alone. What runs is
code of the repository and of the patch, so it runs for a run's own workflow only: no model is handed the tool
(`sahur_core.tools.registry`), no API token may call it, and nothing outside of the sandbox is changed by it.
"""

from __future__ import annotations

import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import anyio
import mcp.types as types
from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, Field

from sahur_core.code.git.patch import patched
from sahur_core.code.git.repository import Repository
from sahur_core.errors import NotPermitted
from sahur_core.tools.wire import SANDBOX
from sahur_mcp.servers.bubblewrap import Bubblewrap, Ran
from sahur_mcp.servers.repositories import Reader, Repositories
from sahur_mcp.servers.tool_table import OwnTool, ToolTable, answer

AT_ONCE = 2
"""Sandboxes of one gateway."""


class Runner(Reader, Protocol):
    """A caller; only that of a run's attempt has its number."""

    @property
    def attempt(self) -> int | None: ...


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TestPatchArguments(Arguments):
    __test__ = False  # pytest would take it for a test

    repository: str = Field("", description="Id or name. May be left out if you have exactly one.")
    commit: str = Field(min_length=1, description="The commit that the patch is for.")
    diff: str = Field(min_length=1, max_length=200_000, description="A unified diff against the commit.")


class TestPatchResult(BaseModel):
    __test__ = False

    repository: str
    commit: str
    command: str = Field(description="The team's own, from the settings of the repository")
    passed: bool | None = Field(description="Null where nothing ran")
    exit_code: int | None = Field(description="Null if it was stopped at its time limit, or nothing ran")
    output: str = Field(description="The end of what it printed")
    seconds: float


class SandboxServer:
    """One tool. Sandboxes run in threads of their own, never in the loop, and end with the call that wants them."""

    name = SANDBOX

    def __init__(self, repositories: Repositories, bubblewrap: Bubblewrap) -> None:
        self._repositories = repositories
        self._bubblewrap = bubblewrap
        self._threads = CapacityLimiter(AT_ONCE)
        self._table: ToolTable[TestPatchArguments] = ToolTable(
            self.name,
            (
                OwnTool(
                    "test_patch",
                    "Run the team's test command in a sandbox, on a copy of a commit with a patch applied. For runs alone.",
                    TestPatchArguments,
                    TestPatchResult,
                ),
            ),
        )

    def tools(self) -> list[types.Tool]:
        return self._table.listed()

    async def call(self, tool: str, arguments: dict[str, Any], caller: Runner) -> types.CallToolResult:
        """`no_data` where the team has set no command. Raises `NotPermitted` for who is no run, `PatchRefused` for a patch
        that does not apply, `ToolError` where there is no sandbox, `NotFound`, and `GatewayUnavailable`."""
        parsed = self._table.parse(tool, arguments)
        if caller.attempt is None:
            raise NotPermitted("Only a run tests patches.", next_step="Start a run on an issue; it tests the patch it proposes.")
        repository_id, folder = await self._repositories.find(caller, parsed.repository)
        command = await self._repositories.test_command(caller, repository_id)
        if not command:
            nothing = TestPatchResult(
                repository=repository_id, commit=parsed.commit, command="", passed=None, exit_code=None, output="", seconds=0
            )
            return answer("The team has set no test command for this repository.", structured=nothing, is_empty=True)
        result = await self._test(folder, parsed, command)
        told = TestPatchResult(
            repository=repository_id,
            commit=parsed.commit,
            command=command,
            passed=result.exit_code == 0,
            exit_code=result.exit_code,
            output=result.output,
            seconds=round(result.seconds, 1),
        )
        return answer(_text(told), structured=told, is_empty=False)

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        """Tests may come out differently each time."""
        return ""

    async def _test(self, folder: Path, wanted: TestPatchArguments, command: str) -> Ran:
        is_given_up = threading.Event()
        run = partial(self._run, folder, wanted, command, is_given_up)
        try:
            return await to_thread.run_sync(run, abandon_on_cancel=True, limiter=self._threads)
        except anyio.get_cancelled_exc_class():
            is_given_up.set()
            raise

    def _run(self, folder: Path, wanted: TestPatchArguments, command: str, is_given_up: threading.Event) -> Ran:
        repository = Repository.open(folder)
        with tempfile.TemporaryDirectory(prefix="sahur-tree-") as name, patched(repository, wanted.commit, wanted.diff) as found:
            tree = Path(name)
            found.check_out(tree)
            return self._bubblewrap.run(tree, command, lambda: not is_given_up.is_set())


def _text(result: TestPatchResult) -> str:
    if result.exit_code is None:
        return f"{result.command}: stopped after {result.seconds:g} s.\n{result.output}"
    how = "passed" if result.passed else f"failed with exit code {result.exit_code}"
    return f"{result.command}: {how} in {result.seconds:g} s.\n{result.output}"
