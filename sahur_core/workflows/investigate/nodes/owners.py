"""Asks who answers for the places of an answer. The code asks, not the model; that it fails never fails the run."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from sahur_core.errors import ToolError
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.drafting import call_id_for, draft_of
from sahur_core.workflows.investigate.limits import are_calls_spent
from sahur_core.workflows.investigate.owners import OWNERS_TOOL, arguments_for, places_to_ask
from sahur_core.workflows.investigate.state import State, Update
from sahur_core.workflows.investigate.steps import call, list_tools, step, summary_of
from sahur_core.workflows.investigate.titles import title_of


def look_up_owners(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Ask for each place that nobody asked about yet."""
    ctx = runtime.context
    repository = ctx.store.report().repository
    position = state["position"]
    if repository is None:
        return {"position": position}
    repository = ctx.store.prepare_repository() or repository
    if OWNERS_TOOL not in list_tools(ctx) or are_calls_spent(ctx):
        return {"position": position}
    asked = [made.arguments for made in ctx.store.tool_calls() if made.tool == OWNERS_TOOL]
    for place in places_to_ask(draft_of(ctx, state)):
        arguments = arguments_for(place, repository.id, repository.commit)
        call_id = call_id_for(state, f"owners {place.path}")
        if arguments not in asked:
            position += 1
            _ask(ctx, position, call_id, arguments)
    return {"position": position}


def _ask(ctx: InvestigationContext, position: int, call_id: str, arguments: dict[str, Any]) -> None:
    with step(ctx, position, title_of(OWNERS_TOOL, arguments)) as current:
        try:
            current.summary = summary_of(call(ctx, current, call_id, OWNERS_TOOL, arguments))
        except ToolError as error:
            current.summary = f"Nobody could be asked: {error.message}"
