"""What an answer cost, from what its vendor counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from langchain_core.messages import AIMessage

from sahur_core.config import Price
from sahur_core.issues import Usage
from sahur_core.llm.prices import cost_of

SpentListener = Callable[[Usage], object]


class Tally:
    """Sums what the tries of one call cost, also those whose answer could not be used."""

    def __init__(self, prices: Mapping[str, Price] | None, on_lost: SpentListener | None = None) -> None:
        self._prices = prices
        self._on_lost = on_lost
        self.total = Usage()

    def tell_lost(self) -> None:
        """No answer could be used; what they cost is spent all the same."""
        if self._on_lost and self.total.model_calls:
            self._on_lost(self.total)

    def add(self, answer: AIMessage, model: str) -> None:
        """Count one answer. `model` is the configured name; the server's own name for it goes before."""
        self.total = add_usage(self.total, usage_of(answer, model, self._prices))


def usage_of(answer: AIMessage, model: str, prices: Mapping[str, Price] | None = None) -> Usage:
    """The usage of one answer. A server that does not count tokens leaves the cost unknown."""
    name = str(answer.response_metadata.get("model_name") or model)
    told = answer.usage_metadata
    if told is None:
        return Usage(model=name, model_calls=1)
    cached, written = _cached(answer)
    # By the server's name, which has the version; some servers tell a name that only they know.
    costs = [
        cost_of(known, told["input_tokens"], told["output_tokens"], cached=cached, written=written, edited=prices)
        for known in (name, model)
    ]
    return Usage(
        model=name,
        model_calls=1,
        input_tokens=told["input_tokens"],
        output_tokens=told["output_tokens"],
        cached_input_tokens=cached,
        cost_usd=next((cost for cost in costs if cost is not None), None),
    )


def _cached(answer: AIMessage) -> tuple[int, int]:
    """Input tokens that were read from the vendor's cache, and those that were written to it.

    OpenAI's names bear the service tier (`priority_cache_read`); Anthropic also counts writes by how long they are kept.
    """
    details: Mapping[str, object] = answer.usage_metadata.get("input_token_details", {}) if answer.usage_metadata else {}
    counts = {name: count for name, count in details.items() if isinstance(count, int)}
    read = sum(count for name, count in counts.items() if name.endswith("cache_read"))
    written = sum(
        count
        for name, count in counts.items()
        if name.endswith("cache_creation") or (name.startswith("ephemeral_") and name.endswith("_input_tokens"))
    )
    return read, written


def add_usage(first: Usage, second: Usage) -> Usage:
    """The sum. A part of unknown cost makes the whole unknown; the newer model's name is kept."""
    costs = [usage.cost_usd for usage in (first, second) if usage.model_calls]
    known = [cost for cost in costs if cost is not None]
    return Usage(
        model=second.model or first.model,
        model_calls=first.model_calls + second.model_calls,
        input_tokens=first.input_tokens + second.input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        cached_input_tokens=first.cached_input_tokens + second.cached_input_tokens,
        cost_usd=sum(known) if len(known) == len(costs) and costs else None,
    )
