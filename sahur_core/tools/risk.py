"""How dangerous a tool is. We derive it; neither a model nor the upstream alone may call a tool harmless.

An upstream's annotations are hints that the protocol itself calls untrusted
(https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-annotations): they may raise the risk of a
tool, but lower it only if its name agrees.
"""

from __future__ import annotations

import re
from enum import StrEnum

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# Verbs that change something wherever they stand in a name (`pull_request_review_write`).
_WRITING = frozenset(
    [
        "add",
        "approve",
        "assign",
        "cancel",
        "close",
        "create",
        "deploy",
        "disable",
        "dismiss",
        "edit",
        "enable",
        "execute",
        "grant",
        "insert",
        "install",
        "invite",
        "merge",
        "mute",
        "publish",
        "push",
        "rename",
        "reopen",
        "replace",
        "reply",
        "restart",
        "restore",
        "revert",
        "rotate",
        "save",
        "send",
        "subscribe",
        "trigger",
        "unassign",
        "unlock",
        "unpin",
        "unsubscribe",
        "update",
        "upload",
        "upsert",
        "write",
    ]
)
# Words that are nouns elsewhere (`get_commit`, `list_pull_request_runs`) and verbs at the start of a name.
_WRITING_FIRST = frozenset(
    [
        "apply",
        "archive",
        "ban",
        "block",
        "change",
        "clear",
        "commit",
        "exec",
        "fork",
        "kick",
        "lock",
        "mark",
        "move",
        "patch",
        "pin",
        "post",
        "put",
        "reboot",
        "request",
        "resolve",
        "rollback",
        "run",
        "schedule",
        "set",
        "start",
        "stop",
        "submit",
        "sync",
        "transfer",
    ]
)
_DESTROYING = frozenset(["delete", "destroy", "drop", "kill", "purge", "remove", "reset", "revoke", "terminate", "wipe"])


class Risk(StrEnum):
    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


def tool_risk(name: str, *, read_only_hint: bool | None = None, destructive_hint: bool | None = None) -> Risk:
    """The risk of a tool by its name (with or without `upstream__`) and its annotations; in doubt it writes."""
    words = [word.lower() for word in _WORD.findall(name.rpartition("__")[2])]
    if not _DESTROYING.isdisjoint(words) or (destructive_hint and not read_only_hint):
        return Risk.DESTROY
    if not read_only_hint or not _WRITING.isdisjoint(words) or (words and words[0] in _WRITING_FIRST):
        return Risk.WRITE
    return Risk.READ
