"""What tokens cost, in US dollars per million tokens: list prices of the vendors, as of autumn 2026.

A name is matched by its longest known beginning, so that dated versions (`claude-sonnet-4-5-20250929`) find theirs.
An unknown model has no price: its cost is not known, which is not the same as free.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float


PRICES: dict[str, Price] = {
    "claude-3-5-haiku": Price(0.80, 4.00),
    "claude-haiku-4-5": Price(1.00, 5.00),
    "claude-sonnet-4": Price(3.00, 15.00),
    "claude-opus-4-1": Price(15.00, 75.00),
    "claude-opus-4-5": Price(5.00, 25.00),
    "gpt-4o-mini": Price(0.15, 0.60),
    "gpt-4o": Price(2.50, 10.00),
    "gpt-4.1-mini": Price(0.40, 1.60),
    "gpt-4.1": Price(2.00, 8.00),
    "gpt-5-mini": Price(0.25, 2.00),
    "gpt-5": Price(1.25, 10.00),
    "offline": Price(0.0, 0.0),
}


def price_of(model: str) -> Price | None:
    """The price of a model, named with or without its provider; None if it is not known."""
    name = model.rpartition("/")[2].partition(":")[2] or model.rpartition("/")[2]
    known = [prefix for prefix in PRICES if _begins(name, prefix)]
    return PRICES[max(known, key=len)] if known else None


def cost_of(model: str, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars for one call; None if the model's price is not known."""
    price = price_of(model)
    if price is None:
        return None
    return (input_tokens * price.input + output_tokens * price.output) / 1_000_000


def _begins(name: str, prefix: str) -> bool:
    """`gpt-4o-2024-08-06` begins with `gpt-4o`; `gpt-4oo` and `gpt-5.5` do not begin with a known name."""
    return name == prefix or name.startswith(f"{prefix}-")
