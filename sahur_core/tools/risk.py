"""How dangerous a tool is. We derive it; neither a model nor the upstream alone may call a tool harmless.

An upstream's annotations are hints that the protocol itself calls untrusted
(https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-annotations): they may raise the risk of a
tool, but lower it only if its name agrees.
"""

from __future__ import annotations

import re
from enum import StrEnum

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# A tool with one of these words in its name changes something, whatever its annotations say.
_WRITING = frozenset(
    "add apply approve archive assign ban block cancel change clear close commit create delete deploy destroy disable dismiss "
    "drop edit enable exec execute fork grant insert install invite kick kill lock merge move mute patch pin post publish "
    "purge push put reboot remove rename reopen reply request reset resolve restart restore revert revoke rollback rotate run "
    "save schedule send set start stop submit subscribe sync transfer trigger unassign unlock unsubscribe update upload upsert "
    "write".split()
)
_DESTROYING = frozenset("ban delete destroy drop kill purge remove reset revoke".split())


class Risk(StrEnum):
    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


def tool_risk(name: str, *, read_only_hint: bool | None = None, destructive_hint: bool | None = None) -> Risk:
    """The risk of a tool by its name (with or without `upstream__`) and its annotations; in doubt it writes."""
    words = {word.lower() for word in _WORD.findall(name.rpartition("__")[2])}
    if words & _DESTROYING or (destructive_hint and not read_only_hint):
        return Risk.DESTROY
    if words & _WRITING or not read_only_hint:
        return Risk.WRITE
    return Risk.READ
