"""The chat model behind a configured name."""

from __future__ import annotations

from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr, ValidationError

from sahur_core.config import ModelConfig
from sahur_core.errors import ModelMisconfigured
from sahur_core.llm.failures import missing_key, vendor_errors
from sahur_core.llm.offline.model import OFFLINE, OfflineModel


def make_chat_model(config: ModelConfig) -> BaseChatModel:
    """The model that `config` names. Raises `ModelMisconfigured` with what to do about it."""
    if config.name.partition(":")[0] == OFFLINE:
        return OfflineModel()
    options: dict[str, Any] = {"timeout": config.timeout_seconds, "max_retries": 0, "max_tokens": config.max_answer_tokens}
    if config.base_url:
        options["base_url"] = config.base_url
    if config.api_key:
        options["api_key"] = config.api_key
    try:
        return with_key(_made(config.name, options), config.name)
    except ImportError as error:
        raise ModelMisconfigured(
            f"The package for the model {config.name} is not installed ({error.name or error}).",
            next_step="Install it into the environment of the workers, or choose an anthropic: or openai: model.",
        ) from error
    except ValidationError as error:
        fields = ", ".join(str(detail["loc"][0]) for detail in error.errors() if detail["loc"]) or "its settings"
        raise ModelMisconfigured(
            f"The model {config.name} cannot be used with these settings ({fields}).",
            next_step="Set SAHUR_MODEL_API_KEY and, for a server of your own, SAHUR_MODEL_BASE_URL.",
        ) from error
    except ValueError as error:
        raise ModelMisconfigured(
            f"The model name {config.name!r} is not known.",
            next_step="Set SAHUR_MODEL to provider:model, such as anthropic:claude-sonnet-4-5, or leave it empty.",
        ) from error
    except vendor_errors() as error:
        # Before any request: the library misses its key.
        raise missing_key(config.name) from error


def _made(name: str, options: dict[str, Any]) -> BaseChatModel:
    vendor, _, model = name.partition(":")
    # The vendors' libraries are loaded only here: they take their time.
    if vendor == "anthropic":
        from sahur_core.llm.anthropic_model import AnthropicModel

        return AnthropicModel(model=model, **options)
    if vendor == "openai":
        from openai import DefaultAsyncHttpxClient

        from sahur_core.llm.openai_model import OpenAIModel

        # Compatible servers speak chat completions; OpenAI's own serves both. How long a model may be silent while it thinks is
        # bounded by our own time limit, of which people are told, and not by one of LangChain's. A client of its own, because
        # the one that LangChain shares has connections of whichever event loop used it first.
        own = DefaultAsyncHttpxClient(timeout=options["timeout"])
        return OpenAIModel(
            model=model, stream_usage=True, use_responses_api=False, stream_chunk_timeout=None, http_async_client=own, **options
        )
    made: BaseChatModel = init_chat_model(name, **options)
    return made


def with_key(model: BaseChatModel, name: str) -> BaseChatModel:
    """The model, if it has its key. Some libraries would only fail later, and with a message about the connection."""
    for field in model.lc_secrets:
        secret = getattr(model, field, None)
        if isinstance(secret, SecretStr) and not secret.get_secret_value():
            raise missing_key(name)
    return model
