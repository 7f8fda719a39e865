"""What tokens cost, in US dollars per million tokens: list prices of the vendors, as of autumn 2026.

A name is matched by its longest known beginning, so that dated versions (`claude-sonnet-4-5-20250929`) find theirs.
An unknown model has no price: its cost is not known, which is not the same as free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sahur_core.config import Price

PRICES: Mapping[str, Price] = {
    "claude-3-5-haiku": Price(input=0.80, output=4.00, cached_input=0.08),
    "claude-haiku-4-5": Price(input=1.00, output=5.00, cached_input=0.10),
    "claude-sonnet-4": Price(input=3.00, output=15.00, cached_input=0.30),
    "claude-opus-4-1": Price(input=15.00, output=75.00, cached_input=1.50),
    "claude-opus-4-5": Price(input=5.00, output=25.00, cached_input=0.50),
    "gpt-4o-mini": Price(input=0.15, output=0.60, cached_input=0.075),
    "gpt-4o": Price(input=2.50, output=10.00, cached_input=1.25),
    "gpt-4.1-mini": Price(input=0.40, output=1.60, cached_input=0.10),
    "gpt-4.1": Price(input=2.00, output=8.00, cached_input=0.50),
    "gpt-5-mini": Price(input=0.25, output=2.00, cached_input=0.025),
    "gpt-5": Price(input=1.25, output=10.00, cached_input=0.125),
    "offline": Price(input=0.0, output=0.0),
}
CACHE_WRITE = 1.25
"""What a token costs that the vendor puts into its cache, as a multiple of other input (Anthropic, kept for 5 minutes:
https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#pricing). Vendors that ask nothing count none."""


@dataclass(frozen=True)
class FoundPrice:
    """The price that holds for a model, the name under which it stands, and whether people put it there."""

    name: str
    price: Price
    is_edited: bool


def find_price(model: str, edited: Mapping[str, Price] | None = None) -> FoundPrice | None:
    """The price of a model, named with or without its provider; None if it is not known.

    `edited` is the table that people keep; it goes before the built-in list, also where that knows a longer name.
    """
    named = model.rpartition("/")[2]
    for table, is_edited in ((edited or {}, True), (PRICES, False)):
        for name in (named, named.partition(":")[2]):
            known = [beginning for beginning in table if _begins(name, beginning)]
            if known:
                longest = max(known, key=len)
                return FoundPrice(longest, table[longest], is_edited)
    return None


def price_of(model: str, edited: Mapping[str, Price] | None = None) -> Price | None:
    """Only the price of `find_price`."""
    found = find_price(model, edited)
    return found.price if found else None


def cost_of(
    model: str,
    input_tokens: int,
    output_tokens: int,
    *,
    cached: int = 0,
    written: int = 0,
    edited: Mapping[str, Price] | None = None,
) -> float | None:
    """US dollars for one call; None if the model's price is not known.

    Of the input tokens, `cached` were in the vendor's prompt cache and `written` were put there by this call.
    """
    price = price_of(model, edited)
    if price is None:
        return None
    cached_price = price.input if price.cached_input is None else price.cached_input
    plain = max(0, input_tokens - cached - written)
    spent = plain * price.input + cached * cached_price + written * price.input * CACHE_WRITE + output_tokens * price.output
    return spent / 1_000_000


def _begins(name: str, prefix: str) -> bool:
    """`gpt-4o-2024-08-06` begins with `gpt-4o`; `gpt-4oo` and `gpt-5.5` do not begin with a known name."""
    return name == prefix or name.startswith(f"{prefix}-")
