"""What gives another text away."""

from __future__ import annotations

import pytest

from sahur.issues.quotes import Quotes

REPORT = "Initech cannot check out since noon. Ask rita@example.com about invoice 884213, the tax table is empty for them."
CODE = "def total(cart): return RATES[cart.country]  # the tax table"


@pytest.mark.parametrize(
    "text",
    [
        "The customer Initech is hit.",
        "initech is hit",
        "See invoice 884213.",
        "rita@example.com knows more.",
        "They cannot check out since the deploy.",
        "Initechs cannot pay",
        "initech_customer is null",
        "It is I-n-i-t-e-c-h.",
        "I n i t e c h",
        "hcetini backwards",
        "\uff29nitech in wide letters",
        "8 8 4 2 1 3",
    ],
)
def test_names_numbers_addresses_and_words_in_a_row_are_quotes(text):
    assert Quotes(lambda: [REPORT], lambda: [CODE]).are_in(text)


@pytest.mark.parametrize("text", ["RATES has no entry for the country.", "The tax table has a gap.", "Add a default rate.", ""])
def test_what_the_code_says_and_plain_words_are_none(text):
    assert not Quotes(lambda: [REPORT], lambda: [CODE]).are_in(text)


def test_texts_are_read_only_when_they_are_needed():
    def fail() -> list[str]:
        raise AssertionError

    assert Quotes(fail, fail)
