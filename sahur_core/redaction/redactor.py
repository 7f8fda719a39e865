"""Takes secrets out of texts: of what tools return, people type and models write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sahur_core.redaction.marks import redaction
from sahur_core.redaction.patterns import SHORTEST, Reading, patterns_for

_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_RUN = re.compile(r"[A-Za-z0-9+/=]{16,}")
_MAX_KEY_LINES = 400
_MAX_ROUNDS = 8


class Redactor:
    """Replaces secrets by `[redacted: what it was]` and counts them.

    One redactor serves one result: it remembers across strings that a private key has begun, because a result may hold
    a file line by line. `known` are credentials that must not appear whatever they look like, `configured` the operator's
    patterns by what they find; a group `secret` is replaced, or else the whole match.
    """

    def __init__(self, known: Iterable[str] = (), configured: Mapping[str, re.Pattern[str]] | None = None) -> None:
        self.count = 0
        self._configured = configured or {}
        self._known = sorted(set(known), key=len, reverse=True)
        self._key_lines_left = 0
        self._is_key_counted = False

    def text(self, text: str) -> str:
        """The text without its secrets. NUL, which PostgreSQL cannot store, is replaced too."""
        text = text.replace("\x00", "\N{SYMBOL FOR NULL}")
        for secret in self._known:
            if secret in text:
                self.count += text.count(secret)
                text = text.replace(secret, redaction("credential of this system"))
        for what, regex in self._configured.items():
            text = regex.sub(partial(self._replace, what), text)
        text = self._keys(text)
        # A mark ends the word before it, which only then may look like a secret: until nothing is found. Bounded, because
        # a text could be made to take as many rounds as it has words.
        for _ in range(_MAX_ROUNDS):
            found, text = text, self._patterns(text)
            if text is found:
                break
        return text

    def _patterns(self, text: str) -> str:
        """The text after one round of all patterns; the same object if none is found."""
        if len(text) < SHORTEST:
            return text
        reading = Reading(text)
        for pattern in patterns_for(reading):
            if pattern.condition(reading) and pattern.regex.search(reading.text):
                reading = Reading(pattern.regex.sub(partial(self._replace, pattern.what), reading.text))
        return reading.text

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
            self._key_lines_left = _MAX_KEY_LINES
            self._is_key_counted = False
        if not self._key_lines_left:
            return line
        self._key_lines_left -= 1
        head, body = (line[: begin.end()], line[begin.end() :]) if begin else ("", line)
        end = _KEY_END.search(body)
        if end:
            self._key_lines_left = 0
        tail = body[end.start() :] if end else ""
        clean, replaced = _KEY_RUN.subn(redaction("private key"), body[: len(body) - len(tail)])
        if replaced and not self._is_key_counted:
            # Once for each key, and not at all for one whose lines somebody has redacted before.
            self.count += 1
            self._is_key_counted = True
        return head + clean + tail
