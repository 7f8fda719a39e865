"""A text that comes in pieces is as clean as the whole, wherever it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahur_core.redaction.redactor import Redactor
from sahur_core.redaction.stream import HELD_BACK, CleanStream

KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + ("MIIEpAIBAAKCAQEA7" * 4 + "\n") * 12 + "-----END RSA PRIVATE KEY-----\n"
SECRETS = [
    "hunter2hunter2",
    "sk-proj-" + "a1B2" * 10,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "s3" * 200,
    "MIIEpAIBAAKCAQEA7",
]
TEXT = (
    f"I looked at the settings. They have password = '{SECRETS[0]}', and the key {SECRETS[1]} is used by the worker, "
    f"which sends Authorization: Bearer {SECRETS[2]} with each call.\n\nThis is in the repository:\n{KEY}\nand that is all. "
) * 2


def clean(text: str) -> str:
    return Redactor().text(text)


def streamed(pieces: list[str]) -> list[str]:
    given: list[str] = []
    stream = CleanStream(clean, given.append)
    for piece in pieces:
        stream.take(piece)
    stream.flush()
    return given


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=300))
def test_no_secret_slips_through_between_two_pieces(sizes: list[int]) -> None:
    pieces, start = [], 0
    for size in [*sizes, len(TEXT)]:
        pieces.append(TEXT[start : start + size])
        start += size
    told = "".join(streamed(pieces))
    assert told == clean(TEXT)
    assert not [secret for secret in SECRETS if secret in told]


def test_what_is_safe_is_not_held_back_for_long() -> None:
    words = [f"word{number} " for number in range(400)]
    given: list[str] = []
    stream = CleanStream(clean, given.append)
    for word in words:
        stream.take(word)
    assert len("".join(words)) - len("".join(given)) < 2 * HELD_BACK
    stream.flush()
    assert "".join(given) == "".join(words)


def test_a_text_that_breaks_off_does_not_end_in_half_of_a_secret() -> None:
    given: list[str] = []
    stream = CleanStream(clean, given.append)
    stream.take("The worker has long used this key, as its settings say: " * 9 + SECRETS[1][:30])
    stream.drop()
    stream.flush()
    assert "".join(given).startswith("The worker has")
    assert SECRETS[1][:8] not in "".join(given)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a", " ", "password='", "-----BEGIN PRIVATE KEY-----\n", "eyJ."])
def test_a_text_without_an_end_takes_linear_time(piece: str) -> None:
    assert "".join(streamed([piece] * 40_000)).startswith(clean(piece * 50)[:40])
