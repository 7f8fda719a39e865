"""What all upstreams offer, as one caller may see it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import mcp.types as types

from sahur_core.errors import NotFound, UpstreamUnavailable
from sahur_core.redaction.redactor import Redactor
from sahur_core.tools.policy import Permission, Policy
from sahur_core.tools.risk import Risk
from sahur_core.tools.wire import GET_PROMPT, META_HOSTS, META_ORIGIN, ORIGIN_OWN, READ_RESOURCE
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.clients.namespace import SEPARATOR, Namespace
from sahur_mcp.proxy.upstreams.upstream import Upstream, permission_for

MERGED = Namespace()
SETTLE_SECONDS = 10.0
"""How long a request waits for an upstream that is being connected, as all are when the gateway has just started."""
LIST_SETTLE_SECONDS = 5.0
CONNECT_WAIT_SECONDS = 10.0
"""How long a call waits for an upstream that is being connected for the first time, as after a start of the gateway."""


class Catalog:
    """Finds things by the names of a namespace. What a caller may not see does not exist for it."""

    def __init__(
        self, upstreams: Iterable[Upstream] | Mapping[str, Upstream], *, secrets: Callable[[], list[str]] | None = None
    ) -> None:
        self.upstreams: Mapping[str, Upstream] = (
            upstreams if isinstance(upstreams, Mapping) else {upstream.name: upstream for upstream in upstreams}
        )
        self._secrets = secrets
        self._patterns: Mapping[str, re.Pattern[str]] = {}
        self.redaction_version = 0
        """Grows with each change of the operator's patterns: what was redacted by others is not given again."""

    def redact_by(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        """The operator's patterns, from now on."""
        self._patterns = dict(patterns)
        self.redaction_version += 1

    def redactor(self) -> Redactor:
        """Knows all credentials that the gateway holds, and the operator's patterns. For one result."""
        return Redactor(self.secrets, self._patterns)

    @property
    def secrets(self) -> list[str]:
        """All credentials that the gateway holds for its upstreams, also for those that are just leaving."""
        if self._secrets is not None:
            return self._secrets()
        return [secret for upstream in self.upstreams.values() for secret in upstream.secrets]

    def list_tools(self, caller: Caller, namespace: Namespace = MERGED) -> list[types.Tool]:
        """What the caller may call, each marked by our own judgment whether it only reads."""
        listed = []
        for upstream in self._shown(namespace):
            for tool in upstream.tools.values():
                risk, permission = permission_for(upstream, tool)
                # Only a run can have a person's approval; who works without one is not shown what it could never call.
                is_possible = permission is Permission.ALLOW or bool(caller.run) or upstream.is_trusted
                is_offered = permission is not Permission.DENY and is_possible
                if is_offered and caller.may_see(f"{upstream.name}{SEPARATOR}{tool.name}"):
                    # A read that asks is not marked as one: whoever calls it must know that a person comes in between.
                    is_free = risk is Risk.READ and permission is Permission.ALLOW
                    hints = types.ToolAnnotations(read_only_hint=is_free, destructive_hint=risk is Risk.DESTROY)
                    # Redaction and the size limit may break a foreign tool's promise about its output; ours are made for it.
                    schema = tool.output_schema if upstream.is_trusted or namespace.only else None
                    name = namespace.name(upstream.name, tool.name)
                    origin = _origin(tool, upstream)
                    changes = {"name": name, "annotations": hints, "output_schema": schema, "meta": origin}
                    listed.append(tool.model_copy(update=changes))
        return listed

    def list_resources(self, caller: Caller, namespace: Namespace = MERGED) -> list[types.Resource]:
        return [
            each.model_copy(update={"uri": namespace.uri(upstream.name, each.uri)})
            for upstream in self._readable(caller, namespace)
            for each in upstream.offer.resources.values()
        ]

    def list_templates(self, caller: Caller, namespace: Namespace = MERGED) -> list[types.ResourceTemplate]:
        return [
            each.model_copy(update={"uri_template": namespace.uri(upstream.name, each.uri_template)})
            for upstream in self._readable(caller, namespace)
            for each in upstream.offer.templates.values()
        ]

    def list_prompts(self, caller: Caller, namespace: Namespace = MERGED) -> list[types.Prompt]:
        return [
            each.model_copy(update={"name": namespace.name(upstream.name, each.name)})
            for upstream in self._shown(namespace)
            if _may(upstream, GET_PROMPT, caller)
            for each in upstream.offer.prompts.values()
        ]

    async def settled(self, names: Iterable[str], seconds: float = SETTLE_SECONDS) -> None:
        """Wait a while for upstreams of these names that are just being connected for the first time."""
        found = (self.upstreams.get(name) for name in names)
        starting = [upstream for upstream in found if upstream is not None and upstream.status.state == "connecting"]
        if starting:
            await asyncio.gather(*(upstream.wait_until_tried(seconds) for upstream in starting))

    def find(self, name: str, caller: Caller, namespace: Namespace = MERGED) -> tuple[Upstream, types.Tool]:
        """The upstream and its tool. Raises `NotFound` with the names that come close, also for what is not allowed."""
        prefix, inner = namespace.split_name(name)
        upstream = self.upstreams.get(prefix)
        tool = upstream.tools.get(inner) if upstream else None
        may_call = caller.may_call(f"{prefix}{SEPARATOR}{inner}")
        if upstream is not None and tool is not None and may_call:
            return upstream, tool
        if upstream is not None and tool is None and may_call:
            self._check_up(upstream)
        names = [listed.name for listed in self.list_tools(caller, namespace)]
        close = get_close_matches(name, names, n=3, cutoff=0.5)
        nearest = f"The nearest names are: {', '.join(close)}. " if close else ""
        raise NotFound(f"There is no tool {name[:100]!r} for you.", next_step=f"{nearest}List the tools, or search for one.")

    async def settle(self, name: str, caller: Caller, namespace: Namespace = MERGED) -> None:
        """Give the upstream of this tool, if it is just starting, the moment that it needs: who names a tool knows of it."""
        prefix, inner = namespace.split_name(name)
        upstream = self.upstreams.get(prefix)
        if upstream is None or inner in upstream.tools or not caller.may_see(f"{prefix}{SEPARATOR}{inner}"):
            return
        if upstream.status.state == "connecting":
            await upstream.wait_until_tried(CONNECT_WAIT_SECONDS)

    def find_resource(self, uri: str, caller: Caller, namespace: Namespace = MERGED) -> tuple[Upstream, str]:
        """The upstream and its own address of a resource, listed or not. Raises `NotFound` and `UpstreamUnavailable`."""
        prefix, inner = namespace.split_uri(uri)
        upstream = self.upstreams.get(prefix)
        if upstream is not None and inner and _may(upstream, READ_RESOURCE, caller):
            if upstream.offer.has_resources:
                return upstream, inner
            self._check_up(upstream)
        raise NotFound(f"There is no resource {uri[:200]!r} for you.", next_step="List the resources.")

    def find_prompt(self, name: str, caller: Caller, namespace: Namespace = MERGED) -> tuple[Upstream, types.Prompt]:
        """The upstream and its prompt. Raises `NotFound` and `UpstreamUnavailable`."""
        prefix, inner = namespace.split_name(name)
        upstream = self.upstreams.get(prefix)
        if upstream is not None and _may(upstream, GET_PROMPT, caller):
            if inner in upstream.offer.prompts:
                return upstream, upstream.offer.prompts[inner]
            self._check_up(upstream)
        raise NotFound(f"There is no prompt {name[:100]!r} for you.", next_step="List the prompts.")

    def _shown(self, namespace: Namespace) -> Iterator[Upstream]:
        return (upstream for upstream in list(self.upstreams.values()) if namespace.shows(upstream.name))

    def _readable(self, caller: Caller, namespace: Namespace) -> Iterator[Upstream]:
        return (upstream for upstream in self._shown(namespace) if _may(upstream, READ_RESOURCE, caller))

    @staticmethod
    def _check_up(upstream: Upstream) -> None:
        status = upstream.status
        if status.state != "ready":
            why = f" {status.problem}" if status.problem else ""
            way = "Try again in a minute, or go on without it." if status.state == "connecting" else "Go on without it."
            raise UpstreamUnavailable(f"The upstream {upstream.name} is {status.state}.{why}", next_step=way)


def _may(upstream: Upstream, what: str, caller: Caller) -> bool:
    """Whether the rules and the caller's token let it read this upstream's resources, or its prompts."""
    rules = upstream.rules
    policy = Policy(allow=rules.allow, ask=rules.ask, deny=rules.deny)
    return policy.permission(what, Risk.READ) is Permission.ALLOW and caller.may_see(f"{upstream.name}{SEPARATOR}{what}")


def _origin(tool: types.Tool, upstream: Upstream) -> dict[str, Any]:
    """The tool's metadata with ours: who wrote what it says of itself, and whose links it reads where that is configured.

    Nobody else may write under `sahur/`.
    """
    kept = {key: value for key, value in (tool.meta or {}).items() if not key.startswith("sahur/")}
    hosts = {META_HOSTS: list(upstream.rules.hosts)} if upstream.rules.hosts else {}
    return {**kept, META_ORIGIN: ORIGIN_OWN if upstream.is_trusted else "foreign", **hosts}
