"""The table of models' prices, which staff keep, as every process reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from django.utils import timezone

from sahur.issues import models
from sahur_core.config import Price
from sahur_core.errors import InputError
from sahur_core.tools.storable import is_storable

MAX_PRICE = 1_000_000
"""US dollars per million tokens: far above any vendor's, and low enough that sums of costs stay numbers."""

MAX_NAME_CHARS = 200

CACHE_SECONDS = 30.0
"""How long a changed price may go unnoticed by a process that has read the table before."""


class _Cache:
    """The table as it was read last. Several threads of a worker may ask at once; reading twice does no harm."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: tuple[float, Mapping[str, Price]] | None = None

    def get(self) -> Mapping[str, Price]:
        with self._lock:
            known = self._read
        if known is not None and time.monotonic() - known[0] < CACHE_SECONDS:
            return known[1]
        fresh = _read()
        with self._lock:
            self._read = (time.monotonic(), fresh)
        return fresh

    def forget(self) -> None:
        with self._lock:
            self._read = None


_cache = _Cache()


def current() -> Mapping[str, Price]:
    """The edited prices by beginnings of models' names. The built-in list holds for all others."""
    return _cache.get()


def forget() -> None:
    """The table has changed in this process: the next reader sees it at once."""
    _cache.forget()


def list_prices() -> list[models.ModelPrice]:
    """The rows of the table, by name."""
    return list(models.ModelPrice.objects.order_by("name"))


def set_price(name: str, price: Price) -> models.ModelPrice:
    """Keep a price, in the place of any earlier one of that name. Raises `InputError`."""
    if problem := name_problem(name):
        raise InputError(problem, field="name")
    for field in ("input", "output", "cached_input"):
        value = getattr(price, field)
        if problem := amount_problem(value):
            raise InputError(problem, field=field)
    if problem := cached_problem(price.cached_input, price.input):
        raise InputError(problem, next_step="Leave it empty if it costs as much.", field="cached_input")
    row, _ = models.ModelPrice.objects.update_or_create(name=name, defaults={**price.model_dump(), "changed_at": timezone.now()})
    forget()
    return row


def remove_price(name: str) -> bool:
    """Take a price out of the table; whether it was there."""
    if not is_storable(name):
        return False
    removed, _ = models.ModelPrice.objects.filter(name=name).delete()
    forget()
    return removed > 0


def amount_problem(value: float | None) -> str:
    """Why nothing costs this; empty if something may."""
    # What is no number is not between these either.
    if value is not None and not 0 <= value <= MAX_PRICE:
        return f"A price is US dollars per million tokens, from 0 to {MAX_PRICE:,}."
    return ""


def cached_problem(cached: float | None, plain: float | None) -> str:
    """Why no vendor asks this price for tokens of its cache; empty if one may."""
    if cached is not None and plain is not None and cached > plain:
        return "Cached input never costs more than other input."
    return ""


def name_problem(name: str) -> str:
    """Why no model would ever be found under this name; empty if one could."""
    if not name or not name.isprintable() or any(character.isspace() for character in name):
        return "Write the beginning of the model's name, without spaces."
    if len(name) > MAX_NAME_CHARS:
        return f"A model's name has at most {MAX_NAME_CHARS} characters."
    if "/" in name:
        return f"Leave out what stands before the slash: {name.rpartition('/')[2]}."
    vendor, colon, rest = name.partition(":")
    if colon and vendor in ("anthropic", "openai", "google_genai", "google_vertexai", "mistralai", "ollama", "bedrock"):
        return f"Leave the provider out: {rest}."
    return ""


def _read() -> Mapping[str, Price]:
    rows = models.ModelPrice.objects.all()
    return {row.name: Price(input=row.input, output=row.output, cached_input=row.cached_input) for row in rows}
