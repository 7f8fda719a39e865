"""From a report to functions, each with its reasons."""

from __future__ import annotations

import pytest

from sahur_core.code.locate.functions import callers, ranking
from tests.core.code.locate.functions.conftest import Shop
from tests.core.code.locate.functions.test_signals import TRACE


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("`pad_columns` pads too much\n\nColumns of a receipt are padded to 40.", "pad_columns"),
        ("Closing an empty till raises\n\nthe till 7 holds no coins at all", "Till.close"),
        ("Cart.add takes no amount of zero\n\n`add(item, amount=0)` throws", "Cart.add"),
        ("Total of an order ignores rounding", "Order.Total"),
        (TRACE, "write_receipt"),
    ],
)
def test_the_function_that_a_report_describes_comes_first(shop: Shop, text: str, function: str) -> None:
    first = shop.rank(text)[0]
    assert first.name == function
    assert first.score == 1.0
    assert first.reasons


def test_what_a_likely_function_calls_gets_a_share(shop: Shop) -> None:
    ranked = shop.rank("write_receipt is wrong\n\n`write_receipt` prints nothing")
    names = [function.name for function in ranked]
    assert names.index("pad_columns") < names.index("unused")
    reasons = ranked[names.index("pad_columns")].reasons
    assert "`write_receipt` calls it, to which the report points" in reasons


def test_the_order_is_the_same_every_time_and_ends_at_the_limit(shop: Shop) -> None:
    once, again = (shop.rank("something is slow in the shop", limit=3) for _ in range(2))
    assert once == again
    assert len(once) == 3
    assert [function.score for function in once] == sorted((function.score for function in once), reverse=True)


@pytest.mark.parametrize(
    "text", ["", "!!! ???", "\x00\r\n", "(" * 5000, "`" * 999], ids=["empty", "marks", "control", "brackets", "ticks"]
)
def test_odd_reports_are_no_error(shop: Shop, text: str) -> None:
    assert all(function.name for function in shop.rank(text))


def test_every_signal_has_a_weight_and_every_weight_a_signal(shop: Shop) -> None:
    look = shop.look("x")
    known = {*look.signals, *callers.caller_shares(0, {}, look.signals["file"].values[:0])}
    assert set(ranking.load("first")) | set(ranking.load("second")) == known


def test_only_signals_that_describe_may_have_negative_weights() -> None:
    describing = {"special", "private", "same_name"}
    for look in ("first", "second"):
        assert {name for name, weight in ranking.load(look).items() if weight < 0} <= describing
