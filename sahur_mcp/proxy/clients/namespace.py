"""Names as callers see them: `upstream__name` and `upstream+uri`, or unchanged where only one upstream is served."""

from __future__ import annotations

from dataclasses import dataclass

SEPARATOR = "__"
URI_SEPARATOR = "+"


@dataclass(frozen=True)
class Namespace:
    """How the names of upstreams and of what they offer become one name, and back.

    Names carry their upstream always, so that they do not change when a second one is added. `only` names the one
    upstream of a transparent address (`/mcp/<upstream>`), whose names stay as they are.
    """

    only: str = ""

    def name(self, upstream: str, inner: str) -> str:
        """The outer name of a tool or a prompt."""
        return inner if self.only else f"{upstream}{SEPARATOR}{inner}"

    def split_name(self, name: str) -> tuple[str, str]:
        """Upstream and inner name; both may be unknown, and the second is empty where no upstream is named."""
        if self.only:
            return self.only, name
        upstream, _, inner = name.partition(SEPARATOR)
        return upstream, inner

    def uri(self, upstream: str, inner: str) -> str:
        """The outer address of a resource: its scheme bears the upstream (RFC 3986 allows `+` and `-` in a scheme)."""
        return inner if self.only else f"{upstream}{URI_SEPARATOR}{inner}"

    def link(self, upstream: str, inner: str) -> str:
        """The outer address of a resource that a result points to. What lies on the web, clients fetch themselves."""
        return inner if inner.lower().startswith(("https://", "http://")) else self.uri(upstream, inner)

    def split_uri(self, uri: str) -> tuple[str, str]:
        """Upstream and inner address, as for names."""
        if self.only:
            return self.only, uri
        upstream, _, inner = uri.partition(URI_SEPARATOR)
        return upstream, inner

    def shows(self, upstream: str) -> bool:
        """Whether what this upstream offers is part of the namespace."""
        return not self.only or self.only == upstream
