"""Fits the weights of a softmax over candidates: the gold ones shall be as likely as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MAX_STEPS = 2000
TOLERANCE = 1e-7
MAX_GOLD = 6
"""A fix that touches more places is no example of where a cause is."""


@dataclass(frozen=True)
class Example:
    """The candidates of one report: a row of signals each, and which of them the fix touched."""

    values: np.ndarray
    is_gold: np.ndarray

    @property
    def is_usable(self) -> bool:
        return 0 < self.is_gold.sum() <= MAX_GOLD


def fit(examples: Sequence[Example], is_free: np.ndarray, l2: float, prior: np.ndarray | None = None) -> np.ndarray:
    """Weights that maximize the likelihood less `l2 / 2` times their squared distance from `prior`, those that are not
    free at least 0. By projected gradient steps with Nesterov's momentum, restarted whenever the value rises."""
    used = [example for example in examples if example.is_usable]
    center = np.zeros(len(is_free)) if prior is None else prior
    lowest = np.where(is_free, -np.inf, 0.0)
    weights = np.maximum(center, lowest)
    value, _ = _loss(used, weights, center, l2)
    ahead, momentum, step = weights.copy(), 1.0, 1.0
    for _ in range(MAX_STEPS):
        there, slope = _loss(used, ahead, center, l2)
        while True:
            after = np.maximum(ahead - step * slope, lowest)
            moved = after - ahead
            reached, _ = _loss(used, after, center, l2)
            if reached <= there + slope @ moved + moved @ moved / (2 * step) + 1e-9 or step < 1e-8:
                break
            step /= 2
        if reached > value:
            ahead, momentum = weights.copy(), 1.0
            if step < 1e-8:
                break
            continue
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = after + (momentum - 1) / following * (after - weights)
        is_done = value - reached < TOLERANCE * max(1.0, abs(value))
        weights, value, momentum = after, reached, following
        if is_done:
            break
        step *= 1.2
    return weights


def _loss(examples: Sequence[Example], weights: np.ndarray, center: np.ndarray, l2: float) -> tuple[float, np.ndarray]:
    away = weights - center
    value, slope = 0.5 * l2 * float(away @ away), l2 * away
    for example in examples:
        scores = example.values @ weights
        scores = scores - scores.max()
        chances = np.exp(scores)
        total = chances.sum()
        gold = example.is_gold / example.is_gold.sum()
        value -= float(gold @ (scores - np.log(total)))
        slope = slope - example.values.T @ (gold - chances / total)
    return value, slope
