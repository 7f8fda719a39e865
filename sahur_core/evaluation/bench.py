"""One investigation in memory: the real graph, stage after stage, as the chain drives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from sahur_core.config import InvestigateConfig
from sahur_core.evaluation.memory import MemorySink, MemoryStore
from sahur_core.issues import Solution, Stage
from sahur_core.llm.client import ModelClient
from sahur_core.protocols import ToolBox, Waiter
from sahur_core.workflows.investigate import InvestigationContext, build_graph, initial_state

RECURSION_LIMIT = 1000
MAX_WAITS = 20
"""How often a run may wait for people in one stage; nobody is there, so it goes on with the default each time."""


@dataclass
class Bench:
    """One run with everything around it."""

    store: MemoryStore
    tools: ToolBox
    config: InvestigateConfig
    models: ModelClient
    waiter: Waiter
    events: MemorySink = field(default_factory=MemorySink)
    saver: InMemorySaver = field(default_factory=InMemorySaver)

    def __post_init__(self) -> None:
        self.graph = build_graph(self.saver)
        self.thread: RunnableConfig = {"configurable": {"thread_id": "run"}, "recursion_limit": RECURSION_LIMIT}

    def context(self) -> InvestigationContext:
        """What the engine makes for each attempt."""
        self.store.sink = self.events
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

    def run_alone(self) -> Solution | None:
        """To the end with nobody there: whatever is asked gets its default, so nothing is approved."""
        for stage in Stage:
            snapshot = self.graph.get_state(self.thread)
            self.stream(None if snapshot.values else initial_state(), stage)
            for _ in range(MAX_WAITS):
                if not self.is_waiting:
                    break
                self.store.expire_requests()
                self.stream(Command(resume=True), stage)
        return self.store.saved

    @property
    def state(self) -> dict[str, Any]:
        return dict(self.graph.get_state(self.thread).values)

    @property
    def is_waiting(self) -> bool:
        return bool(self.graph.get_state(self.thread).interrupts)
