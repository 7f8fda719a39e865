"""What alert tools post when a problem is over: no new report, and news for whoever investigates it."""

from __future__ import annotations

import re
from typing import Any

from sahur.slack.reading import text_of

_HEADLINE = re.compile(
    # Emoji and marks before the word; then `[RESOLVED:1]`, `Recovered: …`, `Resolved #7`, `OK - …` or the word alone.
    r"(?::[\w+-]{1,40}:|[^\w\[:])*+"
    r"(?:\[\s*(?:resolved|recovered|recovery|ok)\b[^\]\n]{0,80}\]"
    r"|(?:resolved|recovered|recovery|ok)\b(?=\s*(?:[:#|!*.]|$)|\s+[-–—]\s))",
    re.IGNORECASE,
)
"""Not `Recovered from panic: …`, which an error says of itself."""
_SAYS_SO = re.compile(r"\b(?:resolved|recovered)\b", re.IGNORECASE)
GOOD_COLORS = {"good", "2eb886", "36a64f", "2fa44f"}
"""Slack's own name of the green of attachments, and the values that stand for it."""


def tells_recovery(message: dict[str, Any]) -> bool:
    """Whether all that an app's post says is over; its headline decides, else what all of its attachments say."""
    headline = text_of({**message, "attachments": []})
    if _HEADLINE.match(headline):
        return True
    shown = message.get("attachments")
    attachments = [each for each in shown if isinstance(each, dict)] if isinstance(shown, list) else []
    if not attachments:
        return False
    texts = [text_of({"attachments": [each]}) for each in attachments]
    if not headline and all(_HEADLINE.match(text) for text in texts):
        return True
    are_good = all(str(each.get("color", "")).lstrip("#").lower() in GOOD_COLORS for each in attachments)
    return are_good and bool(_SAYS_SO.search("\n".join([headline, *texts])))
