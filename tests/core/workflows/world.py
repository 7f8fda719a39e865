"""The world of a run in memory: the protocols of `sahur_core/protocols.py` over lists and over real repositories.

`World.for_case` prepares a repository as the indexer does and reads it with the code server's own tools; only the
database, the queue and the network between them are missing.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from langgraph.checkpoint.memory import InMemorySaver

from sahur_core.code.prepare import prepare
from sahur_core.config import InvestigateConfig
from sahur_core.errors import InputError, NotFound, RepositoryError
from sahur_core.events import EventPayload
from sahur_core.issues import (
    Decision,
    Evidence,
    InputRequest,
    PersonMessage,
    Report,
    RepositoryRef,
    Role,
    Solution,
    Source,
    Stage,
    ToolCall,
    ToolResultStatus,
    TranscriptMessage,
)
from sahur_core.llm.client import ModelClient
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.workflows.investigate import InvestigationContext, build_graph, initial_state
from sahur_mcp.servers.code import CodeServer
from sahur_mcp.servers.repositories import Repositories
from tests.fakes.repositories import BugCase

T = TypeVar("T")
REPOSITORY = "0197c3a0-0000-7000-8000-000000000001"


class Loop:
    """The process's event loop in its thread, as the engine has one; nodes wait on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return future.result(timeout=90)


