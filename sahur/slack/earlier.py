"""What was said in a thread before somebody asked SAHUR into it: part of the report, and of no other channel.

This is the one call of Slack before its event is answered: what the thread says decides where the run looks first. It is
made once, for at most about a second of the three that Slack waits, and a report without it is better than none.
"""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.slack.markup import to_plain

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1
MAX_MESSAGES = 60
"""Slack gives a thread from its beginning."""
MAX_CHARS = 12_000
"""Of all of it. The first message and the last ones are kept: an alert stands first, and what is known by now last."""
MAX_MESSAGE_CHARS = 4_000
HEADING = "Earlier in this thread:"
NOT_READ = "(What was said earlier in this thread could not be read.)"


def earlier_in_thread(client: WebClient, channel: str, thread_ts: str, before: str, own_users: frozenset[str]) -> str:
    """The messages of the thread before `before` as text, oldest first, without our own; empty if there are none."""
    asking = WebClient(token=client.token, base_url=client.base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
    try:
        answer = asking.conversations_replies(channel=channel, ts=thread_ts, latest=before, limit=MAX_MESSAGES)
    except (SlackClientError, OSError) as error:
        log.warning("a thread could not be read: %s", error)
        return NOT_READ
    messages: list[dict[str, Any]] = answer.get("messages", [])
    said = [_told(message) for message in messages if message.get("ts", "") < before and message.get("user") not in own_users]
    lines = _within([line for line in said if line])
    return "\n".join([HEADING, *lines]) if lines else ""


def _told(message: dict[str, Any]) -> str:
    """Who said it and what; of an app also what its attachments say, which is where alerts have their text and links."""
    parts = [to_plain(message.get("text") or "")]
    for each in message.get("attachments", []):
        link = each.get("title_link") or each.get("from_url") or ""
        parts += [to_plain(each.get(name) or "") for name in ("pretext", "title")] + [link, to_plain(each.get("text") or "")]
    text = "\n".join(dict.fromkeys(part for part in parts if part))[:MAX_MESSAGE_CHARS]
    author = message.get("user") or message.get("bot_profile", {}).get("name") or message.get("username") or "an app"
    return f"{author}: {text}" if text else ""


def _within(lines: list[str]) -> list[str]:
    first, rest = lines[:1], lines[1:]
    size = sum(map(len, first))
    kept: list[str] = []
    for line in reversed(rest):
        size += len(line)
        if size > MAX_CHARS:
            return [*first, "[…]", *reversed(kept)]
        kept.append(line)
    return [*first, *reversed(kept)]
