"""What stands behind the gateway, seen from the front: an upstream has a name, rules, tools, and takes calls."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Protocol, runtime_checkable

import mcp.types as types
from mcp.shared.dispatcher import ProgressFnT

from sahur_core.errors import NotFound, ToolError, UpstreamUnavailable
from sahur_core.tools.policy import Permission, Policy
from sahur_core.tools.risk import Risk, tool_risk
from sahur_mcp.config import UpstreamRules
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.clients.client_side import ClientSide
from sahur_mcp.proxy.clients.downstreams import Downstream
from sahur_mcp.proxy.clients.namespace import SEPARATOR as SEPARATOR
from sahur_mcp.proxy.upstreams.offers import Offer

_GRAVITY = (Risk.READ, Risk.WRITE, Risk.DESTROY)
_WILDCARDS = re.compile(r"\*|\?|\[[^\]]*\]")


@dataclass(frozen=True)
class UpstreamStatus:
    """For `/health/ready` and `sahur-mcp check`. `state`: ready, connecting, down, misconfigured or disabled."""

    kind: str
    state: str
    tools: int = 0
    resources: int = 0
    """Templates are counted too."""
    prompts: int = 0
    protocol: str = ""
    breaker: str = "closed"
    problem: str = ""
    last_failure: str = ""
    """What went wrong with its transport the last time, also where it is well again."""
    last_failed_at: str = ""
    """ISO 8601, UTC."""
    changed: tuple[str, ...] = ()
    """Tools that describe themselves otherwise than when they were first seen."""


@dataclass(frozen=True)
class Inquiry:
    """What goes with everything that an upstream is asked. The caller's token and headers are not part of it."""

    caller: Caller
    is_read: bool = True
    """It changes nothing, so that it may be asked once more if the connection breaks."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    client: ClientSide = field(default_factory=ClientSide)
    downstream: Downstream | None = None
    progress: ProgressFnT | None = None


class UpstreamRefusal(ToolError):
    """The upstream answered with an error of the protocol; the connection is well."""

    def __init__(self, upstream: str, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{upstream} refused the call: {message} (code {code}).")
        self.protocol_error = types.ErrorData(code=code, message=message, data=data)


ToolAnswer = types.CallToolResult | types.InputRequiredResult
ResourceAnswer = types.ReadResourceResult | types.InputRequiredResult
PromptAnswer = types.GetPromptResult | types.InputRequiredResult


class Upstream(Protocol):
    """A server behind the gateway: one of our own in this process, or a remote one.

    What asks it raises `UpstreamUnavailable` if it cannot be reached in time, `UpstreamRefusal` for an error of the
    protocol, any other `SahurError` for what it refuses.
    """

    name: str
    rules: UpstreamRules
    is_trusted: bool
    """Whether the `sahur/…` metadata of its results may be believed: only of our own."""

    @property
    def offer(self) -> Offer: ...

    @property
    def tools(self) -> Mapping[str, types.Tool]: ...

    @property
    def secrets(self) -> tuple[str, ...]: ...

    @property
    def status(self) -> UpstreamStatus: ...

    @property
    def under_way(self) -> int:
        """How many requests it works on or has waiting."""
        ...

    async def start(self) -> None: ...

    async def wait_until_tried(self, seconds: float) -> None:
        """Wait until the first connection stands or has failed, at most `seconds`."""
        ...

    async def stop(self) -> None: ...

    async def call_tool(self, name: str, arguments: dict[str, Any], inquiry: Inquiry) -> ToolAnswer: ...

    async def read_resource(self, uri: str, inquiry: Inquiry) -> ResourceAnswer: ...

    async def get_prompt(self, name: str, arguments: dict[str, str] | None, inquiry: Inquiry) -> PromptAnswer: ...

    async def complete(self, params: types.CompleteRequestParams, inquiry: Inquiry) -> types.CompleteResult: ...

    async def watch(self, uri: str, downstream: Downstream | None = None) -> None:
        """Announce changes of a resource as `News`, until `unwatch`; `downstream` is the session that wants to know."""
        ...

    async def unwatch(self, uri: str, downstream: Downstream | None = None) -> None: ...

    async def set_log_level(self, downstream: Downstream, level: types.LoggingLevel) -> None:
        """What a client wants to hear, where it has a session of its own with the upstream."""
        ...

    def cache_key(self, tool: str, arguments: dict[str, Any], /) -> str:
        """What tells this call apart if its answer cannot change; empty if it can."""
        ...


def permission_for(upstream: Upstream, tool: types.Tool) -> tuple[Risk, Permission]:
    """What may be done with a tool, by our own rules."""
    risk = _declared_risk(upstream.rules, tool.name)
    if risk is None:
        hints = tool.annotations or types.ToolAnnotations()
        name = f"{upstream.name}{SEPARATOR}{tool.name}"
        risk = tool_risk(name, read_only_hint=hints.read_only_hint, destructive_hint=hints.destructive_hint)
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

    @property
    def name(self) -> str: ...

    def tools(self) -> list[types.Tool]: ...

    async def call(self, tool: str, arguments: dict[str, Any], caller: Caller) -> types.CallToolResult: ...

    def cache_key(self, tool: str, arguments: dict[str, Any]) -> str: ...


@runtime_checkable
class OwnResources(Protocol):
    """What a server of our own has too if it offers resources."""

    def templates(self) -> list[types.ResourceTemplate]: ...

    async def read_resource(self, uri: str, caller: Caller) -> types.ReadResourceResult:
        """Raises `NotFound` for what is not there for this caller."""
        ...


class OwnUpstream:
    """A server of our own behind the same rules, limits and receipts as any other."""

    is_trusted = True
    secrets: tuple[str, ...] = ()
    under_way = 0
    """Its requests end with ours: nobody waits for them."""

    def __init__(self, server: OwnServer, rules: UpstreamRules | None = None) -> None:
        self.name = server.name
        self.rules = rules or UpstreamRules()
        templates = {each.uri_template: each for each in server.templates()} if isinstance(server, OwnResources) else {}
        tools = {tool.name: tool for tool in server.tools()}
        self.offer = Offer(tools=tools, templates=templates, has_resources=bool(templates))
        self._server = server
        self._slots = asyncio.Semaphore(self.rules.max_concurrency)

    @property
    def tools(self) -> Mapping[str, types.Tool]:
        return self.offer.tools

    @property
    def status(self) -> UpstreamStatus:
        return UpstreamStatus(kind="own", state="ready", tools=len(self.offer.tools))

    async def start(self) -> None:
        """Nothing to connect to."""

    async def wait_until_tried(self, _seconds: float) -> None:
        """As `start`."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def call_tool(self, name: str, arguments: dict[str, Any], inquiry: Inquiry) -> ToolAnswer:
        try:
            async with asyncio.timeout(self.rules.timeout_seconds), self._slots:
                return await self._server.call(name, arguments, inquiry.caller)
        except TimeoutError as error:
            raise UpstreamUnavailable(
                f"{self.name}{SEPARATOR}{name} did not finish in {self.rules.timeout_seconds:g} s.",
                next_step="Ask for less: a path, a smaller range or a lower limit.",
            ) from error

    async def read_resource(self, uri: str, inquiry: Inquiry) -> ResourceAnswer:
        if not isinstance(self._server, OwnResources):
            raise NotFound(f"{self.name} has no resource {uri[:200]!r}.")
        try:
            async with asyncio.timeout(self.rules.timeout_seconds), self._slots:
                return await self._server.read_resource(uri, inquiry.caller)
        except TimeoutError as error:
            raise UpstreamUnavailable(f"{self.name} did not read {uri[:200]} in {self.rules.timeout_seconds:g} s.") from error

    async def get_prompt(self, name: str, _arguments: dict[str, str] | None, _inquiry: Inquiry) -> PromptAnswer:
        raise NotFound(f"{self.name} has no prompt {name[:100]!r}.")

    async def complete(self, _params: types.CompleteRequestParams, _inquiry: Inquiry) -> types.CompleteResult:
        return types.CompleteResult(completion=types.Completion(values=[]))

    async def watch(self, _uri: str, _downstream: Downstream | None = None) -> None:
        """Our own resources announce no changes."""

    async def unwatch(self, _uri: str, _downstream: Downstream | None = None) -> None:
        """As `watch`."""

    async def set_log_level(self, _downstream: Downstream, _level: types.LoggingLevel) -> None:
        """Our own servers log to our own log."""

    def cache_key(self, tool: str, arguments: dict[str, Any]) -> str:
        return self._server.cache_key(tool, arguments)


class BrokenEntry(OwnUpstream):
    """An upstream that cannot be used as it is configured: it shows in the health and offers nothing."""

    is_trusted = False

    def __init__(self, name: str, problem: str, state: str = "misconfigured") -> None:
        super().__init__(_Nothing(name))
        self._status = UpstreamStatus(kind="", state=state, problem=problem)

    @property
    def status(self) -> UpstreamStatus:
        return self._status

    async def call_tool(self, name: str, _arguments: dict[str, Any], _inquiry: Inquiry) -> ToolAnswer:
        raise UpstreamUnavailable(f"{self.name}{SEPARATOR}{name} cannot be called: {self.status.problem}")


@dataclass(frozen=True)
class _Nothing:
    """A server without anything."""

    name: str

    def tools(self) -> list[types.Tool]:
        return []

    async def call(self, tool: str, _arguments: dict[str, Any], _caller: Caller) -> types.CallToolResult:
        raise NotFound(f"{self.name} has no tool {tool!r}.")

    def cache_key(self, _tool: str, _arguments: dict[str, Any]) -> str:
        return ""
