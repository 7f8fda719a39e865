"""Each signal speaks for the functions that it should, and says why."""

from __future__ import annotations

import pytest

from tests.core.code.locate.functions.conftest import Shop

TRACE = """Printing fails
Traceback (most recent call last):
  File "/app/shop/till.py", line 25, in close
    return write_receipt(self, inner(), style="narrow")
  File "/app/shop/receipt.py", line 6, in write_receipt
    return pad_columns(lines) + style
TypeError: can only concatenate list
"""


@pytest.mark.parametrize(
    ("text", "signal", "functions"),
    [
        ("Rounding is wrong\n\nThe rounding of totals", "full_name_covered", {"Order.Total"}),
        ("Columns are padded wrongly", "full_name_of_title", {"pad_columns"}),
        ("`Till` cannot be counted", "inherited", {"Drawer.count"}),
        ("`Till('EUR')` fails", "class_made", {"Till.__init__"}),
        ("Wrong: the till 7 holds no coins at all", "text", {"Till.close"}),
        ('The style "narrow" is odd', "quotes", {"Till.close"}),
        (TRACE, "stack_last", {"write_receipt"}),
        (TRACE, "stack", {"Till.close", "write_receipt"}),
    ],
)
def test_a_signal_speaks_for_the_right_functions(shop: Shop, text: str, signal: str, functions: set[str]) -> None:
    look = shop.look(text)
    assert look.best(signal) == functions
    assert all(look.reason(signal, function) for function in functions) or signal.startswith("full_name")


@pytest.mark.parametrize(
    ("text", "signal", "function", "reason"),
    [
        ("`Till` cannot be counted", "inherited", "Drawer.count", "`Till`, named in the report, inherits it from `Drawer`"),
        (TRACE, "stack_last", "write_receipt", "frame 2 of the stack trace, line 6: the innermost of ours"),
        ("I saw: the till x holds no coins", "text", "Till.close", "may write “holds no coins”, which the report repeats"),
    ],
)
def test_reasons_are_in_words(shop: Shop, text: str, signal: str, function: str, reason: str) -> None:
    assert shop.look(text).reason(signal, function) == reason


def test_calls_are_followed_on_the_object_and_across_files(shop: Shop) -> None:
    calls = shop.look("x").calls
    assert calls["Cart.add"] == {"Cart.notify"}
    assert calls["Till.close"] == {"write_receipt"}
    assert calls["write_receipt"] == {"pad_columns"}
