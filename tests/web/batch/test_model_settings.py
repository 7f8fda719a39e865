"""Settings become models: each role and fallback with its own address and key; what looks wrong names its setting."""

from __future__ import annotations

import pytest

from sahur.batch import bootstrap
from sahur.batch.model_settings import role_models
from sahur_core.errors import ModelMisconfigured


@pytest.fixture
def given(settings):
    def give(**changes):
        blank = {"MODEL": "anthropic:claude-opus-4-5", "MODEL_FAST": "", "MODEL_KEYS": [], "MODEL_FALLBACKS": []}
        for name, value in {**blank, "MODEL_API_KEY": "sk-deep", "MODEL_BASE_URL": "", **changes}.items():
            setattr(settings, name, value)
        return role_models()

    return give


def test_the_fast_model_is_the_deep_one_where_nothing_else_is_said(given):
    fast, deep = given(MODEL_BASE_URL="https://proxy.example")
    assert fast == deep
    assert (deep.name, deep.base_url, deep.api_key) == ("anthropic:claude-opus-4-5", "https://proxy.example", "sk-deep")


def test_a_fast_model_of_the_same_vendor_shares_address_and_key(given):
    fast, _ = given(MODEL_FAST="anthropic:claude-haiku-4-5", MODEL_BASE_URL="https://proxy.example")
    assert (fast.base_url, fast.api_key) == ("https://proxy.example", "sk-deep")


def test_a_fast_model_of_another_vendor_never_gets_the_deep_ones_key(given):
    fast, _ = given(MODEL_FAST="openai:gpt-5-mini", MODEL_BASE_URL="https://proxy.example")
    assert (fast.base_url, fast.api_key) == ("", "")
    fast, _ = given(MODEL_FAST="openai:gpt-5-mini", MODEL_KEYS=["openai=sk-openai"])
    assert fast.api_key == "sk-openai"
    fast, _ = given(MODEL_FAST="anthropic:claude", MODEL_FAST_BASE_URL="https://elsewhere.example")
    assert fast.api_key == ""


def test_a_role_may_have_everything_of_its_own(given):
    fast, deep = given(
        MODEL_FAST="openai:qwen3",
        MODEL_FAST_BASE_URL="http://gpu-1/v1",
        MODEL_FAST_API_KEY="none",
        MODEL_FAST_TIMEOUT_SECONDS=30.0,
        MODEL_FAST_MAX_ANSWER_TOKENS=1024,
    )
    assert (fast.base_url, fast.api_key, fast.timeout_seconds, fast.max_answer_tokens) == ("http://gpu-1/v1", "none", 30, 1024)
    assert deep.timeout_seconds == 120


def test_fallbacks_stand_in_for_both_roles(given):
    fast, deep = given(MODEL_FALLBACKS=["openai:gpt-4.1", "anthropic:claude-opus-4-5"], MODEL_KEYS=["openai=sk-openai"])
    assert [other.name for other in fast.fallbacks] == ["openai:gpt-4.1"] == [other.name for other in deep.fallbacks]
    assert deep.fallbacks[0].api_key == "sk-openai"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"MODEL_FALLBACKS": ["gpt-4.1"]}, "SAHUR_MODEL_FALLBACKS"),
        ({"MODEL_KEYS": ["sk-secret"]}, "SAHUR_MODEL_KEYS"),
        ({"MODEL_BASE_URL": "localhost:8000"}, "SAHUR_MODEL_BASE_URL"),
        ({"MODEL_TIMEOUT_SECONDS": 0.0}, "SAHUR_MODEL_TIMEOUT_SECONDS"),
    ],
)
def test_what_looks_wrong_names_its_setting(given, changes, told):
    with pytest.raises(ModelMisconfigured, match=told) as raised:
        given(**changes)
    assert raised.value.next_step
    # The claim of a run asks for the name: a wrong setting must end the run with its reason, not keep it from being claimed.
    assert bootstrap.model_name() == "anthropic:claude-opus-4-5"


def test_without_settings_the_rules_answer(given):
    fast, deep = given(MODEL="", MODEL_API_KEY="")
    assert fast.name == deep.name == "offline"