class Store:
    """The rows of one run. Keeps what a database would keep: ids, and that the same write twice is one."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.messages: dict[str, TranscriptMessage] = {}
        self.queued: list[PersonMessage] = []
        self.taken_in: dict[str, tuple[int, PersonMessage]] = {}
        self.calls: dict[str, ToolCall] = {}
        self.facts: dict[int, Evidence] = {}
        self.requests: dict[str, InputRequest] = {}
        self.saved: Solution | None = None

    def report(self) -> Report:
        return self._report

    def prepare_repository(self) -> RepositoryRef | None:
        return self._report.repository

    def add_transcript(self, messages: Sequence[tuple[Role, dict[str, Any]]]) -> list[str]:
        ids = [str(uuid.uuid4()) for _ in messages]
        for message_id, (role, body) in zip(ids, messages, strict=True):
            self.messages[message_id] = TranscriptMessage(id=message_id, role=role, body=body)
        return ids

    def transcript(self, ids: Sequence[str]) -> list[TranscriptMessage]:
        return [self.messages[message_id] for message_id in ids]

    def take_in_messages(self, step: int) -> list[PersonMessage]:
        for message in self.queued:
            self.taken_in[message.id] = (step, message)
        self.queued = []
        return [message for taken_at, message in self.taken_in.values() if taken_at == step]

    def add_tool_call(self, call: ToolCall) -> None:
        self.calls[call.id] = call

    def tool_calls(self) -> list[ToolCall]:
        return list(self.calls.values())

    def add_evidence(self, evidence: Evidence) -> None:
        self.facts.setdefault(evidence.number, evidence)

    def evidence(self) -> list[Evidence]:
        return [self.facts[number] for number in sorted(self.facts)]

    def open_input_request(self, request: InputRequest) -> None:
        self.requests.setdefault(request.id, request)

    def input_requests(self) -> list[InputRequest]:
        """As rows are after the reaper has closed what expired."""
        for request in list(self.requests.values()):
            if not request.answered_by and request.expires_at and request.expires_at <= datetime.now(UTC):
                closed = {"answer": request.default, "answered_by": "nobody in time"}
                self.requests[request.id] = request.model_copy(update=closed)
        return list(self.requests.values())

    def save_solution(self, solution: Solution) -> None:
        self.saved = solution

    def solution(self) -> Solution | None:
        return self.saved

    def answer(self, request_id: str, decision: Decision, text: str = "", arguments: dict[str, Any] | None = None) -> None:
        """What the door does when a person answers."""
        update: dict[str, Any] = {"decision": decision, "answer": text, "answered_by": "Ada"}
        self.requests[request_id] = self.requests[request_id].model_copy(
            update={**update, **({"arguments": arguments} if arguments else {})}
        )

    def say(self, text: str) -> None:
        """What the door does when a person writes."""
        self.queued.append(PersonMessage(id=str(uuid.uuid4()), author="Ada", text=text, said_at=datetime.now(UTC)))


class Sink:
    """Keeps the events; a fact once."""

    def __init__(self) -> None:
        self.events: list[EventPayload] = []
        self._keys: set[str] = set()

    def emit(self, payload: EventPayload, *, key: str | None = None) -> None:
        if key is None or key not in self._keys:
            self._keys.add(key or "")
            self.events.append(payload)

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass(frozen=True)
class Reader:
    team: int = 1
    repository_ids: frozenset[str] | None = frozenset({REPOSITORY})


class NoLookup:
    async def repositories(self, **_: Any) -> Sequence[Any]:
        return []


class Tools:
    """The code server in this process, and tools that a test adds. Gives a receipt id for each call, as the gateway does."""

    def __init__(self, directory: Path) -> None:
        self._server = CodeServer(Repositories(directory, NoLookup()))
        self.extra: dict[str, tuple[ToolSpec, Callable[[dict[str, Any]], ToolOutcome]]] = {}
        self.calls: Counter[str] = Counter()
        self.hidden: set[str] = set()
        self.missing: dict[str, str] = {}

    async def list_tools(self) -> Sequence[ToolSpec]:
        listed = [
            ToolSpec(
                name=f"code__{tool.name}",
                description=tool.description or "",
                input_schema=tool.input_schema,
                read_only=True,
                is_own=True,
            )
            for tool in self._server.tools()
        ]
        return [spec for spec in listed if spec.name not in self.hidden] + [spec for spec, _ in self.extra.values()]

    def unavailable(self) -> dict[str, str]:
        return self.missing

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome:
        self.calls[tool] += 1
        receipt = str(uuid.uuid4())
        if tool in self.extra:
            return self.extra[tool][1](arguments).model_copy(update={"receipt_id": receipt})
        try:
            result = await self._server.call(tool.removeprefix("code__"), arguments, Reader())
        except (InputError, NotFound, RepositoryError) as error:
            return ToolOutcome(status=ToolResultStatus.ERROR, text=str(error), receipt_id=receipt)
        return ToolOutcome(
            status=ToolResultStatus((result.meta or {})["sahur/status"]),
            text="\n".join(part.text for part in result.content if part.type == "text"),
            structured=result.structured_content,
            receipt_id=receipt,
            duration_ms=1,
        )


@dataclass
class World:
    """One run with everything around it."""

    store: Store
    tools: Tools
    config: InvestigateConfig
    models: ModelClient
    waiter: Loop
    events: Sink = field(default_factory=Sink)
    saver: InMemorySaver = field(default_factory=InMemorySaver)

    def __post_init__(self) -> None:
        self.graph = build_graph(self.saver)
        self.thread: dict[str, Any] = {"configurable": {"thread_id": "run"}, "recursion_limit": 1000}

    @classmethod
    def for_report(cls, title: str, body: str, loop: Loop, directory: Path, config: InvestigateConfig, commit: str = "") -> World:
        """A run on a report; with a repository if `commit` says at which commit it was prepared."""
        repository = RepositoryRef(id=REPOSITORY, name="service", commit=commit) if commit else None
        report = Report(
            issue_key="SAH-1", title=title, body=body, source=Source.WEB, repository=repository, reported_at=datetime.now(UTC)
        )
        return cls(Store(report), Tools(directory), config, ModelClient(config), loop)

    @classmethod
    def for_case(cls, case: BugCase, loop: Loop, directory: Path, config: InvestigateConfig) -> World:
        """A run on a bug's report, its repository prepared as the indexer does."""
        commit = prepare(str(case.path), directory / REPOSITORY, "", lambda _: None)
        return cls.for_report(case.title, case.body, loop, directory, config, commit)

    def context(self) -> InvestigationContext:
        """What the engine makes for each attempt."""
        return InvestigationContext(self.store, self.events, self.tools, self.waiter, self.models, self.config)

    def stream(self, given: Any, stage: Stage) -> None:
        for _ in self.graph.stream(
            given, self.thread, context=self.context(), stream_mode="updates", interrupt_after=[stage.value], durability="sync"
        ):
            pass

    def run(self, until: Stage = Stage.PUBLISH) -> Solution | None:
        """Stage after stage, as the chain does, up to the end or to a question."""
        for stage in Stage:
            snapshot = self.graph.get_state(self.thread)
            self.stream(None if snapshot.values else initial_state(), stage)
            if self.is_waiting or stage is until:
                break
        return self.store.saved

    @property
    def state(self) -> dict[str, Any]:
        return dict(self.graph.get_state(self.thread).values)

    @property
    def is_waiting(self) -> bool:
        return bool(self.graph.get_state(self.thread).interrupts)
