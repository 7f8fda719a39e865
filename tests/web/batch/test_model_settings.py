"""Settings become models: each role and fallback with its own address and key; what looks wrong names its setting."""

from __future__ import annotations

import pytest

from sahur.batch import bootstrap
from sahur.batch.model_settings import check_wanted, choosable, models_for, role_models
from sahur_core.errors import InputError, ModelMisconfigured


@pytest.fixture
def given(settings):
    def give(**changes):
        blank = {
            "MODEL": "anthropic:claude-opus-4-5",
            "MODEL_FAST": "",
            "MODEL_KEYS": [],
            "MODEL_FALLBACKS": [],
            "MODEL_CHOICES": [],
        }
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


CHOICES = {"MODEL_FAST": "anthropic:claude-haiku-4-5", "MODEL_FALLBACKS": ["openai:gpt-4.1"], "MODEL_KEYS": ["openai=sk-openai"]}


def test_roles_fallbacks_and_named_models_may_be_chosen(given):
    given(**CHOICES, MODEL_CHOICES=["openai:qwen3@http://gpu-1:8000/v1", "openai:gpt-4.1"])
    assert list(choosable()) == ["anthropic:claude-opus-4-5", "anthropic:claude-haiku-4-5", "openai:gpt-4.1", "openai:qwen3"]
    assert choosable()["openai:qwen3"].base_url == "http://gpu-1:8000/v1"


def test_the_chosen_model_plays_both_roles_and_the_fallbacks_stand_in(given):
    given(**CHOICES, MODEL_CHOICES=["openai:gpt-5"])
    fast, deep = models_for("openai:gpt-5")
    assert (fast, deep.name, deep.api_key) == (deep, "openai:gpt-5", "sk-openai")
    assert [other.name for other in deep.fallbacks] == ["openai:gpt-4.1"]
    assert models_for("") == role_models()


def test_a_model_that_is_not_offered_is_refused(given):
    given(**CHOICES)
    with pytest.raises(InputError) as refused:
        check_wanted("openai:gpt-6")
    assert (refused.value.field, "openai:gpt-4.1" in refused.value.next_step) == ("model", True)
    assert check_wanted(" openai:gpt-4.1 ") == "openai:gpt-4.1"


def test_a_run_whose_model_is_gone_is_told_so(given):
    given(**CHOICES)
    with pytest.raises(ModelMisconfigured, match="openai:gpt-6") as raised:
        models_for("openai:gpt-6")
    assert "SAHUR_MODEL_CHOICES" in raised.value.next_step


def test_a_choice_that_names_no_model_names_its_setting(given):
    given(**CHOICES, MODEL_CHOICES=["gpt-5"])
    with pytest.raises(ModelMisconfigured, match="SAHUR_MODEL_CHOICES"):
        choosable()


def test_an_attempt_asks_the_model_that_its_run_wants(given):
    given(**CHOICES)
    for cached in (bootstrap.config, bootstrap.model_client):
        cached.cache_clear()
    try:
        assert bootstrap.config("openai:gpt-4.1").deep.name == "openai:gpt-4.1"
        assert bootstrap.model_client("openai:gpt-4.1") is not bootstrap.model_client()
    finally:
        for cached in (bootstrap.config, bootstrap.model_client):
            cached.cache_clear()
