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
        ("`pad_columns` is wrong", "named", {"pad_columns"}),
        ("Wrong pad_columns\n\nIt is.", "named_title", {"pad_columns"}),
        ("I called pad_columns(x)", "called", {"pad_columns"}),
        ("Till.close is slow", "qualified", {"Till.close"}),
        ("`Cart` is slow", "class_named", {"Cart.add", "Cart.notify"}),
        ("`Till` cannot be counted", "inherited", {"Drawer.count"}),
        ("`Till().count()` is wrong", "inherited_method", {"Drawer.count"}),
        ("`Till` is wrong", "heir", {"BigTill.sort"}),
        ("`Till('EUR')` fails", "class_made", {"Till.__init__"}),
        ("Wrong: the till 7 holds no coins at all", "text", {"Till.close"}),
        ("Closing with `force=True` does nothing", "parameter_set", {"Till.close"}),
        ("Rounding is wrong\n\nThe rounding of totals", "name_covered_report", {"Order.Total"}),
        ("Columns are padded wrongly", "name_of_title", {"pad_columns"}),
        ("How many coins", "doc_title", {"Drawer.count"}),
        ("It says RangeError", "raises", {"Cart.add"}),
        ('The style "narrow" is odd', "quotes", {"Till.close"}),
        (TRACE, "stack_last", {"write_receipt"}),
        (TRACE, "stack", {"Till.close", "write_receipt"}),
    ],
)
def test_a_signal_speaks_for_the_right_functions(shop: Shop, text: str, signal: str, functions: set[str]) -> None:
    look = shop.look(text)
    assert look.best(signal) == functions
    assert all(look.reason(signal, function) for function in functions)


@pytest.mark.parametrize(
    ("text", "signal", "function", "reason"),
    [
        ("`Till` cannot be counted", "inherited", "Drawer.count", "`Till`, named in the report, inherits it from `Drawer`"),
        ("With `force=True`", "parameter_set", "Till.close", "its parameter `force` is set in the report"),
        (TRACE, "stack_last", "write_receipt", "frame 2 of the stack trace, line 6: the innermost of ours"),
        ("I saw: the till x holds no coins", "text", "Till.close", "may write “holds no coins”, which the report repeats"),
    ],
)
def test_reasons_are_in_words(shop: Shop, text: str, signal: str, function: str, reason: str) -> None:
    assert shop.look(text).reason(signal, function) == reason


def test_words_in_prose_are_no_names(shop: Shop) -> None:
    look = shop.look("We close the shop and add what was sold")
    assert look.best("named") == set()


def test_parameters_are_read_in_every_language(shop: Shop) -> None:
    for keyword, function in (("rounding", "Order.Total"), ("amount", "Cart.add"), ("style", "write_receipt")):
        assert shop.look(f"The `{keyword}` is ignored").best("parameter_ticked") == {function}


def test_calls_are_followed_on_the_object_and_across_files(shop: Shop) -> None:
    calls = shop.look("x").calls
    assert calls["Cart.add"] == {"Cart.notify"}
    assert calls["Till.close"] == {"write_receipt"}
    assert calls["write_receipt"] == {"pad_columns"}
