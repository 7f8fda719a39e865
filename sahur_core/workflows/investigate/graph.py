"""The graph of an investigation: flat, one model or tool call per superstep of the loop, one interrupt.

    triage → locate_fault | read_recent_changes | search_terms | read_linked … (in parallel, where their tools exist)
      → locate_linked (where something linked may say more) → gather_context
      → think ⇄ call_tool | call_approved_tool | wait_for_input → analyze
      → conclude → look_up_owners → try_patch → propose_solution → publish

The last node of each stage bears the stage's name. To send a finished run back to the model, the engine calls
`graph.update_state(config, {"finished_stage": "gather_context"}, as_node="gather_context")`.
"""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send

from sahur_core.issues import Stage
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.nodes.answer import analyze, conclude, propose_solution, publish
from sahur_core.workflows.investigate.nodes.calls import call_approved_tool, call_tool, wait_for_input
from sahur_core.workflows.investigate.nodes.gather import GATHER_NODES, gather_context, triage
from sahur_core.workflows.investigate.nodes.linked import locate_linked, read_linked
from sahur_core.workflows.investigate.nodes.owners import look_up_owners
from sahur_core.workflows.investigate.nodes.patch import try_patch
from sahur_core.workflows.investigate.nodes.think import think
from sahur_core.workflows.investigate.state import State, initial_state

__all__ = ["build_graph", "initial_state"]

LOOP = ("think", "call_tool", "call_approved_tool", "wait_for_input", Stage.ANALYZE.value)


def build_graph(checkpointer: BaseCheckpointSaver[str] | None) -> CompiledStateGraph[State, InvestigationContext, State, State]:
    """The compiled graph; `thread_id` of its configuration is the run's id."""
    graph = StateGraph(State, context_schema=InvestigationContext)
    graph.add_node("triage", triage)
    for name, node in GATHER_NODES.items():
        graph.add_node(name, node)
        graph.add_conditional_edges(name, gathered_next, ["locate_linked", Stage.GATHER_CONTEXT.value])
    graph.add_node("read_linked", read_linked)
    graph.add_conditional_edges("read_linked", gathered_next, ["locate_linked", Stage.GATHER_CONTEXT.value])
    graph.add_node("locate_linked", locate_linked)
    graph.add_edge("locate_linked", Stage.GATHER_CONTEXT.value)
    graph.add_node(Stage.GATHER_CONTEXT.value, gather_context)
    graph.add_node("think", think)
    graph.add_node("call_tool", call_tool)
    graph.add_node("call_approved_tool", call_approved_tool)
    graph.add_node("wait_for_input", wait_for_input)
    graph.add_node(Stage.ANALYZE.value, analyze)
    graph.add_node("conclude", conclude)
    graph.add_node("look_up_owners", look_up_owners)
    graph.add_node("try_patch", try_patch)
    graph.add_node(Stage.PROPOSE_SOLUTION.value, propose_solution)
    graph.add_node(Stage.PUBLISH.value, publish)

    graph.add_edge(START, "triage")
    graph.add_conditional_edges("triage", planned_gathering, [*GATHER_NODES, "read_linked", Stage.GATHER_CONTEXT.value])
    graph.add_edge(Stage.GATHER_CONTEXT.value, "think")
    for name in ("think", "call_tool", "call_approved_tool"):
        graph.add_conditional_edges(name, decided_next, list(LOOP))
    graph.add_edge("wait_for_input", "think")
    graph.add_edge(Stage.ANALYZE.value, "conclude")
    graph.add_edge("conclude", "look_up_owners")
    graph.add_edge("look_up_owners", "try_patch")
    graph.add_edge("try_patch", Stage.PROPOSE_SOLUTION.value)
    graph.add_edge(Stage.PROPOSE_SOLUTION.value, Stage.PUBLISH.value)
    graph.add_edge(Stage.PUBLISH.value, END)
    return graph.compile(checkpointer=checkpointer)


def planned_gathering(state: State) -> Sequence[str | Send]:
    """The gather nodes that triage planned, and a `read_linked` for each linked thing; none where no tool can help."""
    nodes = [name for name in state["gathering"] if name in GATHER_NODES]
    linked = [Send("read_linked", {"linked": [planned]}) for planned in state.get("linked", [])]
    return [*nodes, *linked] or [Stage.GATHER_CONTEXT.value]


def gathered_next(state: State) -> str:
    """All of the gathering ends in one place, so that what comes behind it runs once."""
    return "locate_linked" if "locate_linked" in state["gathering"] else Stage.GATHER_CONTEXT.value


def decided_next(state: State) -> str:
    return state["next"]
