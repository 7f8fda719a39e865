"""What the nodes reach the world with: LangGraph's runtime context of one attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sahur_core.config import InvestigateConfig
from sahur_core.llm.client import ModelClient
from sahur_core.protocols import EventSink, RunStore, ToolBox, Waiter
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
    tools: ToolRegistry | None = field(default=None, init=False)
    """The gateway's tools, once a node of this attempt has listed them."""
    unavailable: Mapping[str, str] = field(default_factory=dict, init=False)
    """Servers whose tools are missing from that list, and why."""
