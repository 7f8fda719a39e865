"""What the REST door answers about the installation: its models and their prices. Nothing here ever shows a key."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from sahur.api.shapes import Shape

PartName = Literal["deep", "fast", "fallback", "choice"]
KeyStateName = Literal["set", "not_needed", "vendor_variable"]
PriceSource = Literal["own", "built_in"]


class ModelRest(Shape):
    """A model that is left alone for a while."""

    until: datetime
    reason: str = Field(description="rate_limited, or the code of the error of its last call; empty if nobody told")


class PriceInUse(Shape):
    """US dollars per million tokens."""

    input: float
    output: float
    cached_input: float | None = Field(description="null: as any input")
    name: str = Field(description="The beginning of the model's name under which the price stands")
    source: PriceSource


class ConfiguredModel(Shape):
    name: str = Field(description="provider:model, or offline for the rules")
    vendor: str
    host: str = Field(description="Of its server; empty: the vendor's own")
    key: KeyStateName = Field(description="vendor_variable: the workers look in their vendor's own environment variable")
    parts: list[PartName]
    timeout_seconds: float
    max_answer_tokens: int
    rest: ModelRest | None = Field(description="null: it may be asked")
    price: PriceInUse | None = Field(description="null: unknown, and so is the cost of its runs")


class SettingProblem(Shape):
    detail: str
    next_step: str


class ModelPrice(Shape):
    """A price that staff keep, in US dollars per million tokens. It goes before the built-in list."""

    name: str = Field(description="How the model's name begins, without its provider")
    input: float
    output: float
    cached_input: float | None = Field(description="null: as any input")
    changed_at: datetime


class BuiltInPrice(Shape):
    name: str
    input: float
    output: float
    cached_input: float | None


class UnpricedModel(Shape):
    """It answered within the last thirty days and has no price."""

    name: str
    calls: int


class Models(Shape):
    """The models of all roles, and what they cost."""

    models: list[ConfiguredModel] = Field(description="Deep, fast, the fallbacks in their order, those that people may choose")
    problem: SettingProblem | None = Field(description="Why the settings cannot be used; there are no models then")
    knows_rests: bool = Field(description="false: the cache could not be asked which models rest")
    context_chars: int = Field(description="Characters of conversation that a model is handed at most")
    prices: list[ModelPrice]
    built_in_prices: list[BuiltInPrice]
    unpriced: list[UnpricedModel]


class ModelChoice(Shape):
    """A model that a run may be asked to use."""

    name: str
    is_default: bool = Field(description="The one that is used when none is named")
    rest: ModelRest | None


class ModelChoices(Shape):
    results: list[ModelChoice]
