"""Models as the settings name them: each is reached with its own address and key, or the setting to mend is told."""

from __future__ import annotations

import pytest

from sahur_core.config import ModelConfig
from sahur_core.errors import ModelMisconfigured
from sahur_core.llm.named import NO_KEY, keys_of, model_config, stand_in, with_stand_ins

KEYS = keys_of(["anthropic=sk-ant", "openai=sk-openai", "gpu-1:8000=sk-gpu=="])
DEEP = ModelConfig(name="anthropic:claude-opus-4-5", api_key="sk-deep", base_url="https://proxy.example", timeout_seconds=300)


def test_keys_are_by_vendor_or_host():
    assert KEYS == {"anthropic": "sk-ant", "openai": "sk-openai", "gpu-1:8000": "sk-gpu=="}


@pytest.mark.parametrize("entry", ["sk-ant-secret", "openai=", "=sk-ant-secret"])
def test_an_entry_that_is_no_key_is_told_without_its_text(entry):
    with pytest.raises(ModelMisconfigured, match="Entry 2 of SAHUR_MODEL_KEYS") as raised:
        keys_of(["openai=sk-openai", entry])
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("spec", "name", "base_url", "key"),
    [
        ("openai:gpt-4.1", "openai:gpt-4.1", "", "sk-openai"),
        (" anthropic:claude-haiku-4-5", "anthropic:claude-haiku-4-5", "https://proxy.example", "sk-deep"),
        ("openai:qwen3:8b@http://gpu-1:8000/v1", "openai:qwen3:8b", "http://gpu-1:8000/v1", "sk-gpu=="),
        ("openai:qwen3@http://elsewhere/v1", "openai:qwen3", "http://elsewhere/v1", NO_KEY),
        ("anthropic:claude@https://api.anthropic.com", "anthropic:claude", "https://api.anthropic.com", NO_KEY),
        ("mistralai:large", "mistralai:large", "", ""),
        ("offline", "offline", "", ""),
    ],
)
def test_a_fallback_is_reached_with_the_key_that_is_meant_for_its_server(spec, name, base_url, key):
    found = stand_in(spec, [DEEP], KEYS)
    assert (found.name, found.base_url, found.api_key) == (name, base_url, key)


@pytest.mark.parametrize("spec", ["gpt-4.1", "openai:", ":gpt", "", "openai:gpt@https://"])
def test_a_fallback_that_names_no_model_is_told(spec):
    with pytest.raises(ModelMisconfigured, match="SAHUR_MODEL_FALLBACKS") as raised:
        stand_in(spec, [DEEP], KEYS)
    assert raised.value.next_step


def test_a_model_does_not_stand_in_for_itself_or_twice():
    other = ModelConfig(name="openai:gpt-4.1")
    assert with_stand_ins(DEEP, [DEEP, other, other]).fallbacks == (other,)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"base_url": "127.0.0.1:11434/v1"}, "SAHUR_MODEL_FAST_BASE_URL"),
        ({"timeout_seconds": 0}, "SAHUR_MODEL_FAST_TIMEOUT_SECONDS"),
        ({"max_answer_tokens": 10}, "SAHUR_MODEL_FAST_MAX_ANSWER_TOKENS"),
    ],
)
def test_a_setting_that_looks_wrong_is_named(fields, told):
    with pytest.raises(ModelMisconfigured, match=told) as raised:
        model_config("openai:gpt", setting="SAHUR_MODEL_FAST", **fields)
    assert raised.value.next_step


def test_without_a_name_the_rules_answer():
    assert model_config("", setting="SAHUR_MODEL").name == "offline"
