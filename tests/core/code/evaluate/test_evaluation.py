"""Asking `locate` a repository's own past."""

from __future__ import annotations

import pytest

from sahur_core.code.evaluate.evaluation import Results, evaluate
from sahur_core.code.evaluate.fixes import find_fixes
from sahur_core.code.opening import open_repository
from sahur_core.errors import InputError

PRICE = "def rounded_price(price):\n    return int(price)\n"
STOCK = "def stock_left(store):\n    return store.count()\n"


@pytest.fixture
def opened(origin, tmp_path):
    origin.commit("Begin the shop", {"price.py": PRICE, "stock.py": STOCK})
    origin.commit("Fix rounded_price for a negative price", {"price.py": PRICE.replace("int(", "round(")})
    origin.commit("Fix stock_left of an empty store", {"stock.py": STOCK.replace("count()", "count() or 0")})
    return open_repository(str(origin.path), "main", tmp_path / "cache", lambda _: None)


def past(opened):
    return find_fixes(opened.repository, opened.directory / "git", opened.commit, limit=10).fixes


def test_both_rankers_answer_each_question(opened):
    outcomes = list(evaluate(opened, past(opened), Results(None, {}), lambda _: None))
    assert [outcome.files for outcome in outcomes] == [{"locate": [1], "bm25": [1]}] * 2
    assert [outcome.functions["locate"] for outcome in outcomes] == [[1], [1]]
    assert all(outcome.is_named for outcome in outcomes)
    assert all(set(outcome.seconds) == {"index", "locate", "bm25"} for outcome in outcomes)


def test_kept_results_are_not_asked_again(opened, tmp_path):
    kept = tmp_path / "results.jsonl"
    first = next(evaluate(opened, past(opened), Results(kept, {"limit": 2}), lambda _: None))
    asked: list[str] = []
    outcomes = list(evaluate(opened, past(opened), Results(kept, {"limit": 2}), asked.append))
    assert outcomes[0] == first
    assert asked == ["Question 2 of 2"]


def test_results_of_other_settings_are_not_mixed_in(tmp_path):
    Results(tmp_path / "results.jsonl", {"limit": 2})
    with pytest.raises(InputError, match="other settings"):
        Results(tmp_path / "results.jsonl", {"limit": 3})


def test_a_file_that_is_something_else_is_left_alone(tmp_path):
    kept = tmp_path / "notes.txt"
    kept.write_text("my notes\n")
    with pytest.raises(InputError, match="cannot be used"):
        Results(kept, {})
    assert kept.read_text() == "my notes\n"
