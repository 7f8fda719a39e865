"""The redaction finds at full speed exactly what all patterns find that are applied plainly, one after the other."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sahur_core.redaction import patterns
from sahur_core.redaction.patterns import PATTERNS, Reading, SecretPattern, patterns_for
from sahur_core.redaction.redactor import Redactor

# Our own patterns as one would write them who does not mind the speed; those that are not here are used as they are.
PLAIN = {
    "JSON Web Token": re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"),
    "SAHUR token": re.compile(r"\bsahur_[A-Za-z0-9_-]{20,}"),
    "GitHub token": re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    "Sentry token": re.compile(r"\bsntry[a-z]_[A-Za-z0-9+/=_-]{20,}"),
    "API key": re.compile(r"\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,}"),
    "Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
}


def plain_pattern(pattern: SecretPattern) -> re.Pattern[str]:
    return PLAIN.get(pattern.what, pattern.regex)


def redact_plainly(text: str) -> str:
    """Each pattern over the whole text, again and again until none finds anything."""
    before = None
    while text != before:
        before = text
        for pattern in PATTERNS:
            text = plain_pattern(pattern).sub(lambda match, what=pattern.what: replaced(match, what), text)
    return text


def replaced(match: re.Match[str], what: str) -> str:
    name = "secret" if "secret" in match.re.groupindex else 0
    whole, start = match.group(0), match.start(0)
    return f"{whole[: match.start(name) - start]}[redacted: {what}]{whole[match.end(name) - start :]}"


def matches_of(pattern: SecretPattern) -> st.SearchStrategy[str]:
    """Texts that hold a match."""
    # Patterns that look ahead make blind tries useless.
    if "{12,}" in pattern.regex.pattern:
        names = st.sampled_from(["password: ", "aws_secret_access_key = ", "API-KEY=", '"access_token": "', "db.Secret='"])
        return st.tuples(names, st.from_regex(r"\A[A-Za-z0-9+/]{11,40}a1\Z")).map("".join)
    if pattern.what != "key":
        return st.from_regex(plain_pattern(pattern))
    letters = st.text(string.ascii_letters + string.digits + "+/", min_size=61, max_size=61)
    rest = st.sampled_from(["", "abc123", "abc123+/ABC1"])
    return st.tuples(st.sampled_from(["", "12 | ", "x\n"]), letters, rest, st.sampled_from(["", " \t\r\nfoo", "\n"])).map(
        lambda parts: f"{parts[0]}aB1{''.join(parts[1:])}"
    )


SECRETS = st.one_of(*(matches_of(pattern) for pattern in PATTERNS))
WORDS = ["password", "PASSWORD=", "secret: '", "Bearer ", "authorization: basic ", "://", "sk-", "-us12", "xox", "eyJ", ":", "="]
WORDS += [
    "\n",
    " ",
    '"',
    "'",
    "@",
    ".",
    "aws",
    "AIza",
    "sahur_",
    "sntrys_",
    "[redacted: key]",
    "paſſword='",
    "BASİC",
    "K",
    "\x00",
]
WORDS += ["0123456789", "AbCd0123" * 8, "a1B2c3D4e5F6g7H8", "Z" * 40, "f" * 64, "12345678:", "1234567:" + "a" * 35, "é", "٣"]
TEXTS = st.lists(st.one_of(SECRETS, st.sampled_from(WORDS), st.text(max_size=5)), max_size=12).map("".join)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example("AccountKey=" + "=" * 88)
@example("task-" + "a" * 40 + " xsahur_" + "a" * 20)
@example("7 | " + "aB1" + "c" * 61 + " \t\r\n")
@example("user=postgres://sahur:" + "x" * 499 + "@host and Bearer " + "a" * 16)
def test_the_fast_way_finds_what_the_plain_way_finds(text: str) -> None:
    assert Redactor().text(text) == redact_plainly(text.replace("\x00", "\N{SYMBOL FOR NULL}"))


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.what} {pattern.regex.pattern[:20]}")
def test_no_condition_denies_a_match(pattern: SecretPattern) -> None:
    @settings(max_examples=15, deadline=None)
    @given(matches_of(pattern))
    def check(text: str) -> None:
        assert pattern.regex.search(text)
        assert pattern in patterns_for(Reading(text))
        assert pattern.condition(Reading(text))

    check()


def test_each_odd_letter_is_folded_as_patterns_without_case_see_it() -> None:
    odd = [chr(code) for code in range(128, 0x110000) if re.fullmatch("[a-z]", chr(code), re.I)]
    assert odd, "some letters that are not ASCII pass for such"
    for letter in odd:
        folded = Reading(letter).folded
        assert folded in string.ascii_lowercase
        assert re.fullmatch(folded, letter, re.I)


def test_every_condition_belongs_to_a_pattern_of_the_library() -> None:
    assert set(patterns._CONDITIONS) <= {pattern.regex.pattern for pattern in PATTERNS}


def test_a_pattern_that_the_library_has_changed_is_searched_for_without_a_condition() -> None:
    changed = patterns._of_library("new", re.compile("[0-9]{20}-new"))
    assert changed.condition(Reading("anything"))


@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example("//r.example.com/:_authToken=npm_0123456789abcdef")
@example("GR1348941" + "0" * 52 + "-us0")
@example("-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7" * 3 + "\n-----END RSA PRIVATE KEY-----")
def test_what_was_redacted_once_is_left_alone_and_not_counted_again(text: str) -> None:
    once = Redactor().text(text)
    again = Redactor()
    assert again.text(once) == once
    assert again.count == 0


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["password=", "secret: a1", "api_key='", "A_TOKEN=", "bearer ", "://a:", "aws key '", "eyJ", "=" * 9, "a1" * 9]
)
def test_a_text_made_to_be_slow_is_not(unit: str) -> None:
    """In linear time this is done in a moment; a way that is quadratic would take minutes."""
    Redactor(["our-own-credential-1"]).text(unit * (400_000 // len(unit)))
