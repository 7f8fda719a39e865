"""Clues add up to a score, one per kind, and never to certainty."""

from __future__ import annotations

import pytest

from sahur_core.code.locate.suspects import Score, noisy_or


def test_independent_clues_add_up_below_one() -> None:
    assert noisy_or([0.5, 0.5]) == pytest.approx(0.75)
    assert noisy_or([]) == 0
    assert noisy_or([1.0, 1.0]) < 1
    assert noisy_or([-1.0]) == 0


def test_of_one_kind_only_the_strongest_clue_counts() -> None:
    score = Score()
    score.add("frame", 0.5, "frame 1")
    score.add("frame", 0.4, "frame 2")
    assert score.value == pytest.approx(0.5)
    score.add("name", 0.5, "its name")
    assert score.value == pytest.approx(0.75)


def test_reasons_come_strongest_first_and_once() -> None:
    score = Score()
    for weight, reason in ((0.1, "weak"), (0.5, "strong"), (0.3, "weak")):
        score.add("frame", weight, reason)
    assert score.reasons == ["strong", "weak"]
