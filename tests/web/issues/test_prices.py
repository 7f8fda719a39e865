"""Prices are kept in the admin, with a record of who changed them, and hold without a restart."""

from __future__ import annotations

import pytest

from sahur.accounts.models import AuditEntry
from sahur.issues import models
from sahur.issues.services import prices
from sahur_core.config import Price
from sahur_core.llm.prices import PRICES, cost_of, price_of

pytestmark = pytest.mark.django_db
ADD = "/admin/issues/modelprice/add/"
FORM = {"name": "gpt-9", "input": "2", "output": "8", "cached_input": "0.2"}


@pytest.fixture(autouse=True)
def fresh():
    prices.forget()
    yield
    prices.forget()


def test_a_price_of_the_table_holds_at_once_and_is_audited(admin_client, admin_user):
    assert prices.current() == {}
    admin_client.post(ADD, FORM)
    assert prices.current() == {"gpt-9": Price(input=2, output=8, cached_input=0.2)}
    entry = AuditEntry.objects.get(action="model_price.set")
    assert (entry.actor, entry.target, entry.detail["output"]) == (admin_user.get_username(), "gpt-9", 8)


def test_a_changed_or_removed_price_is_audited_too(admin_client):
    admin_client.post(ADD, FORM)
    admin_client.post("/admin/issues/modelprice/gpt-9/change/", FORM | {"input": "3", "name": "other"})
    assert {name: price.input for name, price in prices.current().items()} == {"gpt-9": 3}
    admin_client.post("/admin/issues/modelprice/gpt-9/delete/", {"post": "yes"})
    assert prices.current() == {}
    actions = AuditEntry.objects.filter(target="gpt-9").order_by("at").values_list("action", flat=True)
    assert list(actions) == ["model_price.set", "model_price.set", "model_price.removed"]


@pytest.mark.parametrize("name", ["openai:gpt-9", "openrouter/gpt-9", "gpt 9", ""])
def test_a_name_that_no_model_has_is_refused(admin_client, name):
    page = admin_client.post(ADD, FORM | {"name": name}).content.decode()
    assert "errorlist" in page
    assert not models.ModelPrice.objects.exists()


def test_cached_input_that_costs_more_is_a_slip(admin_client):
    assert "never costs more" in admin_client.post(ADD, FORM | {"cached_input": "20"}).content.decode()
    assert not models.ModelPrice.objects.exists()


def test_a_price_beyond_all_others_is_a_slip(admin_client):
    assert "from 0 to" in admin_client.post(ADD, FORM | {"output": "1e300"}).content.decode()
    assert not models.ModelPrice.objects.exists()


def test_the_table_is_not_read_at_every_call(django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(5):
            prices.current()
    models.ModelPrice.objects.create(name="gpt-9", input=1, output=1)
    assert prices.current() == {}


def test_a_change_by_another_process_is_seen_after_a_while(monkeypatch):
    assert prices.current() == {}
    models.ModelPrice.objects.create(name="gpt-9", input=1, output=1)
    monkeypatch.setattr(prices, "CACHE_SECONDS", 0.0)
    assert set(prices.current()) == {"gpt-9"}


def test_the_table_goes_before_the_built_in_list():
    edited = {"claude-sonnet-4": Price(input=1, output=1)}
    assert price_of("anthropic:claude-sonnet-4-5-20250929", edited) == edited["claude-sonnet-4"]
    assert price_of("claude-haiku-4-5", edited) == PRICES["claude-haiku-4-5"]
    assert cost_of("nobody-knows", 5, 5, edited=edited) is None
    assert price_of("ollama:llama3:8b", {"llama3:8b": Price(input=0, output=0)}) is not None
