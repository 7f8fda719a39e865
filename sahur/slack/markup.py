"""Slack's message markup to plain text, and plain text to what Slack shows as it is.

https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` are escaped; everything else between angle
brackets is a link, a mention or a date, with what to show after `|`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

from sahur.issues.services.reports import MAX_TITLE_CHARS
from sahur_core.safety.links import Links, defuse

_BRACKETS = re.compile(r"<([^<>]*)>")
_REPOSITORY = re.compile(r"^[ \t]*repo(?:sitory)?[ \t]*:[ \t]*(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class ReportText:
    """A report as typed into Slack. `repository` is what its line `repo: …` names, else empty."""

    title: str
    body: str
    repository: str


def to_plain(text: str, *, without_users: frozenset[str] = frozenset()) -> str:
    """What a person sees of a message. Mentions of `without_users` (our own bot) are left out."""

    def shown(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        if target.startswith("@"):
            return "" if target[1:] in without_users else f"@{label or target[1:]}"
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        if target.startswith("!"):
            return label or f"@{target[1:].partition('^')[0]}"
        address = target.removeprefix("mailto:")
        is_same = not label or address.removeprefix("https://").removeprefix("http://").rstrip("/") == label.rstrip("/")
        return address if is_same or label == address else f"{label} ({address})"

    return unescape(_BRACKETS.sub(shown, text)).replace("\u00a0", " ").strip()


def unescape(text: str) -> str:
    """`&amp;` last, so that what was typed as `&lt;` stays that."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape(text: str) -> str:
    """Text from outside, so that Slack makes no mention, link or command of it. Notifications link what looks like an address."""
    return escape_code(without_links(text))


def without_links(text: str) -> str:
    """Text from outside in which no address but one of ours is left for Slack to make a link of."""
    return defuse(text, Links((settings.PUBLIC_URL,))).text


def escape_code(text: str) -> str:
    """The same for what stands in code, where Slack links nothing, and must stay as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parse_report(text: str) -> ReportText:
    """The first line is the title; the body is the whole text, without the line that names the repository."""
    named = _REPOSITORY.search(text)
    body = (_REPOSITORY.sub("", text, count=1) if named else text).strip()
    first = " ".join(body.split("\n", 1)[0].split())
    title = first if len(first) <= MAX_TITLE_CHARS else first[: MAX_TITLE_CHARS - 1].rstrip() + "…"
    return ReportText(title=title, body=body, repository=named.group(1) if named else "")
