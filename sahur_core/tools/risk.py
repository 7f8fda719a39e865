"""How dangerous a tool is. We derive it; neither a model nor the upstream alone may call a tool harmless.

An upstream's annotations are hints that the protocol itself calls untrusted
(https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-annotations): they may raise the risk of a
tool, but lower it only if its name agrees. What real servers call their tools is held against this in
tests/core/tools/test_risk.py and, with the servers themselves, in tests/mcp/real.
"""

from __future__ import annotations

import re
from enum import StrEnum

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# A request to merge is a thing, although both of its words are verbs elsewhere.
_THING = re.compile(r"(?:pull|merge|change)_requests?(?=_|$)")

# Verbs that change something wherever they stand in a name (`pull_request_review_write`).
_WRITING = _listed(
    """
    acknowledge add approve assign cancel close create disable dismiss edit enable execute insert install mark
    migrate mute notify prioritize publish rename reopen replace reprioritize restart restore revert rotate save send
    silence snooze subscribe toggle unarchive unassign unblock uninstall unlock unmute unpin unresolve unset unstar
    unsubscribe update upsert write
    """
)
# Verbs in one name (`push_files`, `slack_post_message`) and nouns in another (`list_push_events`, `read_post`): nouns
# only behind a verb that reads.
_AMBIGUOUS = _listed(
    """
    apply archive assume backup ban block build call change charge clear click commit configure copy deploy drain
    escalate evict exec flush follow force fork grant hide ignore import invite invoke join kick launch leave lock
    manage merge modify move navigate overwrite patch pay perform pin post press promote provision push put react
    reboot rebase redeploy refund register reply request rerun resolve retry rollback run scale schedule set share
    sign squash star start stop submit suspend swap switch sync transfer trigger truncate unfollow upgrade upload
    vote
    """
)
# Nouns nearly always, but verbs at the start.
_WRITING_FIRST = _listed(
    """
    book fill flag label link order page pause release report resume snapshot store tag type
    """
)
_DESTROYING = _listed("delete destroy drop erase kill purge remove reset revoke terminate wipe")
_READING = _listed(
    """
    analyze browse check compare count describe diff download explain fetch find get grep head inspect list locate
    look lookup query read search show stat summarize tail view
    """
)
_AND = _listed("and or then")


class Risk(StrEnum):
    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


def tool_risk(name: str, *, read_only_hint: bool | None = None, destructive_hint: bool | None = None) -> Risk:
    """The risk of a tool by its name (with or without `upstream__`) and its annotations; in doubt it writes.

    A server may use `__` in names of its own (`upstream__delete_all__get_list`): all but the upstream counts.
    """
    words = _words(name.partition("__")[2] or name)
    if not _DESTROYING.isdisjoint(words) or (destructive_hint and not read_only_hint):
        return Risk.DESTROY
    if not read_only_hint or not _WRITING.isdisjoint(words) or _acts(words):
        return Risk.WRITE
    return Risk.READ


def _words(name: str) -> list[str]:
    words = "_".join(word.lower() for word in _WORD.findall(name))
    return [word for word in _THING.sub("", words).split("_") if word]


def _acts(words: list[str]) -> bool:
    """Whether a word that may be a verb is one: nothing that reads stands before it, or an `and` stands between."""
    is_first, is_reading = True, False
    for word in words:
        # Alone such a word is the name of what is read: `log`, as git's.
        if not is_reading and (word in _AMBIGUOUS or (is_first and word in _WRITING_FIRST and len(words) > 1)):
            return True
        is_first = word in _AND
        is_reading = (is_reading or word in _READING) and not is_first
    return False
