"""The settings of the models (docs/models.md) as the core's configuration."""

from __future__ import annotations

from django.conf import settings

from sahur_core.config import ModelConfig
from sahur_core.llm.named import is_same_vendor, keys_of, model_config, stand_in, with_stand_ins


def role_models() -> tuple[ModelConfig, ModelConfig]:
    """The models of the roles fast and deep. Raises `ModelMisconfigured` with the setting to mend."""
    keys = keys_of(settings.MODEL_KEYS)
    deep = model_config(
        settings.MODEL,
        setting="SAHUR_MODEL",
        base_url=settings.MODEL_BASE_URL,
        api_key=settings.MODEL_API_KEY,
        keys=keys,
        timeout_seconds=settings.MODEL_TIMEOUT_SECONDS,
        max_answer_tokens=settings.MODEL_MAX_ANSWER_TOKENS,
    )
    # Address and key are a vendor's: those of the deep model are of no use for a fast one of another vendor.
    name = settings.MODEL_FAST or settings.MODEL
    base_url = settings.MODEL_FAST_BASE_URL or (deep.base_url if is_same_vendor(name, deep.name) else "")
    shares_key = is_same_vendor(name, deep.name) and base_url == deep.base_url
    fast = model_config(
        name,
        setting="SAHUR_MODEL_FAST",
        base_url=base_url,
        api_key=settings.MODEL_FAST_API_KEY or (deep.api_key if shares_key else ""),
        keys=keys,
        timeout_seconds=settings.MODEL_FAST_TIMEOUT_SECONDS,
        max_answer_tokens=settings.MODEL_FAST_MAX_ANSWER_TOKENS,
    )
    others = [stand_in(spec, (deep, fast), keys) for spec in settings.MODEL_FALLBACKS]
    return with_stand_ins(fast, others), with_stand_ins(deep, others)
