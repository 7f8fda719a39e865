"""What the gateway says of itself to the server (`GET /status`): itself, its upstreams, and what may be done with their tools."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    # A newer gateway may tell more than this server knows.
    model_config = ConfigDict(frozen=True, extra="ignore")


class ToolState(_Told):
    """A tool of an upstream, and what our own rules make of it."""

    name: str
    """The upstream's own name; callers know it as `upstream__name`."""
    description: str = ""
    """Its first line."""
    risk: str
    permission: str
    """`allow`, `ask` or `deny`."""
    has_changed: bool = False
    """It describes itself otherwise than when it was first seen."""


class UpstreamPolicy(_Told):
    """The rules of an upstream's entry: globs of tools, and limits."""

    allow: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    risk: dict[str, str] = {}
    timeout_seconds: float = 0.0
    max_concurrency: int = 0
    cache_seconds: float = 0.0
    session: str = "shared"
    hosts: tuple[str, ...] = ()


class UpstreamState(_Told):
    """How an upstream is now."""

    name: str
    kind: str = ""
    """`own`, `stdio` or `http`; empty where the entry cannot be used."""
    state: str
    """`ready`, `connecting`, `down`, `misconfigured` or `disabled`."""
    breaker: str = "closed"
    """`closed`, `open` (left alone for some seconds) or `half_open` (the next call tries)."""
    problem: str = ""
    """Why it is not ready, and what to do; redacted."""
    last_failure: str = ""
    """Of its transport, also where it is well again; redacted."""
    last_failed_at: datetime | None = None
    protocol: str = ""
    tool_count: int = 0
    resource_count: int = 0
    prompt_count: int = 0
    under_way: int = 0
    """How many requests it works on or has waiting."""
    policy: UpstreamPolicy = UpstreamPolicy()
    tools: tuple[ToolState, ...] = ()
    """Only where they were asked for (`?tools=true`)."""

    @property
    def is_well(self) -> bool:
        """One that is switched off on purpose is well, and so is one whose breaker lets the next call try."""
        return self.state in ("ready", "disabled") and self.breaker != "open"


class GatewayStatus(_Told):
    """The answer to `GET /status`."""

    version: str
    loaded_at: datetime
    """When the configuration that holds now was read."""
    configuration_problem: str = ""
    """What is wrong with its file since."""
    receipts_problem: str = ""
    """Why no receipt can be kept, so that no call is made."""
    waiting_batches: int = 0
    """Of receipts that the server has not taken yet."""
    waiting_bytes: int = 0
    upstreams: tuple[UpstreamState, ...] = ()
