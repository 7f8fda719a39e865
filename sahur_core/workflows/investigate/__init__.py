"""The workflow `investigate`: a report in, a solution out whose claims rest on evidence."""

from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.graph import build_graph
from sahur_core.workflows.investigate.state import State, has_budget, initial_state

__all__ = ["InvestigationContext", "State", "build_graph", "has_budget", "initial_state"]
