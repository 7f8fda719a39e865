"""Which tools a run gets, and how each may be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property

from sahur_core.errors import ToolDenied
from sahur_core.protocols import ToolSpec
from sahur_core.tools.policy import Permission, Policy
from sahur_core.tools.risk import Risk, tool_risk
from sahur_core.tools.search import ToolSearch
from sahur_core.tools.wire import CATALOG_CALL, CATALOG_SEARCH, SANDBOX

MIN_FOUND = 16
"""So many of the tools that a search found are handed over, however many our own servers have."""
_RUN_POLICY = Policy(deny=(CATALOG_CALL, CATALOG_SEARCH, f"{SANDBOX}__*"))
"""A run has a search of its own, and calls each tool by its name: approvals are bound to that. What runs code in the sandbox
is for the workflow, which does so once, for a patch that applies."""


class ToolRegistry:
    """The tools that the gateway listed, seen through the run's policy. Denied ones are not offered at all."""

    def __init__(self, specs: Iterable[ToolSpec], policy: Policy | None = None) -> None:
        policy = policy or _RUN_POLICY
        self._specs: dict[str, ToolSpec] = {}
        self._permissions: dict[str, Permission] = {}
        self._listed: set[str] = set()
        for spec in specs:
            self._listed.add(spec.name)
            permission = policy.permission(spec.name, risk_of(spec))
            if permission is not Permission.DENY:
                self._specs[spec.name] = spec
                self._permissions[spec.name] = permission

    def __iter__(self) -> Iterator[ToolSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def is_listed(self, name: str) -> bool:
        """Whether the gateway has the tool, offered to the model or not."""
        return name in self._listed

    def get(self, name: str) -> ToolSpec:
        """The tool with this name. Raises `ToolDenied`, with the names that come close, if the run has none such."""
        spec = self._specs.get(name)
        if spec is None:
            close = get_close_matches(name, self._specs, n=3, cutoff=0.5) or sorted(self._specs)[:20]
            raise ToolDenied(f"There is no tool {name!r} in this run.", next_step=f"Use one of: {', '.join(close) or 'none'}.")
        return spec

    def search(self, query: str) -> list[ToolSpec]:
        """The tools that have a word of the query, best first."""
        return [self._specs[name] for name in self._index.find(query)]

    def offered(self, found: Sequence[str], limit: int) -> list[ToolSpec]:
        """What a model is handed at once: all tools if that are at most `limit`.

        Else those of our own servers, and of the `found` ones (the latest last) the latest that there is room for.
        """
        if len(self._specs) <= limit:
            return list(self)
        own = [spec for spec in self if spec.is_own]
        names = [name for name in found if name in self._specs and not self._specs[name].is_own]
        room = max(limit - len(own), MIN_FOUND)
        return own + [self._specs[name] for name in names[-room:]]

    @cached_property
    def foreign_servers(self) -> dict[str, int]:
        """How many tools each server has that is not ours."""
        return dict(Counter(spec.name.partition("__")[0] for spec in self if not spec.is_own))

    @cached_property
    def _index(self) -> ToolSearch:
        return ToolSearch(self)

    def permission(self, name: str) -> Permission:
        """`ALLOW` or `ASK` for a tool of the run, `DENY` for any other."""
        return self._permissions.get(name, Permission.DENY)


def needs_repository(spec: ToolSpec) -> bool:
    """Whether it is one of our own tools that read the code of a repository, and can do nothing without one."""
    return spec.is_own and spec.name.startswith("code__") and "repository" in spec.input_schema.get("properties", {})


def risk_of(spec: ToolSpec) -> Risk:
    """The risk of a listed tool. The gateway sets `read_only` by its own policy, so that here it is not a mere hint."""
    return Risk.READ if spec.read_only else tool_risk(spec.name, destructive_hint=spec.is_destructive)
