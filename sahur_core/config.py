"""Every knob of an investigation, with its meaning. `sahur.batch.bootstrap` fills it from the settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

OFFLINE = "offline"
"""Name of the rule-based model, which needs no language model."""


class ModelConfig(BaseModel):
    """Which model plays a role and how it is reached."""

    model_config = ConfigDict(frozen=True)

    name: str = OFFLINE
    """`provider:model` as LangChain's `init_chat_model` takes it, or `offline` for the rule-based model."""
    base_url: str = ""
    """Address of an OpenAI- or Anthropic-compatible server; empty for the vendor's own."""
    api_key: str = Field(default="", repr=False)
    """Empty: the vendor's own environment variable is used."""
    timeout_seconds: float = Field(default=120.0, gt=0)
    """Longest wait for one answer, from its question to its end."""
    max_retries: int = Field(default=3, ge=0)
    """How often a call is tried again after a rate limit, a time-out or a server error."""
    patience_seconds: float = 240.0
    """No further try of a call begins later than this after its first one."""
    max_answer_tokens: int = Field(default=8192, ge=256)
    """Longest answer. Anthropic's API wants a bound; the others are better with one."""
    fallbacks: tuple[ModelConfig, ...] = ()
    """Models, of other vendors maybe, that answer while this one cannot; in this order. Theirs are not looked at."""

    @property
    def identity(self) -> str:
        """What tells it from other models: its name and where it is asked. By it processes speak of models that rest."""
        return f"{self.name}@{self.base_url}"


class Price(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(frozen=True)

    input: float
    output: float
    cached_input: float | None = None
    """None: as any input."""


class Budget(BaseModel):
    """Limits of one run, or of a team's day. None: no limit. `ask_at` of each limit is the first rung, all of it the second."""

    model_config = ConfigDict(frozen=True)

    tokens: int | None = None
    cost_usd: float | None = None
    tool_calls: int | None = None
    seconds: float | None = None
    ask_at: float = 0.8
    """Part of a limit at which the first rung is reached."""
    asks: bool = True
    """What the first rung does: ask people whether to go on, or else conclude at once."""


class SafetyConfig(BaseModel):
    """What a model must not be told, and where its words may lead."""

    model_config = ConfigDict(frozen=True)

    known_secrets: tuple[str, ...] = Field(default=(), repr=False)
    """Credentials of this system, which are taken out of every text whatever they look like."""
    own_places: tuple[str, ...] = ()
    """Beginnings of addresses that may be links although no tool has shown them: SAHUR's own, the team's repositories."""
    link_hosts: tuple[str, ...] = ()
    """Hosts, their subdomains included, whose addresses may be links where the model has them from elsewhere."""


class InvestigateConfig(BaseModel):
    """The knobs of the `investigate` workflow."""

    model_config = ConfigDict(frozen=True)

    fast: ModelConfig = ModelConfig()
    """For triage and verification."""
    deep: ModelConfig = ModelConfig()
    """For the investigation and the answer."""
    prices: dict[str, Price] | None = None
    """By beginnings of models' names; None: the built-in list. Kept current by whoever runs the system."""
    budget: Budget = Budget()
    """Limits of the run."""
    day_budget: Budget = Budget()
    """Limits of all runs of the team on one day (UTC) together."""
    safety: SafetyConfig = SafetyConfig()
    max_steps: int = 40
    """Model calls in the loop before the run must conclude with what it has."""
    max_tool_result_chars: int = 12_000
    """What the model is shown of one tool result; the whole is kept under the receipt."""
    max_tools: int = 40
    """Schemas that a model is handed at once. Where there are more tools, it searches for those of foreign servers."""
    max_context_chars: int = 240_000
    """Budget of the conversation handed to the model; older uncited tool results are shortened first."""
    input_request_hours: float = 24.0
    """How long a question waits for a person before its default holds."""
    approval_hours: float | None = None
    """How long a call waits for its approval. None: as a question."""
    budget_request_hours: float | None = None
    """How long a run waits to hear whether it may spend more. None: as a question."""
    gateway_tries: int = 4
    """How often a request to the tool gateway is made before the run ends with `GatewayUnavailable`."""
    gateway_wait_seconds: float = 2.0
    """Wait after the first failed request; it grows by the same amount with each further one."""
