"""What stands in a thread, as part of a report: of a long one its beginning and its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sahur.slack.delivery.calls import Connection, call
from sahur.slack.reading import File, app_of, author_of, files_of, text_of
from sahur.slack.report_source import Source

Json = dict[str, Any]
PAGES = 5
PAGE_MESSAGES = 200
MAX_CHARS = 40_000
"""Of all messages. The first one and the last ones are kept: an alert stands first, and what is known by now last."""
MAX_MESSAGE_CHARS = 8_000
HEADING = "In this thread:"
LEFT_OUT = "[… {count} messages left out]"
TOO_LONG = "[… the thread goes on; the rest was not read]"


@dataclass(frozen=True)
class Thread:
    """`messages` oldest first, as Slack gives them, from the beginning; `is_whole`: there are no further ones."""

    messages: list[Json] = field(default_factory=list)
    is_whole: bool = True

    def around(self, source: Source) -> list[Json]:
        """What belongs to the report besides its own message: nothing of ours, and none of Slack's notes such as "joined"."""
        return [
            each
            for each in self.messages
            if each.get("ts") != source.ts
            and source.holds(str(each.get("ts", "")))
            and each.get("user") not in source.own_users
            and (app_of(each) != source.own_app or not source.own_app)
            and each.get("subtype") in SPOKEN
        ]


SPOKEN = (None, "bot_message", "file_share", "me_message", "thread_broadcast")


def read_thread(connection: Connection, channel: str, root_ts: str) -> Thread:
    """The messages of a thread, as many as a bounded number of calls gives. Raises `DeliveryError`."""
    found: list[Json] = []
    cursor = ""
    for _ in range(PAGES):
        asked = {"channel": channel, "ts": root_ts, "limit": PAGE_MESSAGES, **({"cursor": cursor} if cursor else {})}
        page = call(connection, "conversations.replies", http_verb="GET", params=asked)
        # The first message comes with each page.
        known = {each["ts"] for each in found[:1]}
        found += [each for each in page.get("messages") or [] if each.get("ts") and each["ts"] not in known]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return Thread(found)
    return Thread(found, is_whole=False)


def told(messages: Iterable[Json], *, is_whole: bool = True) -> str:
    """The messages as text, each with who said it; empty if there is none."""
    lines = _within([line for line in (_line(message) for message in messages) if line])
    if not lines:
        return ""
    return "\n".join([HEADING, *lines, *([] if is_whole else [TOO_LONG])])


def first_words(messages: Iterable[Json]) -> str:
    """The text of the first message that has one."""
    return next((text for text in (text_of(message) for message in messages) if text), "")


def files_in(messages: Iterable[Json]) -> list[File]:
    return [file for message in messages for file in files_of(message)]


def _line(message: Json) -> str:
    text = text_of(message)
    if len(text) > MAX_MESSAGE_CHARS:
        text = text[:MAX_MESSAGE_CHARS] + " […]"
    return f"{author_of(message)}: {text}" if text else ""


def _within(lines: list[str]) -> list[str]:
    first, rest = lines[:1], lines[1:]
    size = sum(map(len, first))
    kept: list[str] = []
    for line in reversed(rest):
        size += len(line)
        if size > MAX_CHARS:
            return [*first, LEFT_OUT.format(count=len(rest) - len(kept)), *reversed(kept)]
        kept.append(line)
    return [*first, *reversed(kept)]
