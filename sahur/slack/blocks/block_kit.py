"""Blocks of Slack's Block Kit, within its limits, from text that comes from outside.

Limits (https://docs.slack.dev/reference/block-kit/blocks): 3,000 characters in a section, 150 in a header, 50 blocks.
All text from outside is escaped; `verbatim` keeps Slack from making links of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sahur.slack.markup import escape, escape_code, without_links

Block = dict[str, Any]

SECTION_CHARS = 3_000
HEADER_CHARS = 150
CODE_CHARS = SECTION_CHARS - 100
FALLBACK_CHARS = 3_000
MAX_BLOCKS = 50
LIST_ITEMS = 8


@dataclass(frozen=True)
class Post:
    """A message: its blocks, and the text that notifications and screen readers use.

    `plain` says the same without the newer blocks, which not all workspaces take; `address` is where all of it can be read.
    """

    text: str
    blocks: list[Block]
    plain: list[Block] = field(default_factory=list)
    address: str = ""

    def forms(self) -> list[tuple[str, list[Block]]]:
        """Text and blocks, the plainest last: words alone."""
        words = f"{self.text}\n<{self.address}|All of it is on the page.>" if self.address else self.text
        return [(self.text, self.blocks), *([(self.text, self.plain)] if self.plain else []), (words, [])]


def header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": cut(without_links(" ".join(text.split())), HEADER_CHARS), "emoji": False},
    }


def part(name: str, text: str) -> list[Block]:
    """A text under its name; nothing where there is none."""
    return [section(f"*{name}*\n{escape(text)}")] if text.strip() else []


def listing(name: str, items: list[str]) -> list[Block]:
    """A list under its name; nothing where it is empty."""
    if not items:
        return []
    shown = [f"• {escape(cut(' '.join(item.split()), 600))}" for item in items[:LIST_ITEMS]]
    if len(items) > LIST_ITEMS:
        shown.append(f"and {len(items) - LIST_ITEMS} more on the page")
    return [section(f"*{name}*\n" + "\n".join(shown))]


def code(text: str) -> str:
    """As a block of code, cut where it is too long for a section."""
    # A fence inside would end the block; escaping can make the text five times as long.
    inside = text.replace("```", "'''")
    room = CODE_CHARS
    escaped = escape_code(inside)
    while len(escaped) > room:
        inside = inside[: max(len(inside) * room // len(escaped) - 1, 0)]
        escaped = escape_code(inside) + "…"
    return f"```\n{escaped}\n```"


def section(text: str) -> Block:
    """A paragraph of Slack's markup: what comes from outside was escaped before."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut_escaped(text, SECTION_CHARS), "verbatim": True}}


def context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut_escaped(text, SECTION_CHARS), "verbatim": True}]}


def fallback(text: str) -> str:
    """What notifications show of the message."""
    return escape(cut(text, FALLBACK_CHARS))


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _cut_escaped(text: str, limit: int) -> str:
    """Cut, but not in the middle of an `&amp;`."""
    if len(text) <= limit:
        return text
    start = text[: limit - 1]
    entity = start.rfind("&", len(start) - 4)
    return (start[:entity] if entity >= 0 and ";" not in start[entity:] else start).rstrip() + "…"
