"""Who is calling, as all of the proxy gets to know it."""

from __future__ import annotations

from dataclasses import dataclass

from sahur_core.tools.policy import matches
from sahur_core.tools.wire import READ_RECEIPT

READ_ON = frozenset([READ_RECEIPT, "receipts__search"])


@dataclass(frozen=True)
class Caller:
    """The bearer of a checked token. What it does not name does not exist for it.

    `repository_ids` is None for the token of a user: all repositories of the team.
    """

    name: str
    team: int
    repository_ids: frozenset[str] | None = None
    tools: tuple[str, ...] = ("*",)
    run: str = ""
    attempt: int | None = None
    trace_id: str = ""
    is_read_only: bool = False
    """Nothing that changes anything is let through, whatever grants there may be."""
    repeats: str = ""
    """Id of the receipt whose call is made again: a cached answer would tell nothing."""

    token: str = ""
    """Id of the API token that calls instead of a run: the server decides what it may change."""
    effect_key: str = ""
    """While a granted call is made: the key of its grant."""

    def may_see(self, tool: str) -> bool:
        """Whether the token's globs name the tool (`upstream__tool`)."""
        return matches(tool, self.tools)

    def may_call(self, tool: str) -> bool:
        """The same; and who may call anything may read on in the results that were cut for it."""
        return self.may_see(tool) or (tool in READ_ON and bool(self.tools) and not self.repeats)

    @property
    def scope(self) -> str:
        """What this caller may read, as one string: callers with the same scope may share cached reads."""
        repositories = "*" if self.repository_ids is None else ",".join(sorted(self.repository_ids))
        return f"{self.team}|{repositories}"
