"""One request of a caller, as everything behind the relay gets to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp.shared.dispatcher import ProgressFnT

from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.clients.client_side import ClientSide
from sahur_mcp.proxy.clients.downstreams import Downstream
from sahur_mcp.proxy.clients.namespace import Namespace
from sahur_mcp.proxy.upstreams.upstream import Inquiry


@dataclass(frozen=True)
class Exchange:
    """Who asks, by which names, and how the client behind it can be reached while it waits."""

    caller: Caller
    namespace: Namespace = field(default_factory=Namespace)
    client: ClientSide = field(default_factory=ClientSide)
    downstream: Downstream | None = None
    progress: ProgressFnT | None = None

    def inquiry(self, *, is_read: bool = True, meta: Mapping[str, Any] | None = None) -> Inquiry:
        """The part of it that an upstream may see."""
        return Inquiry(self.caller, is_read, meta or {}, self.client, self.downstream, self.progress)
