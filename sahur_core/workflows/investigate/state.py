"""What the graph remembers between two nodes: ids of rows and small facts, never bodies.

The saver rewrites a whole channel at each step, so texts live in rows (messages, tool calls, evidence) and are read
through the store when a prompt is built.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from sahur_core.config import InvestigateConfig

MAX_REFUSED = 12
"""Calls in a row that brought nothing new, before the investigation ends with what there is."""


def latest_last(before: list[str], new: list[str]) -> list[str]:
    """Both without repetition; what is new, or came again, stands at the end."""
    return [name for name in before if name not in new] + list(dict.fromkeys(new))


class State(TypedDict):
    """The channels. A node gives back only those that it changes (`Update`)."""

    finished_stage: str
    """The last finished stage, empty before. The engine sets it back to send a run to the model again."""
    next: str
    """Which node of the loop comes next, as the last one decided."""
    position: int
    """Number of the last step shown to people."""
    model_calls: int
    """Model calls made in the loop; `InvestigateConfig.max_steps` bounds them."""
    gathering: dict[str, str]
    """What triage planned: gather node -> id of its tool call. The ids survive a repeated node."""
    linked: list[dict[str, Any]]
    """What the report links to, as calls that triage planned: `nodes.linked.LinkedRead`. Their ids survive as well."""
    not_read: list[str]
    """What of it cannot be read, each with the reason."""
    search_terms: list[str]
    """Words that triage would search the code for."""
    transcript: Annotated[list[str], operator.add]
    """Ids of the conversation with the model, oldest first."""
    pending: list[str]
    """Ids of the tool calls of the model's last message that are still to be made."""
    told_inputs: list[str]
    """Ids of input requests whose outcome the model has been told."""
    idle_turns: int
    """Model messages in a row that asked for nothing."""
    refused: int
    """Calls in a row that brought nothing new: repeated, unknown or unusable ones."""
    hypotheses: Annotated[dict[str, dict[str, Any]], operator.or_]
    """What the run holds possible, by the id of `sahur_core.issues.Hypothesis`: the latest of each."""
    answer: str
    """Id of the transcript message that holds the answer, empty before `conclude`."""
    found_tools: Annotated[list[str], latest_last]
    """Names of the tools that the model has searched for and found. Runs that began before this channel have none."""
    told_unavailable: Annotated[list[str], latest_last]
    """Servers of which the model has been told that they cannot be asked."""
    budget: dict[str, Any]
    """The limit that ended the investigation early, as `sahur_core.issues.BudgetRung`; empty if none did."""
    answer_source: str
    """Empty if a model wrote the answer last, else who did: the constants of `ledger_answer.py`."""
    usage: dict[str, Any]
    """Sum of the models' usage: the fields of `sahur_core.issues.Usage`."""
    used_llm: bool
    """Whether any model call so far was answered by a language model, as the client reports it."""


Update = dict[str, Any]


def initial_state() -> State:
    """The state of a run that has not begun."""
    return State(
        finished_stage="",
        next="",
        position=0,
        model_calls=0,
        gathering={},
        linked=[],
        not_read=[],
        search_terms=[],
        transcript=[],
        pending=[],
        told_inputs=[],
        idle_turns=0,
        refused=0,
        hypotheses={},
        answer="",
        found_tools=[],
        told_unavailable=[],
        budget={},
        answer_source="",
        usage={},
        used_llm=False,
    )


def has_budget(state: State, config: InvestigateConfig) -> bool:
    """Whether the model may be asked once more; else messages that came too late are carried over."""
    is_stuck = state.get("refused", 0) >= MAX_REFUSED
    return state["model_calls"] < config.max_steps and not is_stuck and not state.get("budget")
