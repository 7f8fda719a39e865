"""How the installation is set up, as far as admins may see it, and what staff may change. No key ever comes out of here.

Like `actions`: each function checks the right itself; what changes something leaves an audit entry and may be asked twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.batch import model_rests, model_settings
from sahur.issues import models, spending
from sahur.issues.redaction import clean_text
from sahur.issues.services import prices
from sahur_core.config import OFFLINE, ModelConfig, Price
from sahur_core.errors import ModelMisconfigured
from sahur_core.llm.named import NO_KEY, keys_of, stand_in
from sahur_core.llm.prices import FoundPrice, find_price

UNPRICED_DAYS = 30
"""For so long a model whose calls had no price is named to staff."""


class Part(StrEnum):
    """What a model is there for."""

    DEEP = "deep"
    FAST = "fast"
    FALLBACK = "fallback"
    CHOICE = "choice"


class KeyState(StrEnum):
    """Whether there is a key. `VENDOR_VARIABLE`: the workers look for one in their vendor's own environment variable."""

    SET = "set"
    NOT_NEEDED = "not_needed"
    VENDOR_VARIABLE = "vendor_variable"


@dataclass(frozen=True)
class ModelInUse:
    """A configured model. `host` is empty for the vendor's own; `rest` is None while it may be asked."""

    config: ModelConfig
    parts: tuple[Part, ...]
    rest: model_rests.Rest | None
    price: FoundPrice | None

    @property
    def vendor(self) -> str:
        return self.config.name.partition(":")[0]

    @property
    def host(self) -> str:
        """Without credentials that may stand in the address."""
        return urlsplit(self.config.base_url).netloc.rpartition("@")[2]

    @property
    def key(self) -> KeyState:
        if self.config.name == OFFLINE or self.config.api_key == NO_KEY:
            return KeyState.NOT_NEEDED
        return KeyState.SET if self.config.api_key else KeyState.VENDOR_VARIABLE


@dataclass(frozen=True)
class ModelsInUse:
    """All configured models: the deep one, the fast one, the fallbacks in their order, those people may choose.

    `problem` is why the settings cannot be used; there are no models then. `knows_rests`: whether the cache could be asked.
    """

    models: tuple[ModelInUse, ...]
    problem: ModelMisconfigured | None
    knows_rests: bool


@dataclass(frozen=True)
class UnpricedModel:
    """A model that answered and whose price is not known: the cost of its runs is not known either."""

    name: str
    calls: int


def models_in_use(actor: Actor) -> ModelsInUse:
    """Raises `NotPermitted` for who is no admin anywhere."""
    actor.require_any_admin()
    try:
        found = list(_configured())
    except ModelMisconfigured as error:
        # A setting may be at fault in which a key stands by mistake.
        told = ModelMisconfigured(clean_text(error.message), next_step=clean_text(error.next_step))
        return ModelsInUse((), told, knows_rests=True)
    rests = model_rests.resting([config.identity for config, _ in found])
    edited = prices.current()
    used = tuple(
        ModelInUse(config, parts, (rests or {}).get(config.identity), find_price(config.name, edited)) for config, parts in found
    )
    return ModelsInUse(used, None, knows_rests=rests is not None)


def _configured() -> Iterator[tuple[ModelConfig, tuple[Part, ...]]]:
    """Each model once, with all that it is there for. Raises `ModelMisconfigured`."""
    fast, deep = model_settings.role_models()
    keys = keys_of(settings.MODEL_KEYS)
    choices = [stand_in(spec, (deep, fast), keys, setting="SAHUR_MODEL_CHOICES") for spec in settings.MODEL_CHOICES]
    in_order = [(deep, Part.DEEP), (fast, Part.FAST)]
    in_order += [(config, Part.FALLBACK) for config in (*deep.fallbacks, *fast.fallbacks)]
    in_order += [(config, Part.CHOICE) for config in choices]
    parts: dict[str, list[Part]] = {}
    first: dict[str, ModelConfig] = {}
    for config, part in in_order:
        first.setdefault(config.identity, config)
        known = parts.setdefault(config.identity, [])
        if part not in known:
            known.append(part)
    return ((config, tuple(parts[identity])) for identity, config in first.items())


def model_choices() -> list[tuple[ModelConfig, model_rests.Rest | None]]:
    """The models that a person may ask a run to use, the usual one first, and whether they rest.

    Raises `ModelMisconfigured`.
    """
    configs = list(model_settings.choosable().values())
    rests = model_rests.resting([config.identity for config in configs]) or {}
    return [(config, rests.get(config.identity)) for config in configs]


def unpriced_models(actor: Actor) -> list[UnpricedModel]:
    """Models that answered lately, in any team, and have no price even now. Raises `NotPermitted`."""
    actor.require_any_admin()
    edited = prices.current()
    since = timezone.now().date() - timedelta(days=UNPRICED_DAYS)
    return [UnpricedModel(name, calls) for name, calls in spending.unpriced_calls(since) if find_price(name, edited) is None]


def list_prices(actor: Actor) -> list[models.ModelPrice]:
    """The prices that staff keep. Raises `NotPermitted`."""
    actor.require_any_admin()
    return prices.list_prices()


def set_price(actor: Actor, name: str, price: Price) -> models.ModelPrice:
    """Keep what a model costs, for all teams. Raises `NotPermitted` and `InputError`."""
    actor.require_staff()
    with transaction.atomic():
        row = prices.set_price(name, price)
        audit.record(actor, "model_price.set", name, detail=price.model_dump())
    return row


def remove_price(actor: Actor, name: str) -> None:
    """The built-in list, if it knows the model, holds again. Raises `NotPermitted`."""
    actor.require_staff()
    with transaction.atomic():
        if prices.remove_price(name):
            audit.record(actor, "model_price.removed", name)
