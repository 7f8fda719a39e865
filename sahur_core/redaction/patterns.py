"""What secrets look like, and how a text is seen to hold none of a kind without searching it for that kind.

The patterns for vendors' keys come from detect-secrets. Its entropy and keyword detectors are left out: they take
commit ids and ordinary code for secrets. Some of its patterns are replaced by our own: that for JSON Web Tokens ends
before the signature, and those for npm and OpenAI take quadratic time on a text that was made for it. Every pattern
here must be linear, or bounded, because the texts come from anybody.

A search is fast where a pattern begins with fixed letters of fixed case, some 0.5 ms a megabyte; the others take 5 to
40 ms. So our own begin with such letters and look back from there (`sahur_(?<!\\wsahur_)`, not `\\bsahur_`), and a pattern
that cannot has a condition which every text that it matches fulfills. A pattern of the library that we do not know has
no condition, and is searched for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

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

# All that a pattern without regard to case takes for an ASCII letter, beyond what `str.lower` makes one.
_ODD_LETTERS = (
    ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i"),
    ("\N{LATIN SMALL LETTER DOTLESS I}", "i"),
    ("\N{LATIN SMALL LETTER LONG S}", "s"),
    ("\N{KELVIN SIGN}", "k"),
)


def _marked(letters: str) -> bytes:
    """A table for `bytes.translate`: `x` for these letters and all ASCII letters and digits, `.` for others."""
    return bytes(ord("x") if byte < 128 and (chr(byte).isalnum() or chr(byte) in letters) else ord(".") for byte in range(256))


# "?" stands for what is not ASCII: some patterns take digits of other scripts.
_TOKEN_LETTERS = _marked("_-+/=.~\\?")
_KEY_LETTERS = _marked("+/")
_TOKEN_RUN = b"x" * 16
_KEY_RUN = b"x" * 64


class Reading:
    """A text, and what the conditions want to know of it, found out once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def folded(self) -> str:
        """In small letters; every ASCII letter that a pattern may see without regard to case is there as such."""
        text = self.text
        if not text.isascii():
            for odd, plain in _ODD_LETTERS:
                text = text.replace(odd, plain)
        return text.lower()

    def has_run(self) -> bool:
        """Whether 16 letters stand together of which vendors' keys are made. Prose has no such run."""
        return _TOKEN_RUN in self.text.encode("ascii", "replace").translate(_TOKEN_LETTERS)

    def has_key_line(self) -> bool:
        """Whether a line ends with as many letters of Base64 as one in a key file."""
        if _KEY_RUN not in self.text.encode("ascii", "replace").translate(_KEY_LETTERS):
            return False
        ends = (line.rstrip()[-64:] for line in self.text.split("\n") if len(line) >= 64)
        return any(end.encode("ascii", "replace").translate(_KEY_LETTERS) == _KEY_RUN for end in ends)


Condition = Callable[[Reading], bool]


def has(*parts: str) -> Condition:
    """One of the parts is in the text."""
    if len(parts) == 1:
        part = parts[0]
        return lambda reading: part in reading.text
    return lambda reading: any(part in reading.text for part in parts)


def has_folded(*parts: str) -> Condition:
    """One of the parts is in the text, whatever its case."""
    return lambda reading: any(part in reading.folded for part in parts)


def finds(pattern: str) -> Condition:
    """A simpler pattern, one that begins with fixed letters, is in the text."""
    search = re.compile(pattern).search
    return lambda reading: search(reading.text) is not None


def finds_folded(pattern: str, other: str = "") -> Condition:
    """One of the simpler patterns is in the text, whatever its case."""
    search, also = re.compile(pattern).search, re.compile(other or pattern).search
    return lambda reading: search(reading.folded) is not None or also(reading.folded) is not None


def _always(_reading: Reading) -> bool:
    return True


@dataclass(frozen=True)
class SecretPattern:
    """`regex`: its group `secret`, or else the whole match, is the secret."""

    what: str
    regex: re.Pattern[str]
    condition: Condition = _always
    needs_run: bool = True
    """Every match holds a run (`Reading.has_run`): without regard to what the library may change, all vendors' keys do."""
    shortest: int = 15
    """No match has fewer characters; that no vendor's key is shorter than 15 we take for granted, except Slack's."""


# By the pattern's text: where the library changes one, the condition is not used any more.
_CONDITIONS: dict[str, Condition] = {
    r"""aws.{0,20}?(?:key|pwd|pw|password|pass|token).{0,20}?[\'\"]([0-9a-zA-Z/+]{40})[\'\"]""": has_folded("aws"),
    r"[MNO][a-zA-Z\d_-]{23,25}\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}": finds(r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}"),
    r"[0-9a-z]{32}-us[0-9]{1,2}": finds("-us[0-9]"),
    r"xox(?:a|b|p|o|s|r)-(?:\d+-)+[a-z0-9]+": has_folded("xox"),
    r"https://hooks\.slack\.com/services/T[a-zA-Z0-9_]+/B[a-zA-Z0-9_]+/[a-zA-Z0-9_]+": has_folded("hooks.slack.com"),
    r"(?:r|s)k_live_[0-9a-zA-Z]{24}": has("k_live_"),
    r"\d{8,10}:[0-9A-Za-z_-]{35}": finds(r":(?<=\d{8}:)[0-9A-Za-z_-]{35}"),
}

