"""Models as the settings name them: which one plays a role, which stand in for it, and whose key each of them gets.

A model is `provider:model`, or `provider:model@https://its-server/v1` where its server is not the vendor's own. Keys are
given by vendor, or by host for a server with an address of its own: no key is sent to a server that it is not meant for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from sahur_core.config import OFFLINE, ModelConfig
from sahur_core.errors import ModelMisconfigured

NO_KEY = "none"
"""What a server of one's own gets that needs no key: the vendors' libraries want to send something."""


def keys_of(entries: Iterable[str]) -> dict[str, str]:
    """`vendor=key` or `host=key` entries. Raises `ModelMisconfigured`, without the entry: it may be a key."""
    keys = {}
    for position, entry in enumerate(entries, 1):
        name, sign, key = entry.strip().partition("=")
        if not (sign and name.strip() and key.strip()):
            raise ModelMisconfigured(
                f"Entry {position} of SAHUR_MODEL_KEYS is not of the form vendor=key.",
                next_step="Write it as anthropic=sk-…,openai=sk-…; for a server of your own as gpu-1:8000=its-key.",
            )
        keys[name.strip().lower()] = key.strip()
    return keys


def model_config(
    name: str, *, setting: str, base_url: str = "", api_key: str = "", keys: Mapping[str, str] | None = None, **fields: Any
) -> ModelConfig:
    """One model. `setting` is what to mend if it cannot be used. Raises `ModelMisconfigured`."""
    _check_address(base_url, f"{setting}_BASE_URL")
    key = api_key or _key_for(name, base_url, keys or {})
    try:
        return ModelConfig(name=name or OFFLINE, base_url=base_url, api_key=key, **fields)
    except ValidationError as error:
        [detail, *_] = error.errors()
        field = str(detail["loc"][0])
        raise ModelMisconfigured(
            f"{setting}_{field.upper()} cannot be used: {detail['msg']}.", next_step="Set it to another value, or leave it out."
        ) from error


def stand_in(
    spec: str, like: Iterable[ModelConfig], keys: Mapping[str, str], *, setting: str = "SAHUR_MODEL_FALLBACKS"
) -> ModelConfig:
    """The model of one entry of `setting`. Without an address it is reached as those of its vendor in `like`.

    Raises `ModelMisconfigured`.
    """
    name, at, address = spec.strip().partition("@http")
    base_url = f"http{address}" if at else ""
    vendor, colon, model = name.partition(":")
    if name != OFFLINE and not (vendor and colon and model):
        raise ModelMisconfigured(
            f"{spec!r} in {setting} names no model.",
            next_step="Write each as provider:model, such as openai:gpt-4.1, or provider:model@https://server/v1.",
        )
    if at:
        _check_address(base_url, setting)
        return ModelConfig(name=name, base_url=base_url, api_key=keys.get(_host(base_url), NO_KEY))
    for config in like:
        if is_same_vendor(config.name, name):
            return config.model_copy(update={"name": name, "fallbacks": ()})
    return ModelConfig(name=name, api_key=_key_for(name, "", keys))


def with_stand_ins(config: ModelConfig, others: Iterable[ModelConfig]) -> ModelConfig:
    """The model with those that answer while it cannot: the others, each once."""
    own = (config.name, config.base_url)
    distinct = {(other.name, other.base_url): other for other in others}
    return config.model_copy(update={"fallbacks": tuple(other for known, other in distinct.items() if known != own)})


def is_same_vendor(first: str, second: str) -> bool:
    return first.partition(":")[0] == second.partition(":")[0]


def _key_for(name: str, base_url: str, keys: Mapping[str, str]) -> str:
    """Empty where the vendor's own environment variable is to be used."""
    if base_url:
        return keys.get(_host(base_url), "")
    return keys.get(name.partition(":")[0].lower(), "")


def _check_address(base_url: str, setting: str) -> None:
    if base_url and not (base_url.startswith(("http://", "https://")) and _host(base_url)):
        raise ModelMisconfigured(
            f"The address of a model's server in {setting} cannot be used: {base_url!r}.",
            next_step="Write it with http:// or https://, such as http://127.0.0.1:11434/v1.",
        )


def _host(base_url: str) -> str:
    return urlsplit(base_url).netloc.rpartition("@")[2].lower()
