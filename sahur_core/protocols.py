"""What the workflow asks of the world. `sahur.batch` implements these; tests do so in memory."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sahur_core.events import EventPayload
from sahur_core.issues import (
    BudgetScope,
    EarlierAnswer,
    Evidence,
    InputRequest,
    PersonMessage,
    Record,
    Report,
    RepositoryRef,
    Role,
    Solution,
    Spent,
    ToolCall,
    ToolResultStatus,
    TranscriptMessage,
)

T = TypeVar("T")


class ToolSpec(Record):
    """A tool as the gateway lists it: `name` is `upstream__tool`, `input_schema` is JSON Schema."""

    name: str
    description: str
    input_schema: dict[str, Any]
    read_only: bool
    is_destructive: bool = False
    """Whether its server says that it may destroy something: that raises its risk, and nothing lowers it."""
    is_own: bool = False
    """Whether a server of ours describes itself. Else others wrote `description` and `input_schema`."""
    hosts: tuple[str, ...] = ()
    """Hosts whose links its server can read, as its entry in the gateway's configuration says; none: the vendor's own."""


class ToolOutcome(Record):
    """What the gateway answered. `text` was redacted and framed; `structured` is the tool's own JSON, if it gives any."""

    status: ToolResultStatus
    text: str
    structured: dict[str, Any] | None = None
    receipt_id: str = ""
    duration_ms: int = 0


class ToolBox(Protocol):
    """The gateway, as one attempt may use it.

    Raises `GatewayUnavailable` when the gateway cannot be reached; what a tool itself reports as wrong is an outcome.
    """

    async def list_tools(self) -> Sequence[ToolSpec]: ...

    def unavailable(self) -> Mapping[str, str]:
        """Upstreams that offered nothing when the tools were listed last, each with the reason (others' words)."""
        ...

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome: ...


class EventSink(Protocol):
    """Takes events of the running attempt. With `key` the event is a fact: stored once per run.

    Raises the `AttemptInterrupted` that ends the attempt, if one is due.
    """

    def emit(self, payload: EventPayload, *, key: str | None = None) -> None: ...


class Waiter(Protocol):
    """Runs a coroutine on the process's event loop and waits for it.

    Raises `RunStopped`, `AttemptFenced`, `ShuttingDown` or `DeadlineExceeded` at once when one is due, and cancels the
    coroutine then. An `interruptible` one is also given up, with `CallInterrupted`, when a person wants a message used now.
    """

    def wait_for(self, coroutine: Coroutine[Any, Any, T], *, interruptible: bool = False) -> T: ...


class RunStore(Protocol):
    """The rows behind the ids in the workflow's state. Every method is its own transaction and may be repeated."""

    def report(self) -> Report: ...

    def earlier_answer(self) -> EarlierAnswer | None:
        """Of a run that follows on what people said about an earlier one: that one's answer. None: it looks afresh."""
        ...

    def prepare_repository(self) -> RepositoryRef | None:
        """Wait until the report's repository is cloned and indexed; with the commit filled in. None: no repository.

        Raises `RepositoryError` if it cannot be prepared, and what `Waiter` raises.
        """
        ...

    def add_transcript(self, messages: Sequence[tuple[Role, dict[str, Any]]]) -> list[str]:
        """Store messages of the conversation with the model; their ids, in order."""
        ...

    def transcript(self, ids: Sequence[str]) -> list[TranscriptMessage]: ...

    def take_in_messages(self, step: int) -> list[PersonMessage]:
        """What people have said since: each message is handed out once and told to be taken in at `step`."""
        ...

    def add_tool_call(self, call: ToolCall) -> None: ...

    def tool_calls(self) -> list[ToolCall]: ...

    def add_evidence(self, evidence: Evidence) -> None:
        """Store a fact and tell readers of it. The same number again is a no-op."""
        ...

    def evidence(self) -> list[Evidence]: ...

    def open_input_request(self, request: InputRequest) -> None: ...

    def supersede_input_request(self, request_id: str, reason: str) -> bool:
        """Close a request of this run that no longer matters, and tell readers why. False if it was closed already."""
        ...

    def input_requests(self) -> list[InputRequest]:
        """All of the run's requests, answered ones with their decision."""
        ...

    def spent(self, scope: BudgetScope) -> Spent:
        """What the run, or its team today (UTC), has spent so far."""
        ...

    def save_solution(self, solution: Solution) -> None:
        """Store the answer and tell readers of it. The same one again is a no-op."""
        ...

    def solution(self) -> Solution | None: ...
