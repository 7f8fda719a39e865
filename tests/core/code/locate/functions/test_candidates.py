"""Candidates are functions as people name them."""

from __future__ import annotations

from tests.core.code.locate.functions.conftest import Shop


def test_what_is_inside_of_a_function_belongs_to_it(shop: Shop) -> None:
    names = [candidate.name for candidate in shop.field("closing fails").candidates]
    assert "Till.close" in names
    assert not [name for name in names if "inner" in name]


def test_a_getter_and_its_setter_are_one(shop: Shop) -> None:
    field = shop.field("closing fails")
    (balance,) = [candidate for candidate in field.candidates if candidate.name == "Till.balance"]
    assert balance.spans == [(12, 14), (16, 18)]
    assert balance.holds(17)
    assert not balance.holds(15)


def test_a_line_finds_its_function_and_a_name_wins_over_it(shop: Shop) -> None:
    field = shop.field("closing fails")
    at_line, by_name = field.find("shop/till.py", "", 22), field.find("shop/till.py", "count", 22)
    assert at_line is not None
    assert by_name is not None
    assert [field.candidates[number].name for number in (at_line, by_name)] == ["Till.close", "Drawer.count"]
    assert field.find("shop/till.py", "", 1) is None


def test_functions_of_every_language_are_candidates(shop: Shop) -> None:
    names = {candidate.name for candidate in shop.field("x").candidates}
    assert {"Order.Total", "Cart.add", "pad_columns", "Drawer.count"} <= names
