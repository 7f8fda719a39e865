"""The settings of the models (docs/models.md) as the core's configuration."""

from __future__ import annotations

from django.conf import settings

from sahur_core.config import ModelConfig
from sahur_core.errors import InputError, ModelMisconfigured
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


def choosable() -> dict[str, ModelConfig]:
    """The models that a run may be asked to use, by name: those of the roles, the fallbacks, and SAHUR_MODEL_CHOICES.

    Raises `ModelMisconfigured`.
    """
    fast, deep = role_models()
    keys = keys_of(settings.MODEL_KEYS)
    more = [stand_in(spec, (deep, fast), keys, setting="SAHUR_MODEL_CHOICES") for spec in settings.MODEL_CHOICES]
    found: dict[str, ModelConfig] = {}
    for config in (deep, fast, *deep.fallbacks, *more):
        found.setdefault(config.name, config)
    return found


def models_for(wanted: str) -> tuple[ModelConfig, ModelConfig]:
    """The models of the roles fast and deep in a run that is to use `wanted`, empty for the configured ones.

    The fallbacks stand in for it, too. Raises `ModelMisconfigured`, also if it is no longer among the choices.
    """
    fast, deep = role_models()
    if not wanted:
        return fast, deep
    chosen = choosable().get(wanted)
    if chosen is None:
        raise ModelMisconfigured(
            f"The run was asked to use the model {wanted}, which this worker does not have.",
            next_step="Start another run with one of the models that are offered, or add it to SAHUR_MODEL_CHOICES.",
        )
    both = with_stand_ins(chosen, deep.fallbacks)
    return both, both


def check_wanted(wanted: str) -> str:
    """The name of a model that may be asked for; empty for the configured ones. Raises `InputError`."""
    wanted = wanted.strip()
    if wanted and wanted not in choosable():
        raise InputError(
            f"There is no model {wanted[:100]!r} to choose.", next_step=f"Use one of: {', '.join(choosable())}.", field="model"
        )
    return wanted