_OWN = (
    SecretPattern(
        "password in URL",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,200}:(?P<secret>[^\s/@\"'<>]{1,500})@", re.I),
        finds(r"://[^\s:/@\"'<>]{0,200}:[^\s/@\"'<>]{1,500}@"),
        needs_run=False,
        shortest=8,
    ),
    SecretPattern("JSON Web Token", re.compile(r"eyJ(?<![\w-]eyJ)[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?")),
    SecretPattern(
        "bearer token",
        re.compile(r"\bbearer\s+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)", re.I),
        finds_folded(r"bearer\s+[a-z0-9._~+/-]"),
    ),
    SecretPattern(
        "basic credentials",
        re.compile(r"\bauthorization\W{1,4}basic\s+(?P<secret>[A-Za-z0-9+/]{8,}=*)", re.I),
        finds_folded(r"authorization\W{1,4}basic"),
        needs_run=False,
    ),
    SecretPattern("SAHUR token", re.compile(r"sahur_(?<!\wsahur_)[A-Za-z0-9_-]{20,}")),
    SecretPattern("npm token", re.compile(r":_authToken\s*=\s*(?P<secret>(?!\[redacted)[^\s]{8,})"), needs_run=False),
    SecretPattern("GitHub token", re.compile(r"github_pat_(?<!\wgithub_pat_)[A-Za-z0-9_]{22,}")),
    SecretPattern("Sentry token", re.compile(r"sntry(?<!\wsntry)[a-z]_[A-Za-z0-9+/=_-]{20,}")),
    SecretPattern("API key", re.compile(r"sk-(?<!\wsk-)(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,}")),
    SecretPattern("Google API key", re.compile(r"AIza(?<!\wAIza)[A-Za-z0-9_-]{35}\b")),
    SecretPattern(
        "credential",
        re.compile(
            r"\b[A-Z][A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|PRIVATE_KEY|ACCESS_KEY)\s*[=:]\s*"
            r"[\"']?(?P<secret>(?!\[redacted)[^\s\"'(){}$<>,;]{8,})"
        ),
        has("PASSW", "SECRET", "TOKEN", "_KEY"),
        needs_run=False,
    ),
    SecretPattern(
        "credential",
        re.compile(r"(?:password|passwd|secret)[\"']?\s*[=:]\s*[\"'](?P<secret>(?!\[redacted)[^\s\"'{}$<>]{8,})[\"']", re.I),
        finds_folded(r"passw(?:or)?d[\"']?\s*[=:]\s*[\"']", r"secret[\"']?\s*[=:]\s*[\"']"),
        needs_run=False,
    ),
    # Of a settings file or a log, without quotes, in any case: only what has letters and digits, as code seldom has.
    SecretPattern(
        "credential",
        re.compile(
            r"(?:passw(?:or)?d|secret|api[_-]?key|access[_-]?key|(?:auth|access|refresh)[_-]?token)[\"']?\s{0,9}[=:]\s{0,9}[\"']?"
            r"(?P<secret>(?!\[redacted)(?=[^\s\"']{0,99}[0-9])(?=[^\s\"']{0,99}[A-Za-z])[A-Za-z0-9+/_.~!@#%^*=-]{12,})(?![\w(\[])",
            re.I,
        ),
        has_folded("passw", "secret", "key", "token"),
        needs_run=False,
    ),
)
# A line of a key file by itself, maybe after a line number: what a reader sees who asks for the middle of the file.
_KEY_LINE = SecretPattern(
    "key",
    re.compile(
        r"^(?:[ \t]*\d+[ \t:|]+)?(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*\d)"
        r"(?P<secret>[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{76})[ \t]*\r?$",
        re.M,
    ),
    Reading.has_key_line,
)


def _of_library(what: str, regex: re.Pattern[str]) -> SecretPattern:
    is_slack = regex.pattern.startswith("xox")
    return SecretPattern(what, regex, _CONDITIONS.get(regex.pattern, _always), not is_slack, 8 if is_slack else 15)


PATTERNS = (
    *(_of_library(detector.secret_type, regex) for detector in _DETECTORS for regex in detector.denylist),
    *_OWN,
    _KEY_LINE,
)
SHORTEST = min(pattern.shortest for pattern in PATTERNS)
"""No pattern matches a text of fewer characters."""
_WITHOUT_RUN = tuple(pattern for pattern in PATTERNS if not pattern.needs_run)
_FOR_SHORT = tuple(pattern for pattern in _WITHOUT_RUN if pattern.shortest < 15)


def patterns_for(reading: Reading) -> tuple[SecretPattern, ...]:
    """Those that may match the text, also when some of it was replaced: that makes no new run."""
    if len(reading.text) < 15:
        return _FOR_SHORT
    return PATTERNS if reading.has_run() else _WITHOUT_RUN
