"""The world of a run in memory (`sahur_core/evaluation`), over real repositories and with what tests add.

The repository is prepared as the indexer does it and read with the code server's own tools; only the database, the queue
and the network between them are missing.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sahur_core.code.prepare import prepare
from sahur_core.config import InvestigateConfig
from sahur_core.evaluation.bench import Bench
from sahur_core.evaluation.memory import LoopThread as Loop
from sahur_core.evaluation.memory import MemorySink as Sink
from sahur_core.evaluation.memory import MemoryStore as Store
from sahur_core.issues import Report, RepositoryRef, Source
from sahur_core.llm.client import ModelClient
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_mcp.servers.in_process import InProcessToolBox
from tests.fakes.repositories import BugCase

__all__ = ["REPOSITORY", "Loop", "Prepared", "Sink", "Store", "Tools", "World"]

REPOSITORY = "0197c3a0-0000-7000-8000-000000000001"


class Tools:
    """The code server in this process, and tools that a test adds, hides or misses."""

    def __init__(self, directory: Path) -> None:
        self._own = InProcessToolBox(directory, [REPOSITORY])
        self.extra: dict[str, tuple[ToolSpec, Callable[[dict[str, Any]], ToolOutcome]]] = {}
        self.calls: Counter[str] = Counter()
        self.hidden: set[str] = set()
        self.missing: dict[str, str] = {}

    async def list_tools(self) -> Sequence[ToolSpec]:
        listed = await self._own.list_tools()
        return [spec for spec in listed if spec.name not in self.hidden] + [spec for spec, _ in self.extra.values()]

    def unavailable(self) -> dict[str, str]:
        return self.missing

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome:
        self.calls[tool] += 1
        if tool in self.extra:
            return self.extra[tool][1](arguments).model_copy(update={"receipt_id": str(uuid.uuid4())})
        return await self._own.call(tool, arguments, tool_call_id=tool_call_id)


class Prepared:
    """Repositories as the indexer prepares them, each once: runs only read what is there, as they do side by side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._commits: dict[Path, str] = {}

    def __call__(self, case: BugCase) -> tuple[Path, str]:
        """The folder of the repositories that this case's run sees, and the commit that was prepared in it."""
        directory = self._folder / hashlib.sha256(str(case.path).encode()).hexdigest()[:16]
        if case.path not in self._commits:
            self._commits[case.path] = prepare(str(case.path), directory / REPOSITORY, "", lambda _: None)
        return directory, self._commits[case.path]


@dataclass
class World(Bench):
    """One run with everything around it."""

    tools: Tools

    @classmethod
    def for_report(cls, title: str, body: str, loop: Loop, directory: Path, config: InvestigateConfig, commit: str = "") -> World:
        """A run on a report; with a repository if `commit` says at which commit it was prepared."""
        repository = RepositoryRef(id=REPOSITORY, name="service", commit=commit) if commit else None
        report = Report(
            issue_key="SAH-1", title=title, body=body, source=Source.WEB, repository=repository, reported_at=datetime.now(UTC)
        )
        return cls(Store(report), Tools(directory), config, ModelClient(config), loop)

    @classmethod
    def for_case(cls, case: BugCase, loop: Loop, prepared: Prepared, config: InvestigateConfig) -> World:
        """A run on a bug's report."""
        directory, commit = prepared(case)
        return cls.for_report(case.title, case.body, loop, directory, config, commit)
