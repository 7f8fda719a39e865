"""Accuracy among the first k."""

from __future__ import annotations

import pytest

from sahur_core.code.evaluate.scoring import ranks, score


def test_the_rank_of_a_name_is_its_first_place():
    assert ranks(["b", "x", "a"], ["a", "b", "b"]) == [2, None, 1]


def test_all_gold_must_be_among_the_first_k_and_any_needs_one():
    result = score([[1, 4], [2], [None]], seed=1)
    by_k = {entry.k: entry for entry in result.accuracies}
    assert by_k[1].all_gold == 0
    assert by_k[1].any_gold == pytest.approx(100 / 3)
    assert by_k[3].all_gold == pytest.approx(100 / 3)
    assert (by_k[5].all_gold, by_k[5].any_gold) == (pytest.approx(200 / 3), pytest.approx(200 / 3))
    assert result.mean_reciprocal_rank == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_the_interval_holds_the_figure_and_is_the_same_for_the_same_seed():
    rows = [[1]] * 70 + [[None]] * 30
    first, again = score(rows, seed=3), score(rows, seed=3)
    assert first == again
    entry = first.accuracies[0]
    assert 0 < entry.low < entry.all_gold < entry.high < 100


def test_no_questions_have_no_accuracy():
    assert score([], seed=1).accuracies == []
