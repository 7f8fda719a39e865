"""What the REST door answers about the installation: models, upstreams. Nothing here ever shows a credential."""

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


class UpstreamTool(Shape):
    name: str = Field(description="The upstream's own name; callers know it as upstream__name")
    description: str = Field(description="Its first line, as the upstream says it")
    risk: Literal["read", "write", "destroy"]
    permission: Literal["allow", "ask", "deny"]
    reason: str = Field(description="Why it has this permission")
    has_changed: bool = Field(description="It describes itself otherwise than when it was first seen")


class UpstreamRules(Shape):
    """What its entry in the gateway's file says."""

    allow: list[str]
    ask: list[str]
    deny: list[str]
    risk: dict[str, str]
    timeout_seconds: float
    max_concurrency: int
    cache_seconds: float
    session: str
    hosts: list[str] = Field(description="Whose links a run may read with its tools")


class Upstream(Shape):
    name: str
    kind: str = Field(description="own, stdio or http; empty where its entry cannot be used")
    state: Literal["ready", "connecting", "down", "misconfigured", "disabled"]
    breaker: Literal["closed", "open", "half_open"] = Field(description="open: it is left alone for some seconds")
    is_well: bool
    problem: str = Field(description="Why it is not ready, and what to do; in short for who is not staff")
    last_failure: str = Field(description="Of its transport, also where it is well again")
    last_failed_at: datetime | None
    protocol: str
    resource_count: int
    prompt_count: int
    under_way: int
    calls: int = Field(description="Within 24 hours, by your teams; by all teams for staff")
    errors: int
    last_called_at: datetime | None
    rules: UpstreamRules
    tools: list[UpstreamTool]


class Upstreams(Shape):
    """The gateway, as it was at most some seconds ago, and the servers behind it."""

    version: str
    loaded_at: datetime = Field(description="When the configuration that holds now was read")
    configuration_problem: str
    receipts_problem: str = Field(description="Why no call is made at present")
    upstreams: list[Upstream]
