"""Both vendors' fakes with the configuration that reaches them."""

from __future__ import annotations

from typing import Any

from sahur_core.config import InvestigateConfig, ModelConfig
from sahur_core.llm.client import ModelClient
from sahur_core.llm.rests import Rests
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.llm_server import KEY, LlmServer, Script
from tests.fakes.openai_server import OpenAIServer

SERVERS: dict[str, type[LlmServer]] = {"openai": OpenAIServer, "anthropic": AnthropicServer}
OTHER = {"openai": "anthropic", "anthropic": "openai"}


def model_at(vendor: str, server: Any, **changes: Any) -> ModelConfig:
    fields: dict[str, Any] = {"name": f"{vendor}:{server.model}", "base_url": server.base_url, "api_key": KEY, "max_retries": 2}
    return ModelConfig(**{**fields, **changes})


def config_for(model: ModelConfig, **changes: Any) -> InvestigateConfig:
    return InvestigateConfig(fast=model, deep=model, **changes)


def serve(vendor: str, script: Script, **options: Any) -> LlmServer:
    return SERVERS[vendor](script, **options)


class Patience:
    """Sleeps in the place of the client: remembers how long it was to wait, and does not."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def client_for(model: ModelConfig, patience: Patience | None = None, clock: Clock | None = None, **changes: Any) -> ModelClient:
    rests = Rests(clock or Clock())
    return ModelClient(config_for(model, **changes), sleep=(patience or Patience()).sleep, rests=rests)
