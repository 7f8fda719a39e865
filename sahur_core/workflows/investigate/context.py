"""What the nodes reach the world with: LangGraph's runtime context of one attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sahur_core.config import InvestigateConfig
from sahur_core.llm.client import ModelClient
from sahur_core.protocols import EventSink, RunStore, ToolBox, Waiter
from sahur_core.safety.guard import Guard, GuardedEvents
from sahur_core.tools.registry import ToolRegistry


@dataclass
class InvestigationContext:
    """Made by the engine for each attempt. Nodes may run in parallel threads, so all members are safe to share."""

    store: RunStore
    events: EventSink
    toolbox: ToolBox
    waiter: Waiter
    models: ModelClient
    config: InvestigateConfig
    line: str = ""
    """Id of the run if it goes on from another one, else empty: what the ids of its rows depend on (`ids.py`)."""
    tools: ToolRegistry | None = field(default=None, init=False)
    """The gateway's tools, once a node of this attempt has listed them."""
    unavailable: Mapping[str, str] = field(default_factory=dict, init=False)
    """Servers whose tools are missing from that list, and why."""
    guard: Guard = field(init=False)
    """What models are told, and what they write, passes through it."""

    def __post_init__(self) -> None:
        self.guard = Guard(self.config.safety)
        self.events = GuardedEvents(self.events, self.guard)
