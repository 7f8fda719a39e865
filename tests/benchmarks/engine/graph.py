"""The graph that every engine of the comparison runs: four nodes named as the stages, 50 events, no work in between.

Imports nothing but LangGraph, so that `langgraph dev` can load it in an environment of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.graph import END, START, StateGraph

EVENTS = {"gather_context": 13, "analyze": 13, "propose_solution": 12, "publish": 12}
"""How many events each node tells."""
TEXT = "The innermost frame of the traceback is in parse_moment, which compares an aware and a naive time."
"""With it an event has about 150 bytes as JSON."""

Say = Callable[[str, Any], None]
"""Tells one event: the text, and whatever LangGraph hands to the node as its runtime."""


def build(schema: type, say: Say, *, at_end: Callable[[Any], None] | None = None, **options: Any) -> StateGraph[Any, Any]:
    """The graph over the channels of `schema`, which has `finished_stage`; not yet compiled."""
    graph: StateGraph[Any, Any] = StateGraph(schema, **options)
    stages = list(EVENTS)
    for stage in stages:
        graph.add_node(stage, _node(stage, say, at_end if stage == stages[-1] else None))
    for before, after in zip([START, *stages], [*stages, END], strict=True):
        graph.add_edge(before, after)
    return graph


def _node(stage: str, say: Say, at_end: Callable[[Any], None] | None) -> Callable[..., dict[str, str]]:
    def node(state: dict[str, Any], runtime: Any) -> dict[str, str]:
        for _ in range(EVENTS[stage]):
            say(TEXT, runtime)
        if at_end is not None:
            at_end(runtime)
        return {"finished_stage": stage}

    return node
