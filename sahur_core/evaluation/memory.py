"""The protocols of `sahur_core/protocols.py` in memory: the rows, the events and the waiting of one run.

Evaluations run on these, and so do the tests of the workflow: there is one workflow and one way to run it without a
database.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime
from typing import Any, TypeVar

from langchain_core.messages import AIMessage

from sahur_core.context.history import to_messages
from sahur_core.errors import DeadlineExceeded
from sahur_core.events import EventPayload, InputSuperseded, ModelCallFinished, ToolCallFinished
from sahur_core.issues import (
    SUPERSEDED_BY,
    BudgetScope,
    Decision,
    EarlierAnswer,
    Evidence,
    InputRequest,
    PersonMessage,
    Report,
    RepositoryRef,
    Role,
    Solution,
    Spent,
    ToolCall,
    TranscriptMessage,
)

T = TypeVar("T")
NOBODY = "nobody in time"


class LoopThread:
    """The process's event loop in its thread, as the engine has one; nodes wait on it (`Waiter`)."""

    def __init__(self, seconds: float = 90.0) -> None:
        """`seconds` is the longest that one call is waited for."""
        self.loop = asyncio.new_event_loop()
        self._seconds = seconds
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def wait_for(self, coroutine: Coroutine[Any, Any, T], *, interruptible: bool = False) -> T:  # noqa: ARG002 - nobody is there
        """Raises `DeadlineExceeded` after the time that one call may take, and cancels it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(timeout=self._seconds)
        except FutureTimeoutError:
            if future.done():
                raise  # the call itself told of a time-out
            future.cancel()
            raise DeadlineExceeded(f"A call took longer than {self._seconds:.0f} s.") from None

    def close(self) -> None:
        """Stop the loop; what still runs on it is given up."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=10)
        if not self._thread.is_alive():
            self.loop.close()


class MemoryStore:
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
        self.earlier: EarlierAnswer | None = None
        self.sink = MemorySink()
        """Where the run's events are told: what it has spent follows from them."""
        self.spent_by_others = Spent()
        """What other runs of the team have spent today."""

    def report(self) -> Report:
        return self._report

    def earlier_answer(self) -> EarlierAnswer | None:
        return self.earlier

    def prepare_repository(self) -> RepositoryRef | None:
        return self._report.repository

    def add_transcript(self, messages: Sequence[tuple[Role, dict[str, Any]]]) -> list[str]:
        ids = [str(uuid.uuid4()) for _ in messages]
        for message_id, (role, body) in zip(ids, messages, strict=True):
            self.messages[message_id] = TranscriptMessage(id=message_id, role=role, body=body)
        return ids

    def transcript(self, ids: Sequence[str]) -> list[TranscriptMessage]:
        return [self.messages[message_id] for message_id in ids]

    def asked_tools(self) -> list[str]:
        """Names of all tools that the model wanted to call, also of those that were not called."""
        told = to_messages(list(self.messages.values()))
        return [call["name"] for message in told if isinstance(message, AIMessage) for call in message.tool_calls]

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
        now = datetime.now(UTC)
        self._close(request for request in self.requests.values() if request.expires_at and request.expires_at <= now)
        return list(self.requests.values())

    def expire_requests(self) -> int:
        """What the reaper does when nobody answers: what is open gets its default. How many were open."""
        return self._close(self.requests.values())

    def _close(self, requests: Any) -> int:
        still_open = [request for request in list(requests) if not request.answered_by]
        for request in still_open:
            closed = {"answer": request.default, "answered_by": NOBODY}
            self.requests[request.id] = request.model_copy(update=closed)
        return len(still_open)

    def supersede_input_request(self, request_id: str, reason: str) -> bool:
        request = self.requests[request_id]
        if request.answered_by:
            return False
        closed = {"answered_by": SUPERSEDED_BY, "superseded_reason": reason}
        self.requests[request_id] = request.model_copy(update=closed)
        self.sink.emit(InputSuperseded(input_request_id=request_id, reason=reason), key=f"input:{request_id}:closed")
        return True

    def spent(self, scope: BudgetScope) -> Spent:
        usages = [event.usage for event in self.sink.of(ModelCallFinished)]
        others = self.spent_by_others if scope is BudgetScope.TEAM else Spent()
        return Spent(
            tokens=others.tokens + sum(usage.input_tokens + usage.output_tokens for usage in usages),
            cost_usd=others.cost_usd + sum(usage.cost_usd or 0.0 for usage in usages),
            unpriced_calls=sum(usage.model_calls for usage in usages if usage.cost_usd is None),
            model_calls=others.model_calls + sum(usage.model_calls for usage in usages),
            tool_calls=others.tool_calls + len(self.sink.of(ToolCallFinished)),
            seconds=others.seconds + self.sink.worked_seconds(),
        )

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

    def say(self, text: str, *, is_urgent: bool = False) -> None:
        """What the door does when a person writes."""
        self.queued.append(
            PersonMessage(id=str(uuid.uuid4()), author="Ada", text=text, said_at=datetime.now(UTC), is_urgent=is_urgent)
        )


class MemorySink:
    """Keeps the events in their order, each with its moment on the monotonic clock in seconds; a fact once."""

    def __init__(self) -> None:
        self.events: list[EventPayload] = []
        self.moments: list[float] = []
        self._keys: set[str] = set()

    def emit(self, payload: EventPayload, *, key: str | None = None) -> None:
        if key is None or key not in self._keys:
            self._keys.add(key or "")
            self.events.append(payload)
            self.moments.append(time.monotonic())

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    def worked_seconds(self) -> float:
        """From the first event to the last."""
        return self.moments[-1] - self.moments[0] if self.moments else 0.0

    def first_moment(self, kind: type[EventPayload]) -> float | None:
        """When the first event of a kind was told; None if none was."""
        told = zip(self.events, self.moments, strict=True)
        return next((moment for event, moment in told if isinstance(event, kind)), None)
