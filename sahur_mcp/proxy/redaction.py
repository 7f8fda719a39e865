"""Takes secrets out of what tools return, before anything is cut, stored or shown.

The patterns for vendors' keys come from detect-secrets. Its entropy and keyword detectors are left out: they take
commit ids and ordinary code for secrets. Some of its patterns are replaced by our own: that for JSON Web Tokens ends
before the signature, and those for npm and OpenAI take quadratic time on a text that was made for it. Every pattern
here must be linear, or bounded, because the texts come from anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from sahur_core.tools.receipts import redaction

_DETECTORS = (
    AWSKeyDetector,
    AzureStorageKeyDetector,
    DiscordBotTokenDetector,
    GitHubTokenDetector,
    GitLabTokenDetector,
    MailchimpDetector,
    PypiTokenDetector,
    SendGridDetector,
    SlackDetector,
    SquareOAuthDetector,
    StripeDetector,
    TelegramBotTokenDetector,
    TwilioKeyDetector,
)

# (what it is, pattern); the group `secret`, or else the whole match, is replaced.
_OWN = (
    ("password in URL", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,200}:(?P<secret>[^\s/@\"'<>]{1,500})@", re.I)),
    ("JSON Web Token", re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?")),
    ("bearer token", re.compile(r"\bbearer\s+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)", re.I)),
    ("basic credentials", re.compile(r"\bauthorization\W{1,4}basic\s+(?P<secret>[A-Za-z0-9+/]{8,}=*)", re.I)),
    ("SAHUR token", re.compile(r"\bsahur_[A-Za-z0-9_-]{20,}")),
    ("npm token", re.compile(r":_authToken\s*=\s*(?P<secret>[^\s]{8,})")),
    ("GitHub token", re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,}")),
    ("API key", re.compile(r"\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,}")),
    ("Google API key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    (
        "credential",
        re.compile(
            r"\b[A-Z][A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|PRIVATE_KEY|ACCESS_KEY)\s*[=:]\s*"
            r"[\"']?(?P<secret>(?!\[redacted)[^\s\"'(){}$<>,;]{8,})"
        ),
    ),
    (
        "credential",
        re.compile(r"(?:password|passwd|secret)[\"']?\s*[=:]\s*[\"'](?P<secret>(?!\[redacted)[^\s\"'{}$<>]{8,})[\"']", re.I),
    ),
)
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_RUN = re.compile(r"[A-Za-z0-9+/=]{16,}")
# A line of a key file by itself, maybe after a line number: what a reader sees who asks for the middle of the file.
_KEY_LINE = re.compile(
    r"^(?:[ \t]*\d+[ \t:|]+)?(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*\d)"
    r"(?P<secret>[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{76})[ \t]*\r?$",
    re.M,
)
_MAX_KEY_LINES = 400
_PATTERNS = (
    *((detector.secret_type, pattern) for detector in _DETECTORS for pattern in detector.denylist),
    *_OWN,
    ("key", _KEY_LINE),
)


class Redactor:
    """Replaces secrets by `[redacted: what it was]` and counts them.

    One redactor serves one result: it remembers across strings that a private key has begun, because a result may hold
    a file line by line. `known` are credentials that must not appear whatever they look like.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.count = 0
        self._known = sorted(set(known), key=len, reverse=True)
        self._key_lines_left = 0

    def text(self, text: str) -> str:
        """The text without its secrets. NUL, which PostgreSQL cannot store, is replaced too."""
        text = text.replace("\x00", "\N{SYMBOL FOR NULL}")
        for secret in self._known:
            self.count += text.count(secret)
            text = text.replace(secret, redaction("credential of the gateway"))
        text = self._keys(text)
        for what, pattern in _PATTERNS:
            text = pattern.sub(partial(self._replace, what), text)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value with each of its strings redacted, keys of objects included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value

    def _replace(self, what: str, match: re.Match[str]) -> str:
        self.count += 1
        whole, start = match.group(0), match.start(0)
        name = "secret" if "secret" in match.re.groupindex else 0
        return f"{whole[: match.start(name) - start]}{redaction(what)}{whole[match.end(name) - start :]}"

    def _keys(self, text: str) -> str:
        """Blank the body of private keys, which may span lines, and strings."""
        if not self._key_lines_left and not _KEY_BEGIN.search(text):
            return text
        return "".join(self._key_line(line) for line in text.splitlines(keepends=True))

    def _key_line(self, line: str) -> str:
        begin = _KEY_BEGIN.search(line)
        if begin:
            self.count += 1
            self._key_lines_left = _MAX_KEY_LINES
        if not self._key_lines_left:
            return line
        self._key_lines_left -= 1
        head, body = (line[: begin.end()], line[begin.end() :]) if begin else ("", line)
        end = _KEY_END.search(body)
        if end:
            self._key_lines_left = 0
        tail = body[end.start() :] if end else ""
        return head + _KEY_RUN.sub(redaction("private key"), body[: len(body) - len(tail)]) + tail
