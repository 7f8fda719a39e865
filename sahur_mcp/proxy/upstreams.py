"""What stands behind the gateway, seen from the front: an upstream has a name, rules, tools, and takes calls."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

import mcp.types as types
from mcp.shared.dispatcher import ProgressFnT

from sahur_core.errors import UpstreamUnavailable
from sahur_core.tools.policy import Permission, Policy
from sahur_core.tools.risk import Risk, tool_risk
from sahur_mcp.config import UpstreamRules
from sahur_mcp.proxy.callers import Caller

SEPARATOR = "__"
_GRAVITY = (Risk.READ, Risk.WRITE, Risk.DESTROY)
_WILDCARDS = re.compile(r"\*|\?|\[[^\]]*\]")


@dataclass(frozen=True)
class UpstreamStatus:
    """For `/health/ready` and `sahur-mcp check`. `state`: ready, connecting, down, misconfigured or disabled."""

    kind: str
    state: str
    tools: int = 0
    protocol: str = ""
    breaker: str = "closed"
    problem: str = ""


@dataclass(frozen=True)
class UpstreamCall:
    """One call as an upstream gets it; the caller's token is not part of it."""

    tool: str
    arguments: dict[str, Any]
    caller: Caller
    is_read: bool
    meta: Mapping[str, Any]
    progress: ProgressFnT | None = None


class Upstream(Protocol):
    """A server behind the gateway: one of our own in this process, or a remote one."""

    name: str
    rules: UpstreamRules
    is_trusted: bool
    """Whether the `sahur/…` metadata of its results may be believed: only of our own."""

    @property
    def tools(self) -> Mapping[str, types.Tool]: ...

    @property
    def secrets(self) -> tuple[str, ...]: ...

    @property
    def status(self) -> UpstreamStatus: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def call(self, call: UpstreamCall) -> types.CallToolResult:
        """Raises `UpstreamUnavailable` if it cannot be reached in time, any other `SahurError` for what it refuses."""
        ...

    def cache_key(self, tool: str, arguments: dict[str, Any], /) -> str:
        """What tells this call apart if its answer cannot change; empty if it can."""
        ...


def permission_for(upstream: Upstream, tool: types.Tool) -> tuple[Risk, Permission]:
    """What may be done with a tool, by our own rules."""
    risk = _declared_risk(upstream.rules, tool.name)
    if risk is None:
        hints = tool.annotations or types.ToolAnnotations()
        risk = tool_risk(tool.name, read_only_hint=hints.read_only_hint, destructive_hint=hints.destructive_hint)
    policy = Policy(allow=upstream.rules.allow, ask=upstream.rules.ask, deny=upstream.rules.deny)
    return risk, policy.permission(tool.name, risk)


def _declared_risk(rules: UpstreamRules, tool: str) -> Risk | None:
    """The operator's word: the most exact glob counts, of equally exact ones the graver risk."""
    found = [
        (len(_WILDCARDS.sub("", glob)), _GRAVITY.index(risk)) for glob, risk in rules.risk.items() if fnmatchcase(tool, glob)
    ]
    return _GRAVITY[max(found)[1]] if found else None


def policy_version(upstream: Upstream, tool: types.Tool) -> str:
    """Changes with the rules for the upstream and with the tool itself, so that what was cached before is not served."""
    parts = [upstream.rules.model_dump(mode="json"), tool.model_dump(mode="json", by_alias=True)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


class OwnServer(Protocol):
    """A server of our own (`sahur_mcp.servers`), called in this process."""

    name: str

    def tools(self) -> list[types.Tool]: ...

    async def call(self, tool: str, arguments: dict[str, Any], caller: Caller) -> types.CallToolResult: ...

    def cache_key(self, tool: str, arguments: dict[str, Any]) -> str: ...


class OwnUpstream:
    """A server of our own behind the same rules, limits and receipts as any other."""

    is_trusted = True
    secrets: tuple[str, ...] = ()

    def __init__(self, server: OwnServer, rules: UpstreamRules | None = None) -> None:
        self.name = server.name
        self.rules = rules or UpstreamRules()
        self._server = server
        self._tools = {tool.name: tool for tool in server.tools()}
        self._slots = asyncio.Semaphore(self.rules.max_concurrency)

    @property
    def tools(self) -> Mapping[str, types.Tool]:
        return self._tools

    @property
    def status(self) -> UpstreamStatus:
        return UpstreamStatus(kind="own", state="ready", tools=len(self._tools))

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def call(self, call: UpstreamCall) -> types.CallToolResult:
        try:
            async with asyncio.timeout(self.rules.timeout_seconds), self._slots:
                return await self._server.call(call.tool, call.arguments, call.caller)
        except TimeoutError as error:
            raise UpstreamUnavailable(
                f"{self.name}{SEPARATOR}{call.tool} did not finish in {self.rules.timeout_seconds:g} s.",
                next_step="Ask for less: a path, a smaller range or a lower limit.",
            ) from error

    def cache_key(self, tool: str, arguments: dict[str, Any]) -> str:
        return self._server.cache_key(tool, arguments)


class BrokenEntry:
    """An upstream whose configuration cannot be used or is switched off: it shows in the health and offers nothing."""

    is_trusted = False
    secrets: tuple[str, ...] = ()

    def __init__(self, name: str, problem: str, *, state: str = "misconfigured") -> None:
        self.name = name
        self.rules = UpstreamRules()
        self.tools: Mapping[str, types.Tool] = {}
        self.status = UpstreamStatus(kind="", state=state, problem=problem)

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to close."""

    async def call(self, call: UpstreamCall) -> types.CallToolResult:
        raise UpstreamUnavailable(f"{self.name}{SEPARATOR}{call.tool} cannot be called: {self.status.problem}")

    def cache_key(self, _tool: str, _arguments: dict[str, Any], /) -> str:
        return ""
