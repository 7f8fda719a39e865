"""The tools of all upstreams, as one caller may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import mcp.types as types

from sahur_core.errors import NotFound, UpstreamUnavailable
from sahur_core.tools.policy import Permission
from sahur_core.tools.risk import Risk
from sahur_core.tools.wire import META_ORIGIN, ORIGIN_OWN
from sahur_mcp.proxy.callers import Caller
from sahur_mcp.proxy.upstreams import SEPARATOR, Upstream, permission_for


class Catalog:
    """Names are always `upstream__tool`, so that they do not change when an upstream is added."""

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        self.upstreams: Mapping[str, Upstream] = {upstream.name: upstream for upstream in upstreams}

    @property
    def secrets(self) -> list[str]:
        """All credentials that the gateway holds for its upstreams."""
        return [secret for upstream in self.upstreams.values() for secret in upstream.secrets]

    def list_tools(self, caller: Caller) -> list[types.Tool]:
        """What the caller may call, each marked by our own judgment whether it only reads."""
        listed = []
        for upstream in self.upstreams.values():
            for tool in upstream.tools.values():
                name = f"{upstream.name}{SEPARATOR}{tool.name}"
                risk, permission = permission_for(upstream, tool)
                if permission is not Permission.DENY and caller.may_see(name):
                    # A read that asks is not marked as one: whoever calls it must know that a person comes in between.
                    is_free = risk is Risk.READ and permission is Permission.ALLOW
                    hints = types.ToolAnnotations(read_only_hint=is_free, destructive_hint=risk is Risk.DESTROY)
                    # Redaction and the size limit may break a foreign tool's promise about its output; ours are made for it.
                    schema = tool.output_schema if upstream.is_trusted else None
                    origin = _origin(tool, is_own=upstream.is_trusted)
                    changes = {"name": name, "annotations": hints, "output_schema": schema, "meta": origin}
                    listed.append(tool.model_copy(update=changes))
        return listed

    def find(self, name: str, caller: Caller) -> tuple[Upstream, types.Tool]:
        """The upstream and its tool. Raises `NotFound` with the names that come close, also for what is not allowed."""
        prefix, _, rest = name.partition(SEPARATOR)
        upstream = self.upstreams.get(prefix)
        tool = upstream.tools.get(rest) if upstream else None
        if upstream is not None and tool is not None and caller.may_see(name):
            return upstream, tool
        if upstream is not None and tool is None and upstream.status.state != "ready" and caller.may_see(name):
            raise UpstreamUnavailable(f"The upstream {prefix} is {upstream.status.state}.", next_step="Go on without it.")
        names = [listed.name for listed in self.list_tools(caller)]
        close = get_close_matches(name, names, n=3, cutoff=0.5) or names[:20]
        raise NotFound(f"There is no tool {name[:100]!r} for you.", next_step=f"Use one of: {', '.join(close) or 'none'}.")


def _origin(tool: types.Tool, *, is_own: bool) -> dict[str, Any]:
    """The tool's metadata with ours: who wrote what it says of itself. Nobody else may write under `sahur/`."""
    kept = {key: value for key, value in (tool.meta or {}).items() if not key.startswith("sahur/")}
    return {**kept, META_ORIGIN: ORIGIN_OWN if is_own else "foreign"}
