"""Both vendors' fakes with the configuration that reaches them."""

from __future__ import annotations

from typing import Any

from sahur_core.config import InvestigateConfig, ModelConfig
from sahur_core.llm.client import ModelClient
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.llm_server import KEY, LlmServer, Script
from tests.fakes.openai_server import OpenAIServer

SERVERS: dict[str, type[LlmServer]] = {"openai": OpenAIServer, "anthropic": AnthropicServer}


def model_at(vendor: str, server: Any, **changes: Any) -> ModelConfig:
    fields: dict[str, Any] = {"name": f"{vendor}:{server.model}", "base_url": server.base_url, "api_key": KEY, "max_retries": 2}
    return ModelConfig(**{**fields, **changes})


def config_for(model: ModelConfig, **changes: Any) -> InvestigateConfig:
    return InvestigateConfig(fast=model, deep=model, **changes)


def serve(vendor: str, script: Script) -> LlmServer:
    return SERVERS[vendor](script)


class Patience:
    """Sleeps in the place of the client: remembers how long it was to wait, and does not."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def client_for(model: ModelConfig, patience: Patience | None = None) -> ModelClient:
    return ModelClient(config_for(model), sleep=(patience or Patience()).sleep)
