"""Commit messages as reports: what counts as a fix, and what a reporter could not have known."""

from __future__ import annotations

import pytest

from sahur_core.code.evaluate.messages import names_any, reason_to_leave_out, report_of, says_enough


@pytest.mark.parametrize(
    "message",
    [
        "Fix rounding of negative prices",
        "Fixed #31 -- Prices below zero were rounded up",
        "Prices below zero are rounded down\n\nCloses #31",
        "[1.2.x] SHOP-77: prices below zero",
        "fix(parser): keep the sign",
        "Avoid a crash for integer values",
    ],
)
def test_a_fix_is_asked(message):
    assert reason_to_leave_out(message) == ""


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('Revert "Fix rounding"\n\nThis reverts commit 0a1b2c3d.', "a revert"),
        ("Fix typo in the rounding", "formatting"),
        ("docs: fix the rounding example", "formatting"),
        ("chore(deps): fix the lock file (#12)", "formatting"),
        ("Fix failing test for rounding", "formatting"),
        ("v1.2.3", "formatting"),
        ("feat: rounding of prices, fixes #3", "formatting"),
        ("Add rounding of prices (#12)", "no issue reference"),
    ],
)
def test_what_mends_no_fault_is_left_out_and_says_why(message, reason):
    assert reason_to_leave_out(message).startswith(reason)


def test_the_number_of_a_pull_request_alone_is_no_issue_reference():
    assert reason_to_leave_out("Round prices (#12)") != ""
    assert reason_to_leave_out("Round prices (#12)\n\nSee #11") == ""


def test_a_report_knows_no_path_sha_number_or_trailer():
    message = (
        "shop/price.py: fix rounding below zero (#31)\n\n"
        "Since 0a1b2c3d4e the function in shop/price.py:12 and `basket.py` drops the sign,\n"
        "see https://example.org/issues/31.\n"
        "* fix(basket): the sum too\n\n"
        "Fixes: #31\nCloses\nSigned-off-by: Ada <ada@example.org>\nCo-authored-by: Bob <bob@example.org>\n"
    )
    title, text = report_of(message, ["shop/price.py", "shop/basket.py"])
    assert title == "fix rounding below zero"
    for unknown in ("price.py", "basket", "0a1b2c3d4e", "31", "http", "Signed", "Co-authored", "Closes", "Fixes"):
        assert unknown not in text
    assert "drops the sign" in text
    assert "* the sum too" in text


def test_words_with_a_dot_or_a_slash_that_are_no_changed_file_stay():
    said = "Order.total and config.yaml and v1.2 disagree on text/html and Lint/Order and/or HTTP/1.1"
    assert report_of(f"Fix it\n\n{said}", ["shop/order.py"])[1] == said


def test_parts_of_a_changed_path_go_with_or_without_a_suffix():
    assert (
        report_of("Fix it\n\nin lib/shop/order and `lib/shop` or other/place.rb now", ["lib/shop/order.rb"])[1] == "in and or now"
    )


def test_a_bracket_and_a_scope_are_taken_from_the_title():
    assert report_of("[1.2.x] Fixed #31 -- Kept the sign", [])[0] == "Fixed -- Kept the sign"
    assert report_of("net/http: keep the sign", [])[0] == "keep the sign"
    assert report_of("fix(price)!: keep the sign", [])[0] == "keep the sign"


def test_too_few_words_say_nothing():
    assert not says_enough("Fix bug", "")
    assert says_enough("Fix rounding below zero", "")


def test_the_name_of_a_changed_file_or_function_is_noticed():
    assert names_any("Price.total drops the sign", "", ["shop/price.py"], [])
    assert names_any("", "round_price drops the sign", ["shop/a.py"], ["shop/a.py:Order.round_price"])
    assert names_any("convert drops the sign", "", ["src/convert/index.ts"], [])
    assert not names_any("the sign is dropped", "", ["shop/price.py"], ["shop/price.py:total"])
