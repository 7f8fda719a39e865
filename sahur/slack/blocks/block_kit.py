"""Blocks of Slack's Block Kit, within its limits, from text that comes from outside.

Limits (https://docs.slack.dev/reference/block-kit/blocks): 3,000 characters in a section, 150 in a header, 50 blocks.
All text from outside is escaped; `verbatim` keeps Slack from making links of it.
"""

from __future__ import annotations

import re
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
ITEM_CHARS = 600
CUT = " […]"
"""Ends a piece of text within a sentence, which goes on in the next one."""
MORE = " […] more on the page"
_SENTENCE_END = re.compile(r"[.!?…:;][\"')\]]*\s+|\n+")


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


def plain_text(text: str) -> dict[str, Any]:
    """A label of ours, in which `:+1:` is an emoji."""
    return {"type": "plain_text", "text": text}


def header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": cut(without_links(" ".join(text.split())), HEADER_CHARS), "emoji": False},
    }


def headline(text: str, limit: int = 120) -> str:
    """The first sentence; a long one ends with a whole word."""
    line = " ".join(text.split())
    end = _SENTENCE_END.search(line)
    first = line[: end.start() + 1] if end and end.start() > 20 else line
    if len(first) <= limit:
        return first
    return first[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def part(name: str, text: str) -> list[Block]:
    """A text under its name, in as many sections as it needs; nothing where there is none."""
    pieces = pieces_of(text.strip(), SECTION_CHARS - len(name) - 10) if text.strip() else []
    return [section(f"*{name}*\n{piece}" if number == 0 else piece) for number, piece in enumerate(pieces)]


def listing(name: str, items: list[str]) -> list[Block]:
    """A list of texts from outside under its name; nothing where it is empty."""
    return marked_listing(name, [escape(brief(item)) for item in items])


def marked_listing(name: str, items: list[str]) -> list[Block]:
    """The same for items that are Slack's markup already."""
    lines = [f"*{name}*", *[f"• {item}" for item in items[:LIST_ITEMS]]]
    if len(items) > LIST_ITEMS:
        lines.append(f"and {len(items) - LIST_ITEMS} more on the page")
    return grouped(lines) if items else []


def grouped(lines: list[str]) -> list[Block]:
    """Lines of markup in as few sections as they fit in."""
    blocks: list[Block] = []
    room: list[str] = []
    for line in lines:
        if room and sum(len(each) + 1 for each in room) + len(line) > SECTION_CHARS:
            blocks.append(section("\n".join(room)))
            room = []
        room.append(line)
    return [*blocks, section("\n".join(room))] if room else blocks


def pieces_of(text: str, room: int) -> list[str]:
    """A text from outside, escaped, in pieces that end where sentences do. One that ends within a sentence says so."""
    pieces: list[str] = []
    rest = without_links(text)
    while len(escape_code(rest)) > room:
        window = _fitting(rest, room - len(CUT))
        ends = [match.end() for match in _SENTENCE_END.finditer(window)]
        if ends and ends[-1] >= len(window) // 4:
            pieces.append(escape_code(rest[: ends[-1]].rstrip()))
            rest = rest[ends[-1] :].lstrip()
            continue
        space = window.rfind(" ")
        end = space if space > len(window) // 4 else len(window)
        pieces.append(escape_code(rest[:end].rstrip()) + CUT)
        rest = rest[end:].lstrip()
    return [*pieces, escape_code(rest)] if rest else pieces


def brief(text: str, limit: int = ITEM_CHARS) -> str:
    """One line of it that ends where a sentence does, or says that it does not."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    ends = [match.end() for match in _SENTENCE_END.finditer(line[: limit - len(MORE)])]
    kept = line[: ends[-1]].rstrip() if ends and ends[-1] >= limit // 4 else cut(line, limit - len(MORE))
    return kept + MORE


def _fitting(text: str, room: int) -> str:
    """As much of its beginning as fits when it is escaped."""
    window = text[:room]
    while len(escape_code(window)) > room:
        window = window[: max(len(window) * room // len(escape_code(window)) - 1, 1)]
    return window


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
    clean = without_links(text)
    kept = _fitting(clean, FALLBACK_CHARS)
    return escape_code(kept) + ("…" if len(kept) < len(clean) else "")


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _cut_escaped(text: str, limit: int) -> str:
    """Cut, but not in the middle of an `&amp;`."""
    if len(text) <= limit:
        return text
    start = text[: limit - 1]
    entity = start.rfind("&", len(start) - 4)
    return (start[:entity] if entity >= 0 and ";" not in start[entity:] else start).rstrip() + "…"
