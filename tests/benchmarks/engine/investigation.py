"""The graph with the channels and the events of a real investigation, for LangGraph alone and for the engine."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph

from sahur_core.events import NoticeRaised
from sahur_core.issues import Solution, Verdict
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.state import State
from tests.benchmarks.engine.graph import build

SOLUTION = Solution(verdict=Verdict.INCONCLUSIVE, summary="Nothing was looked for.", next_step="Nothing.", used_llm=False)


def compiled(checkpointer: BaseCheckpointSaver[Any]) -> CompiledStateGraph[Any, Any, Any, Any]:
    return build(State, _say, at_end=_save, context_schema=InvestigationContext).compile(checkpointer=checkpointer)


@lru_cache(maxsize=1)
def graph_of_worker() -> CompiledStateGraph[Any, Any, Any, Any]:
    """What stands in for `sahur.batch.bootstrap.graph`."""
    from sahur.batch import bootstrap

    return compiled(bootstrap.checkpointer())


def _say(text: str, runtime: Any) -> None:
    # Not streamed text: that is put together, and 50 events would become one.
    runtime.context.events.emit(NoticeRaised(level="info", message=text))


def _save(runtime: Any) -> None:
    runtime.context.store.save_solution(SOLUTION)
