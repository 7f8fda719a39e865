"""The floor: LangGraph alone in the benchmark's own process, each superstep saved before the next (`durability="sync"`)."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from sahur_core.events import EventPayload
from sahur_core.issues import Solution
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.state import initial_state
from tests.benchmarks.engine.graph import EVENTS
from tests.benchmarks.engine.investigation import compiled
from tests.benchmarks.engine.measuring import Times


@dataclass
class InMemory:
    """Sink and store of one run."""

    moments: list[float] = field(default_factory=list)
    payloads: list[EventPayload] = field(default_factory=list)
    solution: Solution | None = None

    @property
    def events(self) -> InMemory:
        return self

    @property
    def store(self) -> InMemory:
        return self

    def emit(self, payload: EventPayload, *, key: str | None = None) -> None:
        self.moments.append(time.perf_counter())
        self.payloads.append(payload)

    def save_solution(self, solution: Solution) -> None:
        self.solution = solution


class InProcess:
    name = "LangGraph in process, PostgresSaver sync"

    def __init__(self, database_url: str) -> None:
        options: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        self._pool: ConnectionPool[Any] = ConnectionPool(database_url, min_size=8, max_size=8, open=True, kwargs=options)
        self._graph = compiled(PostgresSaver(self._pool))

    def run_once(self, client: int) -> Times:
        told = InMemory()
        config: RunnableConfig = {"configurable": {"thread_id": f"benchmark-{uuid.uuid4()}"}}
        started = time.perf_counter()
        context = cast(InvestigationContext, told)
        for _ in self._graph.stream(initial_state(), config, context=context, stream_mode="updates", durability="sync"):
            pass
        done = time.perf_counter()
        assert len(told.payloads) == sum(EVENTS.values())
        return Times(told.moments[0] - started, done - started)

    def close(self) -> None:
        self._pool.close()
