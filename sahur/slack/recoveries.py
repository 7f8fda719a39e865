"""What alert tools post when a problem is over: no new report, and news for whoever investigates it."""

from __future__ import annotations

import re
from typing import Any

from sahur.slack.reading import text_of

_NOT_DENIED = r"(?!\W{1,9}(?:still\b|(?:false|no|not|never)[ \t]*(?:[:,.;!|\n]|$)))"
"""`Resolved: false`. What follows else is the alert's own name, which may well say that something failed."""
_HEADLINE = re.compile(
    # Emoji and marks before the word; then `[RESOLVED:1]`, `Recovered: …`, `Resolved #7`, `OK - …` or the word alone.
    r"(?::[\w+-]{1,40}:|[^\w\[:])*+"
    r"(?:\[\s*(?:resolved|recovered|recovery|ok)\b[^\]\n]{0,80}\]"
    rf"|(?:resolved|recovered|ok)\b{_NOT_DENIED}(?=\s*(?:[:#|!*.]|$)|\s+[-–—]\s))",
    re.IGNORECASE,
)
"""Not `Recovered from panic: …`, which an error says of itself, nor `Recovery: restore failed`, which a job is called."""
_SAYS_SO = re.compile(
    r"(?<!\bnot )(?<!n't )(?<!n’t )(?<!\bnever )(?<!\byet )(?<!\bbe )(?<!\bnot been )(?<!n't been )(?<!n’t been )"
    rf"\b(?:resolved|recovered)\b{_NOT_DENIED}(?!\s+to\b)",
    re.IGNORECASE,
)
"""Not `could not be resolved`, nor a name that `resolved to` an address."""
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
