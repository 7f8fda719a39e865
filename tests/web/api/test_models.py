"""Admins see which models think and what they cost; staff keep the prices; no key is ever told."""

from __future__ import annotations

import asyncio
import uuid
from datetime import date

import pytest

from sahur.accounts.models import AuditEntry, User
from sahur.batch.model_rests import CacheBoard
from sahur.issues import models
from sahur.issues.services import prices
from sahur_core.config import Price
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

KEY = "sk-only-for-tests-0123456789"
PRICE = {"input": 2, "output": 8, "cached_input": 0.2}
ADDRESS = "/api/models/prices/gpt-9/"


@pytest.fixture(autouse=True)
def fresh():
    prices.forget()
    yield
    prices.forget()


@pytest.fixture
def staff(db) -> TestClient:
    return TestClient().sign_in(User.objects.create_superuser("sam", password="correct horse battery"))


@pytest.fixture
def configured(settings):
    """A deep model with a key, a fallback at a server of one's own, and a model to choose."""
    settings.MODEL = settings.MODEL_FAST = f"anthropic:claude-sonnet-4-5-{uuid.uuid4().hex[:8]}"
    settings.MODEL_BASE_URL = settings.MODEL_FAST_BASE_URL = settings.MODEL_FAST_API_KEY = ""
    settings.MODEL_API_KEY = KEY
    settings.MODEL_FALLBACKS = ["openai:qwen3@https://ann:pass-of-ann@gpu-1:8000/v1"]
    settings.MODEL_CHOICES = ["openai:gpt-5"]
    settings.MODEL_KEYS = []
    return settings


def test_an_admin_sees_models_with_price_and_without_any_key(admin, configured):
    answer = TestClient().sign_in(admin).get("/api/models/")
    deep, fallback, choice = answer.json()["models"]
    assert (deep["name"], deep["parts"], deep["key"]) == (configured.MODEL, ["deep", "fast"], "set")
    assert (deep["price"]["name"], deep["price"]["source"], deep["host"]) == ("claude-sonnet-4", "built_in", "")
    assert (fallback["parts"], fallback["host"], fallback["key"], fallback["price"]) == (
        ["fallback"],
        "gpu-1:8000",
        "not_needed",
        None,
    )
    assert (choice["parts"], choice["key"]) == (["choice"], "vendor_variable")
    assert KEY not in answer.content.decode()
    assert "pass-of-ann" not in answer.content.decode()


def test_a_model_that_rests_says_why_and_until_when(admin, configured):
    asyncio.run(CacheBoard().write(f"{configured.MODEL}@", 40, "rate_limited"))
    told = TestClient().sign_in(admin).get("/api/models/").json()
    assert told["models"][0]["rest"]["reason"] == "rate_limited"
    assert told["models"][1]["rest"] is None
    assert told["knows_rests"] is True


def test_settings_that_cannot_be_used_are_told_with_what_to_do(admin, configured):
    configured.MODEL_FALLBACKS = ["gpt-5"]
    told = TestClient().sign_in(admin).get("/api/models/").json()
    assert told["models"] == []
    assert "SAHUR_MODEL_FALLBACKS" in told["problem"]["detail"]
    assert told["problem"]["next_step"]


def test_whoever_starts_a_run_sees_what_there_is_to_choose(client, anonymous, configured):
    told = client.get("/api/models/choices/").json()["results"]
    assert [each["name"] for each in told] == [configured.MODEL, "openai:qwen3", "openai:gpt-5"]
    assert [each["is_default"] for each in told] == [True, False, False]
    assert client.get("/api/models/").status_code == 403
    assert anonymous.get("/api/models/choices/").status_code == 401


def test_staff_sets_a_price_which_holds_at_once_and_is_audited(staff, admin, configured):
    assert staff.send("put", ADDRESS, PRICE).json()["output"] == 8
    assert prices.current() == {"gpt-9": Price(input=2, output=8, cached_input=0.2)}
    entry = AuditEntry.objects.get(action="model_price.set")
    assert (entry.actor, entry.target, entry.detail["output"]) == ("sam", "gpt-9", 8)
    assert [each["name"] for each in TestClient().sign_in(admin).get("/api/models/").json()["prices"]] == ["gpt-9"]


def test_a_price_may_be_set_and_removed_twice(staff):
    assert [staff.send("put", ADDRESS, PRICE).status_code for _ in range(2)] == [200, 200]
    assert [staff.delete(ADDRESS).status_code for _ in range(2)] == [204, 204]
    assert prices.current() == {}
    assert AuditEntry.objects.filter(action="model_price.removed").count() == 1


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("/api/models/prices/openai:gpt-9/", PRICE, "name"),
        ("/api/models/prices/gpt%209/", PRICE, "name"),
        ("/api/models/prices/%00/", PRICE, "name"),
        ("/api/models/prices/%E2%80%AEgpt/", PRICE, "name"),
        (f"/api/models/prices/{'x' * 300}/", PRICE, "name"),
        (ADDRESS, PRICE | {"input": 1e308}, "input"),
        (ADDRESS, PRICE | {"input": -1}, "input"),
        (ADDRESS, PRICE | {"output": "nan"}, "output"),
        (ADDRESS, PRICE | {"cached_input": 20}, "cached_input"),
    ],
)
def test_a_price_that_cannot_be_right_is_refused_with_the_field(staff, address, body, field):
    answer = staff.send("put", address, body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not models.ModelPrice.objects.exists()


@pytest.mark.parametrize("name", ["%00", "x" * 300])
def test_a_price_that_cannot_be_there_is_removed_already(staff, name):
    assert staff.delete(f"/api/models/prices/{name}/").status_code == 204


def test_an_admin_of_a_team_changes_no_price(admin):
    client = TestClient().sign_in(admin)
    assert client.send("put", ADDRESS, PRICE).status_code == 403
    assert client.delete(ADDRESS).status_code == 403


def test_a_model_without_a_price_is_named_until_it_has_one(staff, admin, team, configured):
    models.TeamUsage.objects.create(team=team, day=date.today(), model="openai:gpt-9", model_calls=3, unpriced_calls=3)
    client = TestClient().sign_in(admin)
    assert client.get("/api/models/").json()["unpriced"] == [{"name": "openai:gpt-9", "calls": 3}]
    staff.send("put", ADDRESS, PRICE)
    assert client.get("/api/models/").json()["unpriced"] == []
